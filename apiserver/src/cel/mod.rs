//! CEL: validation rules of custom resources, and conditions of webhooks.
//!
//! [`Rule`] is one rule of a schema, compiled once per CRD; [`validate()`] runs the rules of a schema on an object and
//! [`check()`] says what is wrong with a rule before it is stored.
//! Parsing, evaluation and Kubernetes' function libraries are those of `kube-cel`; what a rule sees of an object
//! (`value`), when it is run, and in which words it refuses is decided here.
//!
//! What rules may cost is reckoned before they are stored (`cost`); when they run, it is not counted.

mod check;
mod condition;
mod cost;
mod engine;
mod name;
mod rule;
mod types;
mod validate;
mod value;

pub(crate) use self::check::{Checked, check};
pub(crate) use self::condition::{Condition, all_hold};
pub(crate) use self::cost::{Budget, Place};
pub use self::rule::Rule;
pub(crate) use self::validate::{let_pass, validate};
