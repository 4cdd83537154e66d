//! What an operator needs installed, from the types that run: definitions of its kinds, its role, and what its
//! webhooks need.
//!
//! Everything here is pure: [`Declaration`]s go in, [`Manifests`] come out, and [`text`] makes text of them, the
//! same text every time. `files` decides which file a text belongs to. Reading and writing is up to the
//! [`program`](crate::program).

// What `manifests` runs gives an error in place of a panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

mod declaration;
mod definition;
mod evolve;
mod files;
mod people;
mod role;
mod text;

pub use declaration::{Declaration, Manifests};
pub use evolve::Evolved;
pub use people::PeopleRoles;
pub use text::Format;

pub(crate) use files::{File, files};
