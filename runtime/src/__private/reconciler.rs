//! What `#[derive(Reconciler)]` calls.

use std::borrow::Cow;
use std::marker::PhantomData;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;

use crate::cache::ObjectKey;
use crate::error::Result;
use crate::object::Object;

/// Returns the name of a controller that was given none: its kind in lower case.
#[must_use]
pub fn default_name<K: Object>() -> Cow<'static, str> {
    Cow::Owned(K::kind(&()).to_lowercase())
}

/// Maps an object to nothing: a kind that is watched to be read.
#[must_use]
pub fn nothing<K>(_: &K) -> [ObjectKey; 0] {
    []
}

/// Finds out what definition a kind has to install, by which method the compiler picks.
///
/// On `&&DefinitionProbe`, a method of `&DefinitionProbe` is found first, then one of `&&DefinitionProbe`, then one
/// of `DefinitionProbe`, each only if its bound holds.
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

/// The kind is derived with this crate: problems of its schema are errors.
pub trait OwnDefinition {
    /// Returns the definition.
    fn definitions(&self) -> Result<Vec<CustomResourceDefinition>>;
}

impl<K: crate::crd::CustomResource> OwnDefinition for &DefinitionProbe<K> {
    fn definitions(&self) -> Result<Vec<CustomResourceDefinition>> {
        if K::DECLARATION.skip {
            return Ok(Vec::new());
        }
        Ok(vec![K::try_crd()?])
    }
}

/// The kind brings a definition some other way.
pub trait ForeignDefinition {
    /// Returns the definition.
    fn definitions(&self) -> Result<Vec<CustomResourceDefinition>>;
}

impl<K: CustomResourceExt> ForeignDefinition for &&DefinitionProbe<K> {
    fn definitions(&self) -> Result<Vec<CustomResourceDefinition>> {
        Ok(vec![K::crd()])
    }
}

/// The kind is built in.
pub trait NoDefinition {
    /// Returns nothing.
    fn definitions(&self) -> Result<Vec<CustomResourceDefinition>>;
}

impl<K> NoDefinition for DefinitionProbe<K> {
    fn definitions(&self) -> Result<Vec<CustomResourceDefinition>> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use kube::core::ApiResource;

    use super::*;

    struct Foreign;

    impl CustomResourceExt for Foreign {
        fn crd() -> CustomResourceDefinition {
            CustomResourceDefinition::default()
        }
        fn crd_name() -> &'static str {
            "foreigns.example.com"
        }
        fn api_resource() -> ApiResource {
            ApiResource::erase::<k8s_openapi::api::core::v1::ConfigMap>(&())
        }
        fn shortnames() -> &'static [&'static str] {
            &[]
        }
    }

    #[test]
    #[expect(
        clippy::needless_borrow,
        reason = "as the derive writes it; the borrows rank the methods"
    )]
    fn a_kind_brings_its_definition_if_it_has_one() {
        let foreign = (&&DefinitionProbe::<Foreign>::new()).definitions().unwrap();
        assert_eq!(foreign.len(), 1);
        let built_in = (&&DefinitionProbe::<k8s_openapi::api::core::v1::Pod>::new())
            .definitions()
            .unwrap();
        assert!(built_in.is_empty());
    }
}
