//! Fills in what a CRD's schema gives as default.

use serde_json::{Map, Value};

use super::Node;

/// Sets every absent field of an existing object to its default, and settles nulls.
///
/// A null in a field that may not be null gives way to the field's default, or goes if there is none.
pub fn default(value: &mut Value, node: Node<'_>) {
    match value {
        Value::Object(map) => object(map, node),
        Value::Array(items) => {
            if let Some(schema) = node.items() {
                settle_nulls(items, schema);
                items.iter_mut().for_each(|item| default(item, schema));
            }
        }
        _ => {}
    }
}

fn object(map: &mut Map<String, Value>, node: Node<'_>) {
    for name in node.schema().properties.keys() {
        let Some(field) = node.property(name) else {
            continue;
        };
        if !field.schema().nullable && map.get(name) == Some(&Value::Null) {
            map.remove(name);
        }
        if let (None, Some(value)) = (map.get(name), &field.schema().default) {
            map.insert(name.clone(), value.clone());
        }
        if let Some(value) = map.get_mut(name) {
            default(value, field);
        }
    }
    let Some(values) = node.values() else {
        return;
    };
    let declared = &node.schema().properties;
    for (_, value) in map.iter_mut().filter(|(name, _)| !declared.contains_key(*name)) {
        if let (Value::Null, false, Some(replacement)) =
            (&*value, values.schema().nullable, &values.schema().default)
        {
            *value = replacement.clone();
        }
        default(value, values);
    }
}

/// A null item cannot be dropped without moving the others; it stays for validation to refuse.
fn settle_nulls(items: &mut [Value], schema: Node<'_>) {
    let Some(replacement) = schema
        .schema()
        .default
        .as_ref()
        .filter(|_| !schema.schema().nullable)
    else {
        return;
    };
    for item in items.iter_mut().filter(|item| item.is_null()) {
        *item = replacement.clone();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Definitions, Schema};

    #[expect(
        clippy::needless_pass_by_value,
        reason = "calls read better without ampersands"
    )]
    fn check(input: Value, expected: Value) {
        let schema = Schema::parse(&json!({"type": "object", "properties": {"spec": {
            "type": "object",
            "properties": {
                "mode": {"type": "string", "default": "A"},
                "nullable": {"type": "string", "nullable": true},
                "plain": {"type": "string"},
                "obj": {"type": "object", "default": {}, "properties": {"x": {"type": "integer", "default": 5}}},
                "absent": {"type": "object", "properties": {"x": {"type": "integer", "default": 5}}},
                "ports": {"type": "array", "items": {"type": "object", "properties": {
                    "proto": {"type": "string", "default": "TCP"}}}},
                "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {
                    "y": {"type": "integer", "default": 1}}}},
            },
        }}}));
        let definitions = Definitions::new();
        let mut value = input;
        default(&mut value, Node::new(&schema, &definitions));
        assert_eq!(value, expected);
    }

    #[test]
    fn defaults_reach_into_what_exists_or_is_itself_defaulted() {
        check(json!({}), json!({}));
        check(
            json!({"spec": {}}),
            json!({"spec": {"mode": "A", "obj": {"x": 5}}}),
        );
        check(
            json!({"spec": {"mode": "B", "obj": {"x": 1}, "ports": [{}], "map": {"k": {}}}}),
            json!({"spec": {"mode": "B", "obj": {"x": 1}, "ports": [{"proto": "TCP"}], "map": {"k": {"y": 1}}}}),
        );
    }

    #[test]
    fn a_null_is_kept_replaced_or_dropped() {
        check(
            json!({"spec": {"mode": null, "nullable": null, "plain": null, "obj": {"x": 5}}}),
            json!({"spec": {"mode": "A", "nullable": null, "obj": {"x": 5}}}),
        );
    }
}
