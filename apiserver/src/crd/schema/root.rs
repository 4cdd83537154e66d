//! What the root of a schema may have if the status is a subresource, whose schema is then taken out of it.

use serde_json::{Value, json};

use super::super::shown;
use crate::registry::strategy::Rules;

/// Keywords by the names the real server has for them.
const ALLOWED: [(&str, &str); 22] = [
    ("Description", "description"),
    ("Type", "type"),
    ("Format", "format"),
    ("Title", "title"),
    ("Maximum", "maximum"),
    ("ExclusiveMaximum", "exclusiveMaximum"),
    ("Minimum", "minimum"),
    ("ExclusiveMinimum", "exclusiveMinimum"),
    ("MaxLength", "maxLength"),
    ("MinLength", "minLength"),
    ("Pattern", "pattern"),
    ("MaxItems", "maxItems"),
    ("MinItems", "minItems"),
    ("UniqueItems", "uniqueItems"),
    ("MultipleOf", "multipleOf"),
    ("Required", "required"),
    ("Items", "items"),
    ("Properties", "properties"),
    ("ExternalDocs", "externalDocs"),
    ("Example", "example"),
    ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields"),
    ("XValidations", "x-kubernetes-validations"),
];

/// Checks the root; the first keyword that may not be there is told, and no other.
pub(super) fn validate(rules: &mut Rules, place: &str, schema: &Value) {
    // In the order the real server has them, the type is the fourth, and those before it may not be there.
    let early = ["id", "$schema", "$ref"];
    let is_set = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != json!("");
    let refused =
        |keyword: &str| is_set(&schema[keyword]) && !ALLOWED.iter().any(|(_, name)| *name == keyword);
    let first = early.into_iter().any(refused);
    let kind = &schema["type"];
    if !first
        && kind
            .as_str()
            .is_some_and(|kind| !kind.is_empty() && kind != "object")
    {
        let detail = "only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled";
        return rules.invalid(format!("{place}.type"), kind, detail);
    }
    if first
        || schema
            .as_object()
            .is_some_and(|fields| fields.keys().any(|name| refused(name)))
    {
        let names = ALLOWED.map(|(name, _)| name).join(" ");
        let detail = format!(
            "only [{names}] fields are allowed at the root of the schema if the status subresource is enabled"
        );
        rules.push(shown::invalid(place, &shown::schema(schema), &detail));
    }
}
