//! What `#[derive(KubeSchema)]` writes into a JSON Schema; called by generated code only.

use kube::core::Rule;
use kube::core::cel::MergeStrategy;
use schemars::Schema;
use serde::Serialize;
use serde_json::{Value, json};

use super::default::KUBERNETES_FORMAT;

/// The keyword of CEL rules.
const RULES: &str = "x-kubernetes-validations";

/// Sets a keyword.
pub fn keyword<T: Serialize + ?Sized>(schema: &mut Schema, keyword: &str, value: &T) {
    // A value that does not serialize is left to the type's own tests: a schema has no place for an error.
    if let Ok(value) = serde_json::to_value(value) {
        if keyword == "format" {
            // Said for Kubernetes, where some formats mean something else than in JSON Schema.
            schema.insert(KUBERNETES_FORMAT.to_owned(), true.into());
        }
        schema.insert(keyword.to_owned(), value);
    }
}

/// Adds a CEL rule with its message.
pub fn rule(schema: &mut Schema, rule: &str, message: &str) {
    push(schema, json!({"rule": rule, "message": message}));
}

/// Adds a CEL rule as kube spells it.
pub fn cel(schema: &mut Schema, rule: impl Into<Rule>) {
    if let Ok(rule) = serde_json::to_value(rule.into()) {
        push(schema, rule);
    }
}

/// Sets how server-side apply merges, as kube spells it.
pub fn merge_strategy(schema: &mut Schema, strategy: impl Into<MergeStrategy>) {
    use kube::core::{ListMerge, MapMerge, StructMerge};
    let (key, value) = match strategy.into() {
        MergeStrategy::ListType(ListMerge::Map(keys)) => {
            keyword(schema, "x-kubernetes-list-map-keys", &keys);
            ("x-kubernetes-list-type", "map")
        }
        MergeStrategy::ListType(ListMerge::Set) => ("x-kubernetes-list-type", "set"),
        MergeStrategy::ListType(ListMerge::Atomic) => ("x-kubernetes-list-type", "atomic"),
        MergeStrategy::MapType(MapMerge::Atomic) | MergeStrategy::StructType(StructMerge::Atomic) => {
            ("x-kubernetes-map-type", "atomic")
        }
        MergeStrategy::MapType(MapMerge::Granular) | MergeStrategy::StructType(StructMerge::Granular) => {
            ("x-kubernetes-map-type", "granular")
        }
    };
    keyword(schema, key, value);
}

/// Sets where more can be read.
pub fn external_docs(schema: &mut Schema, url: &str, description: Option<&str>) {
    let mut docs = json!({"url": url});
    if let Some(description) = description {
        docs["description"] = description.into();
    }
    keyword(schema, "externalDocs", &docs);
}

/// Edits the schema of a part: the items of a list, or the values of a map.
pub fn within(schema: &mut Schema, part: &str, edit: impl FnOnce(&mut Schema)) {
    let part = schema.get_mut(part).map(<&mut Schema>::try_from);
    if let Some(Ok(part)) = part {
        edit(part);
    }
}

fn push(schema: &mut Schema, rule: Value) {
    let rules = schema.ensure_object().entry(RULES).or_insert_with(|| json!([]));
    if let Value::Array(rules) = rules {
        rules.push(rule);
    }
}
