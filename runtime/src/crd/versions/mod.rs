//! The versions of a kind, put together into the one definition an API server takes.
//!
//! Each version is a Rust type of its own, in a module of its own, and makes a [`Definition`] with one version.
//! [`merge`] makes one of them, or says which types do not fit together and what to write. It knows nothing of
//! webhooks: where there is none, `room` makes sure that none is needed.
//!
//! Read in order: `definition`, `merge`, `alike` (names and scope), `room` (fields).

mod alike;
mod definition;
mod error;
mod merge;
#[cfg_attr(
    not(test),
    expect(clippy::indexing_slicing, reason = "the sides of a pair are 0 and 1")
)]
mod room;

#[cfg(test)]
mod tests;

pub use definition::Definition;
pub use error::MergeError;
pub use merge::{Conversion, merge};

#[cfg(feature = "runtime")]
pub(crate) use definition::families;
pub(super) use room::differences;
