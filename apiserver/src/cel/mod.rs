//! CEL: validation rules of custom resources, and conditions of webhooks.
//!
//! [`Rule`] is one rule of a schema, compiled once per CRD; [`validate()`] runs the rules of a schema on an object and
//! [`check()`] says what is wrong with a rule before it is stored.
//! Parsing and Kubernetes' function libraries are those of `kube-cel`; what type an expression has (`types`), what a
//! rule sees of an object (`value`), how it is gone through (`run`), and in which words it refuses is decided here.
//!
//! What rules may cost is reckoned before they are stored (`cost`), and what they do cost is counted when they run, both
//! at the same rates (`rate`).

mod check;
mod condition;
mod cost;
mod engine;
mod macros;
mod name;
mod path;
mod rate;
mod rule;
mod run;
mod types;
mod validate;
mod value;

pub(crate) use self::check::{Checked, check};
pub(crate) use self::condition::{Condition, all_hold};
pub(crate) use self::cost::{Budget, Place};
pub(crate) use self::path::{Arrays, resolve};
pub use self::rule::Rule;
pub(crate) use self::validate::{let_pass, told, validate};
