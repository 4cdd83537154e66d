//! From OpenAPI v3 JSON to a [`Schema`].
//!
//! Parsing takes what it understands and skips the rest: whether a CRD's schema is legal is decided before, on its
//! JSON, where mistakes can be named with their paths.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::cel::Rule;

use super::{Additional, Bound, ListType, MapType, Pattern, Schema, Type};

impl Schema {
    /// Returns the schema that stands for a definition.
    #[must_use]
    pub fn reference(name: &str) -> Self {
        Self {
            reference: Some(name.into()),
            ..Self::default()
        }
    }

    /// Returns the schema `json` describes.
    #[must_use]
    pub fn parse(json: &Value) -> Self {
        json.as_object()
            .map(|map| Reader(map).schema())
            .unwrap_or_default()
    }
}

struct Reader<'a>(&'a Map<String, Value>);

impl Reader<'_> {
    fn schema(&self) -> Schema {
        let mut schema = Schema {
            reference: self.text("$ref").map(|name| definition_name(&name).into()),
            kind: self.text("type").and_then(|name| Type::parse(&name)),
            format: self.text("format"),
            default: self.0.get("default").cloned(),
            nullable: self.flag("nullable"),
            always_present: self.flag("x-always-present"),
            patch_strategy: self.text("x-kubernetes-patch-strategy"),
            patch_merge_key: self.text("x-kubernetes-patch-merge-key"),
            validations: self.rules(),
            ..Schema::default()
        };
        self.structure(&mut schema);
        self.limits(&mut schema);
        self.extensions(&mut schema);
        schema
    }

    fn rules(&self) -> Vec<Arc<Rule>> {
        let rules = self.list("x-kubernetes-validations").iter();
        rules.map(|rule| Arc::new(Rule::compile(rule))).collect()
    }

    fn structure(&self, schema: &mut Schema) {
        schema.properties = self.children("properties");
        schema.additional = match self.0.get("additionalProperties") {
            Some(Value::Bool(true)) => Additional::Any,
            Some(Value::Bool(false)) => Additional::None,
            Some(json @ Value::Object(_)) => Additional::Schema(Box::new(Schema::parse(json))),
            _ => Additional::Undeclared,
        };
        schema.items = self.child("items");
        schema.all_of = self.alternatives("allOf");
        schema.any_of = self.alternatives("anyOf");
        schema.one_of = self.alternatives("oneOf");
        schema.not = self.child("not");
        schema.required = self.texts("required");
    }

    fn limits(&self, schema: &mut Schema) {
        schema.enumeration = self.list("enum").to_vec();
        schema.minimum = self.bound("minimum", "exclusiveMinimum");
        schema.maximum = self.bound("maximum", "exclusiveMaximum");
        schema.multiple_of = self.0.get("multipleOf").and_then(Value::as_f64);
        schema.min_length = self.count("minLength");
        schema.max_length = self.count("maxLength");
        schema.pattern = self.text("pattern").map(|source| Pattern::new(&source));
        schema.min_items = self.count("minItems");
        schema.max_items = self.count("maxItems");
        schema.unique_items = self.flag("uniqueItems");
        schema.min_properties = self.count("minProperties");
        schema.max_properties = self.count("maxProperties");
    }

    fn extensions(&self, schema: &mut Schema) {
        schema.list_type = self
            .text("x-kubernetes-list-type")
            .and_then(|name| match name.as_str() {
                "atomic" => Some(ListType::Atomic),
                "set" => Some(ListType::Set),
                "map" => Some(ListType::Map),
                _ => None,
            });
        schema.map_type = self
            .text("x-kubernetes-map-type")
            .and_then(|name| match name.as_str() {
                "atomic" => Some(MapType::Atomic),
                "granular" => Some(MapType::Granular),
                _ => None,
            });
        schema.list_map_keys = self.texts("x-kubernetes-list-map-keys");
        schema.preserve_unknown = self.flag("x-kubernetes-preserve-unknown-fields");
        schema.embedded_resource = self.flag("x-kubernetes-embedded-resource");
        let int_or_string = schema.format.as_deref() == Some("int-or-string");
        schema.int_or_string = int_or_string || self.flag("x-kubernetes-int-or-string");
    }

    fn text(&self, key: &str) -> Option<String> {
        let text = self.0.get(key)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn texts(&self, key: &str) -> Vec<String> {
        self.list(key)
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.0
            .get(key)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn flag(&self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool).unwrap_or_default()
    }

    fn count(&self, key: &str) -> Option<u64> {
        self.0.get(key).and_then(Value::as_u64)
    }

    fn bound(&self, key: &str, exclusive: &str) -> Option<Bound> {
        let value = self.0.get(key)?.as_f64()?;
        Some(Bound {
            value,
            exclusive: self.flag(exclusive),
        })
    }

    fn child(&self, key: &str) -> Option<Box<Schema>> {
        let json = self.0.get(key).filter(|json| json.is_object())?;
        Some(Box::new(Schema::parse(json)))
    }

    fn children(&self, key: &str) -> BTreeMap<String, Schema> {
        let fields = self.0.get(key).and_then(Value::as_object).into_iter().flatten();
        fields
            .map(|(name, json)| (name.clone(), Schema::parse(json)))
            .collect()
    }

    fn alternatives(&self, key: &str) -> Vec<Schema> {
        self.list(key).iter().map(Schema::parse).collect()
    }
}

/// `#/components/schemas/a.b.C` and `a.b.C` name the same definition.
fn definition_name(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_limits_and_extensions_are_read() {
        let schema = Schema::parse(&json!({
            "type": "object",
            "required": ["size"],
            "properties": {
                "size": {"type": "integer", "minimum": 1, "exclusiveMinimum": true},
                "port": {"x-kubernetes-int-or-string": true},
                "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}},
            },
        }));
        assert_eq!(schema.required, ["size"]);
        let size = &schema.properties["size"];
        assert_eq!(
            size.minimum,
            Some(Bound {
                value: 1.0,
                exclusive: true
            })
        );
        assert!(schema.properties["port"].int_or_string);
        assert_eq!(schema.properties["tags"].list_type, Some(ListType::Set));
        let Additional::Schema(label) = &schema.properties["labels"].additional else {
            panic!("a map");
        };
        assert_eq!(label.max_length, Some(3));
    }

    #[test]
    fn nonsense_says_nothing() {
        for json in [
            json!(null),
            json!([1]),
            json!({"type": "foo", "minLength": "x", "items": []}),
        ] {
            assert_eq!(Schema::parse(&json), Schema::default(), "{json}");
        }
    }
}
