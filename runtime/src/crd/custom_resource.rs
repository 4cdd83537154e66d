//! The trait `#[derive(CustomResource)]` implements beside kube's.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, ValidationRule,
};
use kube::core::{Message, Rule};
use kube::{CustomResourceExt, Resource};
use schemars::JsonSchema;

use super::{Declaration, SchemaError, SchemaProblem, structural_schema};

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
/// # Errors
///
/// Fails as [`CustomResource::try_crd`] does.
pub fn definition<K>(rules: &[Rule]) -> Result<CustomResourceDefinition, SchemaError>
where
    K: CustomResource + JsonSchema,
{
    let mut schema = structural_schema::<K>()?;
    if schema.type_.as_deref() != Some("object") || schema.additional_properties.is_some() {
        return Err(SchemaError::new(K::DECLARATION.kind, vec![no_object()]));
    }
    for rule in rules {
        let rules = schema.x_kubernetes_validations.get_or_insert_default();
        rules.push(validation(rule));
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

fn validation(rule: &Rule) -> ValidationRule {
    let message = |wanted: bool| match &rule.message {
        Some(Message::Message(text)) if wanted => Some(text.clone()),
        Some(Message::Expression(text)) if !wanted => Some(text.clone()),
        _ => None,
    };
    ValidationRule {
        rule: rule.rule.clone(),
        message: message(true),
        message_expression: message(false),
        field_path: rule.field_path.clone(),
        reason: rule.reason.as_ref().map(|reason| format!("{reason:?}")),
        optional_old_self: rule.optional_old_self,
    }
}

fn no_object() -> SchemaProblem {
    SchemaProblem {
        path: String::new(),
        message: "a custom resource is an object with named fields".to_owned(),
    }
}
