//! Webhooks: what the API server asks the operator while it serves a request.
//!
//! [`Webhook`] makes them, [`Operator::webhook`](crate::Operator::webhook) adds them:
//!
//! - [`Defaulting`] fills in what a user left out, [`Validating`] refuses what makes no sense; mistakes are told
//!   [by field](fn@field).
//! - [`conversion`] turns the versions of a kind into each other, through the one that is stored.
//!
//! Reviews are bodies in and bodies out; sockets are left to the operator's server (`serve`).
//! Inside: [`Webhooks`] finds the webhook of a path, `call` keeps it from taking too long or the server down,
//! `counts` keeps the numbers, `install` says what the API server has to know.
//!
//! Without the feature `runtime` only the traits of [`conversion`] are left, which belong to the types.

// What an API server waits for, and what `manifests` says of it, is an answer or an error and no panic.
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

pub mod conversion;

#[cfg(feature = "runtime")]
mod admission;
#[cfg(feature = "runtime")]
mod call;
#[cfg(feature = "runtime")]
mod counts;
#[cfg(feature = "runtime")]
mod declare;
#[cfg(feature = "runtime")]
mod field;
#[cfg(feature = "runtime")]
mod install;
#[cfg(feature = "runtime")]
mod reply;
#[cfg(feature = "runtime")]
mod serve;
#[cfg(feature = "runtime")]
mod service;

#[cfg(feature = "runtime")]
pub use admission::{
    Admission, AdmissionWebhook, Defaulting, FailurePolicy, MatchPolicy, Operation, Reinvocation,
    SideEffects, User, Validating,
};
#[cfg(feature = "runtime")]
pub use conversion::ConversionWebhook;
pub use conversion::{Hub, Spoke};
#[cfg(feature = "runtime")]
pub use counts::{Call, Observer, Panicked, Report};
#[cfg(feature = "runtime")]
pub use declare::Webhook;
#[cfg(feature = "runtime")]
pub use field::{FieldError, FieldErrors, FieldPath, FieldReason, field};
#[cfg(feature = "runtime")]
pub use install::{PORT, SERVICE};
#[cfg(feature = "runtime")]
pub use service::{BODY_LIMIT, Webhooks};

#[cfg(feature = "runtime")]
pub(crate) use install::{Installed, install};
#[cfg(feature = "runtime")]
pub(crate) use serve::Serving;
