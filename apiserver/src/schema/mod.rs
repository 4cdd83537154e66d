//! Schemas of kinds, and what is done by them: decoding, pruning, defaulting, validation.
//!
//! One model serves built-in kinds (from the OpenAPI definitions of a real server) and CRDs (from their
//! `openAPIV3Schema`). Everything that walks an object by its schema – here, in `fields` and in `patch` – uses
//! [`Node`], which resolves references between definitions.
//!
//! The passes over an object, in the order a request meets them: [`decode`] (types, unknown and duplicate fields),
//! [`prune()`], [`default()`], [`validate()`].

pub mod decode;
mod default;
mod definitions;
mod format;
pub mod go;
mod model;
mod node;
mod parse;
mod pattern;
mod prune;
pub mod quantity;
mod validate;

pub use default::default;
pub use definitions::Definitions;
pub(crate) use format::text_formats;
pub use model::{Additional, Bound, ListType, MapType, Schema, Type};
pub use node::Node;
pub use pattern::Pattern;
pub use prune::{prune, prune_value};
pub(crate) use validate::same_item;
pub use validate::{UNCHECKED_RULES, has_rules, validate};
