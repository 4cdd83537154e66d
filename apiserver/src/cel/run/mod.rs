//! Evaluating expressions, and counting on the way what that costs.
//!
//! The library calls functions; everything around the calls is done here ([`runner`]), so that each step can be
//! counted by what it really works on ([`price`]), with the units of the estimate in [`super::cost`]. A step that is
//! one too many ends the evaluation.

mod plain;
mod price;
mod runner;
mod value;

pub(super) use self::runner::{Outcome, run};
pub(super) use self::value::optional;

/// The most that one evaluation may cost.
pub(super) const LIMIT_OF_A_CALL: u64 = 1_000_000;
/// The most that all rules may cost that an object is held against.
pub(super) const BUDGET_OF_AN_OBJECT: u64 = 10_000_000;
/// The most that the conditions of one webhook may cost together.
pub(super) const BUDGET_OF_CONDITIONS: u64 = 2_500_000;
/// What is said of an evaluation that costs too much.
pub(super) const TOO_DEAR: &str = "operation cancelled: actual cost limit exceeded";
