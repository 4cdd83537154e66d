//! Corners of the language and of serde, where a derive could go wrong: rows as elsewhere, and whole kinds, whose
//! definitions are sent to a server as they are.
//!
//! [`names`] has what things are called, [`generics`] parameters and recursion, [`attributes`] serde's rarer ones,
//! [`values`] types of the standard library and foreign ones, and [`kinds`] custom resources in places nobody expects.

mod attributes;
mod generics;
#[allow(clippy::duplicated_attributes, reason = "columns have their type in common")]
mod kinds;
#[allow(clippy::empty_docs, reason = "users write them")]
mod names;
#[allow(clippy::type_complexity, reason = "that is what they are about")]
mod values;

pub(crate) use kinds::kinds;

use crate::row::Row;

pub(crate) fn rows() -> Vec<Row> {
    let rooms = [
        names::rows(),
        generics::rows(),
        attributes::rows(),
        values::rows(),
    ];
    rooms.into_iter().flatten().collect()
}
