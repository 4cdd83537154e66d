//! What generated code calls; not for anyone else, and free to change.

#[cfg(feature = "runtime")]
mod reconciler;

pub use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
pub use {k8s_openapi, kube, schemars, serde};

/// kube's words for rules and merge strategies, which its derive has in scope where they are written.
pub mod words {
    pub use kube::core::{ListMerge, MapMerge, Message, Reason, Rule, StructMerge};
}

pub use crate::crd::schema::edit as schema;
pub use crate::crd::{
    BareParts, Column, CustomResource, Declaration, Deprecation, Parts, Scale, SchemaError, Scope,
    definition, infallible, serialize, serialize_flat, shape, stores,
};
pub use crate::webhook::conversion::derived as conversion;

#[cfg(feature = "runtime")]
pub use reconciler::{
    DefinitionProbe, ForeignDefinition, NoDefinition, OwnDefinition, default_name, nothing,
};
