//! Schemas of kinds, and what is done by them: pruning, defaulting, validation.
//!
//! One model serves built-in kinds (from the OpenAPI definitions of a real server) and CRDs (from their
//! `openAPIV3Schema`). Everything that walks an object by its schema – here, in `fields` and in `patch` – uses
//! [`Node`], which resolves references between definitions.

mod definitions;
mod model;
mod node;
mod parse;

pub use definitions::Definitions;
pub use model::{Additional, Bound, ListType, MapType, Schema, Type};
pub use node::Node;
