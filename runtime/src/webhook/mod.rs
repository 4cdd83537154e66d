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

pub mod conversion;

mod admission;
mod call;
mod counts;
mod declare;
mod field;
mod install;
mod reply;
mod serve;
mod service;

pub use admission::{
    Admission, AdmissionWebhook, Defaulting, FailurePolicy, MatchPolicy, Operation, Reinvocation,
    SideEffects, User, Validating,
};
pub use conversion::{ConversionWebhook, Hub, Spoke};
pub use counts::{Call, Observer, Panicked, Report};
pub use declare::Webhook;
pub use field::{FieldError, FieldErrors, FieldPath, FieldReason, field};
pub use install::{PORT, SERVICE};
pub use service::{BODY_LIMIT, Webhooks};

pub(crate) use install::{Installed, install};
pub(crate) use serve::Serving;
