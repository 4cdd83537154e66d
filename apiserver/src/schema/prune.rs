//! Drops what a CRD's schema does not know.

use serde_json::{Map, Value};

use super::{Additional, Node, Schema};

/// Removes every field `node` does not specify and returns the paths of what was removed, sorted.
///
/// The root keeps `apiVersion`, `kind` and `metadata`; so does every embedded resource. Unknown fields of a
/// preserving node stay, but what it does specify is still pruned inside.
pub fn prune(value: &mut Value, node: Node<'_>) -> Vec<String> {
    let mut pass = Pass {
        path: String::new(),
        removed: Vec::new(),
    };
    pass.value(value, node, Place::Resource);
    pass.removed.sort();
    pass.removed
}

/// Removes every field `node` does not specify from a part of an object, such as a default; else as [`prune`].
pub fn prune_value(value: &mut Value, node: Node<'_>) -> Vec<String> {
    let mut pass = Pass {
        path: String::new(),
        removed: Vec::new(),
    };
    pass.value(value, node, Place::of(node));
    pass.removed.sort();
    pass.removed
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A whole object with type and metadata.
    Resource,
    Field,
}

struct Pass {
    path: String,
    removed: Vec<String>,
}

impl Pass {
    fn value(&mut self, value: &mut Value, node: Node<'_>, place: Place) {
        match value {
            Value::Object(map) => self.object(map, node, place),
            Value::Array(items) => self.list(items, node),
            _ => {}
        }
    }

    fn list(&mut self, items: &mut [Value], node: Node<'_>) {
        let Some(schema) = node.items() else {
            return;
        };
        for (index, item) in items.iter_mut().enumerate() {
            let length = self.path.len();
            self.path.push_str(&format!("[{index}]"));
            self.value(item, schema, Place::of(schema));
            self.path.truncate(length);
        }
    }

    fn object(&mut self, map: &mut Map<String, Value>, node: Node<'_>, place: Place) {
        let schema = node.schema();
        // Where anything may be, nothing is specified of what is in it.
        let (any, nothing) = (schema.additional == Additional::Any, Schema::default());
        let names: Vec<String> = map.keys().cloned().collect();
        for name in names {
            if place == Place::Resource && matches!(name.as_str(), "apiVersion" | "kind" | "metadata") {
                continue;
            }
            let length = self.push(&name);
            match (node.field(&name), map.get_mut(&name)) {
                (Some(child), Some(value)) => self.value(value, child, Place::of(child)),
                (None, Some(value)) if any && !schema.preserve_unknown => {
                    self.value(value, node.at(&nothing), Place::Field);
                }
                (None, Some(_)) if !schema.preserve_unknown => {
                    map.remove(&name);
                    self.removed.push(self.path.clone());
                }
                _ => {}
            }
            self.path.truncate(length);
        }
    }

    fn push(&mut self, name: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        length
    }
}

impl Place {
    fn of(node: Node<'_>) -> Self {
        if node.schema().embedded_resource {
            Self::Resource
        } else {
            Self::Field
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Definitions;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "calls read better without ampersands"
    )]
    fn check(schema: Value, input: Value, expected: Value, removed: &[&str]) {
        let schema = Schema::parse(&schema);
        let definitions = Definitions::new();
        let mut value = input;
        let told = prune(&mut value, Node::new(&schema, &definitions));
        assert_eq!(value, expected);
        assert_eq!(told, removed);
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "calls read better without ampersands"
    )]
    fn spec(schema: Value) -> Value {
        json!({"type": "object", "properties": {"spec": schema}})
    }

    #[test]
    fn unknown_fields_go_at_every_depth() {
        let schema = spec(json!({"type": "object", "properties": {
            "ports": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}}}},
        }}));
        check(
            schema,
            json!({"apiVersion": "x/v1", "kind": "X", "metadata": {"name": "a"}, "bogus": 1,
                   "spec": {"unk": 1, "ports": [{"n": "a", "zz": 1}]}}),
            json!({"apiVersion": "x/v1", "kind": "X", "metadata": {"name": "a"}, "spec": {"ports": [{"n": "a"}]}}),
            &["bogus", "spec.ports[0].zz", "spec.unk"],
        );
    }

    #[test]
    fn a_preserving_node_keeps_unknown_children_but_prunes_inside_known_ones() {
        let schema = spec(
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {
                "known": {"type": "object", "properties": {"a": {"type": "string"}}},
            }}),
        );
        check(
            schema,
            json!({"spec": {"free": {"deep": 1}, "known": {"a": "x", "b": 1}}}),
            json!({"spec": {"free": {"deep": 1}, "known": {"a": "x"}}}),
            &["spec.known.b"],
        );
    }

    #[test]
    fn an_embedded_resource_keeps_its_type_and_metadata() {
        let schema = spec(json!({"type": "object", "x-kubernetes-embedded-resource": true,
                                 "properties": {"spec": {"type": "object"}}}));
        check(
            schema,
            json!({"spec": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "other": 1, "spec": {}}}),
            json!({"spec": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}}),
            &["spec.other"],
        );
    }

    #[test]
    fn a_map_keeps_its_keys() {
        check(
            spec(json!({"type": "object", "additionalProperties": {"type": "object", "properties": {}}})),
            json!({"spec": {"k": {"a": 1}}}),
            json!({"spec": {"k": {}}}),
            &["spec.k.a"],
        );
    }
}
