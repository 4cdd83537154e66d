//! The trait `#[derive(CustomResource)]` implements beside kube's.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, ValidationRule,
};
use kube::{CustomResourceExt, Resource};
use schemars::JsonSchema;

use super::shape::equal;
use super::{Declaration, SchemaError, SchemaProblem, path, structural_schema};

/// A kind this project defines, with everything its definition needs.
///
/// Derive it with `#[derive(CustomResource)]`.
pub trait CustomResource: Resource<DynamicType = ()> + CustomResourceExt {
    /// What the attributes say.
    const DECLARATION: Declaration;

    /// Returns the definition of this kind.
    ///
    /// # Errors
    ///
    /// Fails when the type cannot be described by a structural schema; trying again does not help.
    fn try_crd() -> Result<CustomResourceDefinition, SchemaError>;
}

/// Returns the definition of a kind whose type describes its schema, with CEL rules for the whole object.
///
/// Where a path of a column, a selectable field or the scale leads nowhere in the schema, it is told here at the latest;
/// the derive tells it at the attribute, as far as the types are its own.
///
/// # Errors
///
/// Fails as [`CustomResource::try_crd`] does.
pub fn definition<K>(
    rules: impl IntoIterator<Item = ValidationRule>,
) -> Result<CustomResourceDefinition, SchemaError>
where
    K: CustomResource + JsonSchema,
{
    let mut schema = structural_schema::<K>()?;
    if schema.type_.as_deref() != Some("object") || schema.additional_properties.is_some() {
        return Err(SchemaError::new(K::DECLARATION.kind, vec![no_object()]));
    }
    let problems = path::problems(&K::DECLARATION, &schema);
    if !problems.is_empty() {
        return Err(SchemaError::new(K::DECLARATION.kind, problems));
    }
    for rule in rules {
        schema.x_kubernetes_validations.get_or_insert_default().push(rule);
    }
    Ok(K::DECLARATION.definition(Some(schema)))
}

/// Returns the definition of a kind where kube's trait leaves no room for an error.
///
/// Without a schema the API server refuses the definition, so the mistake does not pass unseen.
#[must_use]
pub fn infallible<K: CustomResource>() -> CustomResourceDefinition {
    K::try_crd().unwrap_or_else(|error| {
        tracing::error!(%error, crd = K::DECLARATION.crd_name, "a custom resource has no schema");
        K::DECLARATION.definition(None)
    })
}

/// Wants a version that is converted to have a hub of the same kind that is stored; called while compiling.
#[doc(hidden)]
#[track_caller]
pub const fn stores<S: CustomResource, H: CustomResource>() {
    let (spoke, hub) = (&S::DECLARATION, &H::DECLARATION);
    assert!(
        hub.storage,
        "the hub is the version that is stored, and this one says `storage = false`"
    );
    assert!(
        equal(spoke.group, hub.group) && equal(spoke.kind, hub.kind),
        "a version is converted to another of the same group and kind"
    );
    assert!(
        !equal(spoke.version, hub.version),
        "a version is converted to another, and these have the same name"
    );
}

fn no_object() -> SchemaProblem {
    SchemaProblem {
        path: String::new(),
        message: "a custom resource is an object with named fields".to_owned(),
    }
}
