//! What the real server's types always write: nested structs, and zeros of required fields.

use serde_json::{Map, Value};

use crate::schema::{Node, Type};

/// Adds to an object of a built-in kind what is written even when nobody gave it.
pub(super) fn fill(value: &mut Value, node: Node<'_>) {
    match value {
        Value::Object(map) => fill_fields(map, node),
        Value::Array(items) => {
            let Some(node) = node.items() else { return };
            items.iter_mut().for_each(|item| fill(item, node));
        }
        _ => {}
    }
}

fn fill_fields(map: &mut Map<String, Value>, node: Node<'_>) {
    for (name, schema) in &node.schema().properties {
        if map.get(name).is_some_and(|value| !value.is_null()) {
            continue;
        }
        let required = node.schema().required.iter().any(|one| one == name);
        if schema.always_present {
            map.insert(name.clone(), Value::Object(Map::new()));
        } else if let (true, Some(zero)) = (required, zero(node.at(schema))) {
            map.insert(name.clone(), zero);
        }
    }
    for (name, value) in map {
        if let Some(field) = node.field(name) {
            fill(value, field);
        }
    }
}

fn zero(node: Node<'_>) -> Option<Value> {
    let schema = node.schema();
    match schema.kind? {
        Type::Array => Some(Value::Null),
        // Times and bytes have zeros of their own, which nobody leaves out.
        Type::String if schema.format.is_none() => Some("".into()),
        Type::Integer | Type::Number => Some(0.into()),
        Type::Boolean => Some(false.into()),
        Type::String | Type::Object => None,
    }
}
