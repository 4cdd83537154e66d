//! The schemas of a document: those it names, and those they refer to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::descriptions::texts;
use crate::schema::Definitions;

/// Where references point.
pub(super) const ROOT: &str = "#/components/schemas/";
const KINDS: &str = "x-kubernetes-group-version-kind";

/// Returns a reference to a schema.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("{ROOT}{name}")})
}

/// The schemas of one document, as they are collected.
pub(super) struct Components<'a> {
    group: &'a str,
    version: &'a str,
    is_custom: bool,
    schemas: BTreeMap<String, Value>,
}

impl<'a> Components<'a> {
    /// Starts the collection for a group and version.
    pub(super) fn new(group: &'a str, version: &'a str, is_custom: bool) -> Self {
        Self {
            group,
            version,
            is_custom,
            schemas: BTreeMap::new(),
        }
    }

    /// Adds a schema in the form of a document.
    pub(super) fn insert(&mut self, name: String, schema: Value) {
        self.schemas.insert(name, schema);
    }

    /// Adds the built-in definitions `value` refers to, and those they refer to.
    pub(super) fn follow(&mut self, value: &Value) {
        let mut open = references(value);
        while let Some(name) = open.pop() {
            if self.schemas.contains_key(&name) {
                continue;
            }
            if let Some(schema) = self.built_in(&name) {
                open.extend(references(&schema));
                self.schemas.insert(name, schema);
            }
        }
    }

    /// Returns them by name.
    pub(super) fn into_value(self) -> Value {
        Value::Object(self.schemas.into_iter().collect())
    }

    fn built_in(&self, name: &str) -> Option<Value> {
        let mut schema = described(&Definitions::built_in().source(name)?, name);
        self.narrow_kinds(&mut schema);
        Some(schema)
    }

    /// Kinds that every group has, such as `DeleteOptions`, are shown as those of core and of this group, if it is
    /// built in.
    fn narrow_kinds(&self, schema: &mut Value) {
        let Some(kinds) = schema.get_mut(KINDS).and_then(Value::as_array_mut) else {
            return;
        };
        let everywhere = kinds.len() > 1 && kinds[0]["group"] == "";
        let kind = kinds[0]["kind"].clone();
        if everywhere {
            kinds.truncate(1);
            if !self.group.is_empty() && !self.is_custom {
                kinds.push(json!({"group": self.group, "kind": kind, "version": self.version}));
            }
        }
    }
}

/// A definition with its texts, in the form of a document.
fn described(source: &Value, name: &str) -> Value {
    let mut texts = texts(name);
    let mut source = source.clone();
    let fields = source.get_mut("properties").and_then(Value::as_object_mut);
    for (field, schema) in fields.into_iter().flatten() {
        if let (Some(text), Value::Object(schema)) = (texts.remove(field), schema) {
            schema.insert("description".to_owned(), text);
        }
    }
    if let (Some(text), Value::Object(schema)) = (texts.remove(""), &mut source) {
        schema.insert("description".to_owned(), text);
    }
    expand(&source)
}

/// Turns the short form of the data into that of a document: a reference with anything beside it is wrapped.
fn expand(schema: &Value) -> Value {
    let Some(fields) = schema.as_object() else {
        return schema.clone();
    };
    let mut out = Map::new();
    if let Some(text) = fields.get("description") {
        out.insert("description".to_owned(), text.clone());
    }
    let alone = fields.len() == 1;
    for (key, value) in fields {
        match key.as_str() {
            "$ref" => {
                let target = reference(value.as_str().unwrap_or_default());
                if alone {
                    return target;
                }
                out.insert("allOf".to_owned(), json!([target]));
            }
            "x-always-present" => drop(out.insert("default".to_owned(), json!({}))),
            "items" | "additionalProperties" => drop(out.insert(key.clone(), expand(value))),
            "properties" => {
                let fields = value.as_object().into_iter().flatten();
                let fields = fields.map(|(name, field)| (name.clone(), expand(field)));
                out.insert(key.clone(), Value::Object(fields.collect()));
            }
            _ => drop(out.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(out)
}

/// Returns the names of the schemas a value refers to.
pub(super) fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(text) if key == "$ref" => vec![text.strip_prefix(ROOT).unwrap_or(text).to_owned()],
                _ => references(value),
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_becomes_that_of_documents() {
        let cases = [
            (
                json!({"$ref": "a.B"}),
                json!({"$ref": "#/components/schemas/a.B"}),
            ),
            (
                json!({"$ref": "a.B", "x-always-present": true}),
                json!({"allOf": [{"$ref": "#/components/schemas/a.B"}], "default": {}}),
            ),
            (
                json!({"type": "array", "items": {"$ref": "a.B"}}),
                json!({"type": "array", "items": {"$ref": "#/components/schemas/a.B"}}),
            ),
            (
                json!({"properties": {"$ref": {"type": "string"}}}),
                json!({"properties": {"$ref": {"type": "string"}}}),
            ),
        ];
        for (short, expected) in cases {
            assert_eq!(expand(&short), expected, "{short}");
        }
    }

    #[test]
    fn what_is_referred_to_comes_along() {
        let mut components = Components::new("apps", "v1", false);
        components.follow(&reference("io.k8s.api.apps.v1.Deployment"));
        let schemas = components.into_value();
        for name in [
            "io.k8s.api.core.v1.Container",
            "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
        ] {
            assert!(schemas[name].is_object(), "{name}");
        }
        assert!(schemas.get("io.k8s.api.batch.v1.Job").is_none());
    }

    #[test]
    fn options_of_all_groups_are_shown_as_those_of_one() {
        let mut components = Components::new("apps", "v1", false);
        let name = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";
        components.follow(&reference(name));
        let kinds = components.into_value()[name][KINDS].clone();
        assert_eq!(
            kinds,
            json!([
                {"group": "", "kind": "DeleteOptions", "version": "v1"},
                {"group": "apps", "kind": "DeleteOptions", "version": "v1"},
            ])
        );
    }
}
