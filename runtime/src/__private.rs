//! What generated code calls; not for anyone else, and free to change.

use std::borrow::Cow;
use std::marker::PhantomData;

pub use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
pub use {k8s_openapi, kube, schemars, serde};

pub use crate::crd::{
    Column, CustomResource, Declaration, Deprecation, Scale, SchemaError, Scope, definition, infallible,
    serialize, serialize_flat,
};
use crate::reconcile::Object;

/// Returns the name of a controller that was given none: its kind in lower case.
#[must_use]
pub fn default_name<K: Object>() -> Cow<'static, str> {
    Cow::Owned(K::kind(&()).to_lowercase())
}

/// Finds out whether a kind has a definition to install, by which method the compiler picks.
///
/// On a reference to the probe, [`WithDefinition`] needs one reference less than [`WithoutDefinition`] and wins
/// wherever its bound holds.
#[derive(Debug)]
pub struct DefinitionProbe<K>(PhantomData<fn() -> K>);

impl<K> DefinitionProbe<K> {
    /// Returns a probe.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "called by generated code only")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The kind has a definition.
pub trait WithDefinition {
    /// Returns it.
    fn definitions(&self) -> Vec<CustomResourceDefinition>;
}

impl<K: CustomResourceExt> WithDefinition for DefinitionProbe<K> {
    fn definitions(&self) -> Vec<CustomResourceDefinition> {
        vec![K::crd()]
    }
}

/// The kind is built in.
pub trait WithoutDefinition {
    /// Returns nothing.
    fn definitions(&self) -> Vec<CustomResourceDefinition>;
}

impl<K> WithoutDefinition for &DefinitionProbe<K> {
    fn definitions(&self) -> Vec<CustomResourceDefinition> {
        Vec::new()
    }
}
