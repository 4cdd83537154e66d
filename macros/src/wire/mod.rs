//! What Rust types are on the wire, as far as a macro sees: fields by their names in JSON, and kinds of values.
//!
//! A macro knows the type it stands on and the names of all others. What it cannot see, such as the fields of another
//! type, becomes a question to the compiler ([`Need`]), which answers from the constants `#[derive(KubeSchema)]`
//! leaves behind (`krate::crd::shape`).
//!
//! Read in order: `name` (serde's names), `value` (what a type is), `record` (fields), `need` (questions), `shape`
//! (what answers them).

mod attribute;
pub(crate) mod name;
mod need;
mod record;
mod shape;
mod value;

pub(crate) use attribute::Attributes;
pub(crate) use need::{Need, Question, placed};
pub(crate) use record::{Named, Record};
pub(crate) use shape::{Transitions, shape};
pub(crate) use value::{Context, Foreign, INTEGERS, Mask, Step, Value};
