//! A definition that knows where it comes from.

use std::borrow::Cow;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion,
};

use crate::crd::{CustomResource, SchemaError};

/// A definition, and the Rust type it is made from, which errors name.
///
/// ```
/// use krate::crd::Definition;
/// use krate::prelude::*;
///
/// #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
/// #[kube(group = "example.com", version = "v1", kind = "Zoo", namespaced)]
/// struct ZooSpec {}
///
/// let definition = Definition::of::<Zoo>()?;
/// assert_eq!(definition.crd().spec.names.plural, "zoos");
/// assert!(definition.type_name().ends_with("::Zoo"));
/// # Ok::<(), krate::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    type_name: Cow<'static, str>,
    crd: CustomResourceDefinition,
}

impl Definition {
    /// Returns the definition of a kind.
    ///
    /// # Errors
    ///
    /// Fails when the type cannot be described by a structural schema.
    pub fn of<K: CustomResource>() -> Result<Self, SchemaError> {
        Ok(Self::new(std::any::type_name::<K>(), K::try_crd()?))
    }

    /// Returns a definition that is made in some other way, and what errors are to call its origin.
    pub fn new(type_name: impl Into<Cow<'static, str>>, crd: CustomResourceDefinition) -> Self {
        let type_name = type_name.into();
        Self { type_name, crd }
    }

    /// Returns the path of the type.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Returns the definition as the API server takes it.
    #[must_use]
    pub fn crd(&self) -> &CustomResourceDefinition {
        &self.crd
    }

    pub(crate) fn kind(&self) -> &str {
        &self.crd.spec.names.kind
    }

    #[cfg(feature = "runtime")]
    pub(crate) fn name(&self) -> &str {
        self.crd.metadata.name.as_deref().unwrap_or_default()
    }

    /// Returns the versions, with the type each comes from.
    pub(super) fn versions(&self) -> impl Iterator<Item = Version<'_>> {
        self.crd.spec.versions.iter().map(|version| Version {
            definition: self,
            version,
        })
    }

    /// Returns whether both claim to be of one kind: by the kind itself, or by the resource it is served as.
    #[cfg(feature = "runtime")]
    fn is_kin(&self, other: &Self) -> bool {
        let same_kind = (&self.crd.spec.group, self.kind()) == (&other.crd.spec.group, other.kind());
        same_kind || self.name() == other.name()
    }
}

/// A version, and the type it comes from.
#[derive(Clone, Copy)]
pub(super) struct Version<'a> {
    pub(super) definition: &'a Definition,
    pub(super) version: &'a CustomResourceDefinitionVersion,
}

impl Version<'_> {
    /// Returns how messages call it: version and type.
    pub(super) fn called(&self) -> String {
        format!("{} (`{}`)", self.version.name, self.definition.type_name)
    }
}

/// Sorts definitions by kind; in each family, as elsewhere, they stay in order.
#[cfg(feature = "runtime")]
pub(crate) fn families(definitions: impl IntoIterator<Item = Definition>) -> Vec<Vec<Definition>> {
    let mut families: Vec<Vec<Definition>> = Vec::new();
    for definition in definitions {
        let kin = |family: &&mut Vec<Definition>| family.iter().any(|other| other.is_kin(&definition));
        match families.iter_mut().find(kin) {
            Some(family) => family.push(definition),
            None => families.push(vec![definition]),
        }
    }
    families
}
