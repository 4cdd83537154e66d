//! Which kinds there are: one [`Resource`] per group, version and plural name.
//!
//! Kinds are data. Built-in kinds are rows of a table plus OpenAPI definitions; a CRD yields the same
//! description at run time. Handlers know only descriptions. Start at [`Registry`].

pub mod addresses;
mod behavior;
mod built_in;
mod kinds;
mod resource;
pub mod strategy;

pub use built_in::KUBERNETES_VERSION;
pub(crate) use kinds::priority as version_priority;
pub use kinds::{Group, GroupVersion, Kinds, Registry};
pub use resource::{Column, Conversion, ResetFields, Resource, Scale, Scope, Subresource};
