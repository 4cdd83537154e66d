//! Admission: what is asked before an object is stored.
//!
//! [`Defaulting`] fills in what a user left out, [`Validating`] refuses what makes no sense; both are told through
//! [`Admission`] who asks for what. [`AdmissionWebhook`] is one of them with its options.
//!
//! Inside: `review` is the wire, `request` what users see of it, `carry` puts a typed change onto a raw object,
//! `refuse` makes answers of errors, `configuration` writes what the API server has to know.

mod carry;
mod configuration;
mod defaulting;
mod refuse;
mod request;
mod review;
mod validating;
mod webhook;

pub use configuration::{FailurePolicy, MatchPolicy, Reinvocation, SideEffects};
pub use defaulting::Defaulting;
pub use request::{Admission, Operation, User};
pub use validating::Validating;
pub use webhook::AdmissionWebhook;

pub(crate) use configuration::{MUTATING, Place, VALIDATING, configurations};
pub(super) use review::answer;
