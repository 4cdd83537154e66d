//! What a rule may cost at most, as the real server reckons before it takes a CRD.
//!
//! [`estimate()`] goes through an expression and adds up, in units of one field access: sizes come from the bounds of
//! the schema ([`Place`]) and, where there are none, from how much fits into a request. [`Budget`] compares with what a
//! rule, and all rules of a schema, may cost. A rule that lacks bounds is refused however small the objects are.
//!
//! What evaluation costs in the end is counted elsewhere, by the values it works on (`run`).

mod budget;
mod call;
mod estimate;
mod known;
mod place;
mod range;

pub(crate) use self::budget::Budget;
pub(super) use self::estimate::estimate;
pub(crate) use self::place::Place;
