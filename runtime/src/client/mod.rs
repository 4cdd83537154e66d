//! The client of an operator: how it is found, and the layers that every request goes through.
//!
//! A layer is a file; [`measured`] counts and times requests.

mod find;
mod measure;

pub(crate) use find::find;
pub(crate) use measure::measured;
