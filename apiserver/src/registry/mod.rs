//! Which kinds there are: one [`Resource`] per group, version and plural name.
//!
//! Kinds are data. Built-in kinds are rows of a table plus OpenAPI definitions; a CRD yields the same
//! description at run time. Handlers know only descriptions.

mod resource;

pub use resource::{Column, ResetFields, Resource, Scale, Scope};
