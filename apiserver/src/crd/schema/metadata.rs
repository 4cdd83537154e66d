//! Metadata in schemas: it may only be restricted in its names, for what it is is the server's.

use serde_json::Value;

use super::structural::Level;
use crate::registry::strategy::Rules;

/// Checks the types of what a whole object always has.
pub(super) fn types(rules: &mut Rules, place: &str, schema: &Value) {
    for name in ["kind", "apiVersion"] {
        of_type(rules, place, schema, name, "string");
    }
    of_type(rules, place, schema, "metadata", "object");
}

fn of_type(rules: &mut Rules, place: &str, schema: &Value, name: &str, wanted: &str) {
    let property = &schema["properties"][name];
    let kind = property["type"].as_str().unwrap_or_default();
    if property.is_object() && kind != wanted {
        let field = format!("{place}.properties[{name}].type");
        rules.invalid(field, &kind.into(), &format!("must be {wanted}"));
    }
}

/// Checks that the metadata of the whole object specifies nothing.
pub(super) fn specifies(rules: &mut Rules, place: &str, schema: &Value, level: Level) {
    let metadata = &schema["properties"]["metadata"];
    let Some(keywords) = metadata.as_object().filter(|_| level == Level::Root) else {
        return;
    };
    // A default is refused by another rule.
    let ignored = ["type", "default", "properties"];
    let said = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let mut others = keywords
        .iter()
        .filter(|(name, _)| !ignored.contains(&name.as_str()));
    let fields = metadata["properties"].as_object();
    let is_name = |name: &String| name == "name" || name == "generateName";
    if others.any(|(_, value)| said(value)) || fields.is_some_and(|fields| !fields.keys().all(is_name)) {
        let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        rules.forbidden(format!("{place}.properties[metadata]"), detail);
    }
}
