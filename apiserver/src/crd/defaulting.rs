//! Defaults in schemas: each must be legal by the schema it stands in.

use serde_json::Value;

use crate::registry::strategy::Rules;
use crate::schema::{self, Definitions, Node, Schema};

/// Checks every default of a schema and of those inside it.
pub(super) fn validate(rules: &mut Rules, place: &str, schema: &Value) {
    if !schema["default"].is_null() {
        check(rules, &format!("{place}.default"), schema);
    }
    for (name, child) in schema["properties"].as_object().into_iter().flatten() {
        validate(rules, &format!("{place}.properties[{name}]"), child);
    }
    for field in ["items", "additionalProperties"] {
        if schema[field].is_object() {
            validate(rules, &format!("{place}.{field}"), &schema[field]);
        }
    }
}

fn check(rules: &mut Rules, place: &str, schema: &Value) {
    let parsed = Schema::parse(schema);
    let definitions = Definitions::new();
    let node = Node::new(&parsed, &definitions);
    let mut value = schema["default"].clone();
    if !schema::prune_value(&mut value, node).is_empty() {
        return rules.invalid(place, &schema["default"], "must not have unknown fields");
    }
    schema::default(&mut value, node);
    for mut error in schema::validate(&value, node, None, "") {
        error.field = match error.field.as_str() {
            "<nil>" => error.field,
            "" => place.to_owned(),
            index if index.starts_with('[') => format!("{place}{index}"),
            field => format!("{place}.{field}"),
        };
        rules.push(error);
    }
}
