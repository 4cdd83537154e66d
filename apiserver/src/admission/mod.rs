//! Admission by webhooks, the pure part: which webhooks there are, which of them a write concerns, what they are
//! asked, and what their answers mean.
//!
//! Start at [`Hooks`], compiled from the stored configurations once per change. Calling them, in which order and
//! with which object, is the business of `handler`.

mod attributes;
mod hook;
mod hooks;
mod review;

pub(crate) use self::attributes::{Attributes, Operation, Shape};
pub(crate) use self::hook::{Hook, OnFailure, Reinvocation};
pub(crate) use self::hooks::{Cache, Hooks, is_exempt};
pub(crate) use self::review::{Patch, Verdict, read, review};
