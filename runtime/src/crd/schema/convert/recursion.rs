//! Where a type that contains itself is cut off: the kind of value is still known, and what tells items apart.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use serde_json::Value;

use super::{Converter, anything};

/// The end of a recursion: what is in the value is not known.
pub(super) fn cut(schema: &Value) -> JSONSchemaProps {
    let object = schema.get("type").filter(|kind| *kind == "object");
    JSONSchemaProps {
        type_: object.map(|_| "object".to_owned()),
        ..anything()
    }
}

impl<'a> Converter<'a> {
    /// Whether a type is not written out once more inside itself.
    pub(super) fn is_cut(&self, name: &str, schema: &Value) -> bool {
        self.unfolding.iter().filter(|open| **open == name).count() >= self.depth(schema)
    }

    /// Leaves out rules that look into what is cut off: there is nothing the API server knows the type of.
    pub(super) fn keep_rules(&self, schema: &Value, props: &mut JSONSchemaProps) {
        let fields = schema.get("properties").and_then(Value::as_object);
        let cut = fields
            .into_iter()
            .flatten()
            .filter(|(_, field)| self.has_cut(field));
        let ways: Vec<String> = cut
            .flat_map(|(name, _)| [format!(".{name}."), format!(".{name}["), format!(".?{name}.")])
            .collect();
        if let Some(rules) = &mut props.x_kubernetes_validations {
            rules.retain(|rule| !ways.iter().any(|way| rule.rule.contains(way)));
        }
    }

    /// Whether a type that is cut off is part of a schema.
    fn has_cut(&self, schema: &Value) -> bool {
        match schema {
            Value::Object(keywords) => keywords.iter().any(|(key, value)| match value {
                Value::String(reference) if key == "$ref" => self
                    .definition(reference)
                    .is_some_and(|(name, schema)| self.is_cut(name, schema)),
                value => self.has_cut(value),
            }),
            Value::Array(items) => items.iter().any(|item| self.has_cut(item)),
            _ => false,
        }
    }

    /// Describes the key fields of a map list whose items are cut off.
    ///
    /// Where the type says nothing of them in one place, the list is told apart by nothing.
    pub(super) fn keep_keys(
        &mut self,
        reference: &'a str,
        list: &mut JSONSchemaProps,
        items: &mut JSONSchemaProps,
    ) {
        let Some((_, schema)) = self
            .definition(reference)
            .filter(|(name, schema)| self.is_cut(name, schema))
        else {
            return;
        };
        let keys = list.x_kubernetes_list_map_keys.iter().flatten();
        let fields = schema.get("properties").and_then(Value::as_object);
        let fields = keys.map(|key| fields?.get_key_value(key));
        let Some(fields) = fields.collect::<Option<Vec<_>>>().filter(|keys| !keys.is_empty()) else {
            list.x_kubernetes_list_type = None;
            list.x_kubernetes_list_map_keys = None;
            return;
        };
        let required = schema.get("required").and_then(Value::as_array);
        let required = super::strings(required.map_or(&[], Vec::as_slice));
        let kept = |name: &String| fields.iter().any(|(key, _)| *key == name);
        items.required = Some(required.into_iter().filter(kept).collect());
        items.type_ = Some("object".to_owned());
        let fields = fields
            .into_iter()
            .map(|(name, schema)| (name.clone(), self.field(name, schema)));
        items.properties = Some(fields.collect());
    }
}
