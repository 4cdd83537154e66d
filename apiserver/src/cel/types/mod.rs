//! What type an expression has, and what of it has none: names nobody declared, and calls that no function answers.

mod checker;
mod kind;
mod literal;
mod position;
mod signature;

pub(super) use self::checker::type_of;
pub(super) use self::kind::Kind;
