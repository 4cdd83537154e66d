//! From the short form of the data to full OpenAPI.

use serde_json::{Map, Value, json};

use super::descriptions::texts;
use crate::schema::Definitions;

/// Returns a definition as OpenAPI writes it, with its descriptions.
pub(super) fn definition(name: &str) -> Option<Value> {
    let source = Definitions::built_in().source(name)?;
    let texts = texts(name);
    let mut schema = expand(&source, false);
    describe(&mut schema, texts.get(""));
    for (field, property) in schema["properties"].as_object_mut().into_iter().flatten() {
        describe(property, texts.get(field));
    }
    Some(schema)
}

fn describe(schema: &mut Value, text: Option<&Value>) {
    if let (Some(fields), Some(text)) = (schema.as_object_mut(), text) {
        fields.insert("description".into(), text.clone());
    }
}

/// A reference as a field is wrapped, so that it can have a description beside it.
fn expand(schema: &Value, wrapped: bool) -> Value {
    let Some(fields) = schema.as_object() else {
        return schema.clone();
    };
    let mut out = Map::new();
    for (key, value) in fields {
        match key.as_str() {
            "$ref" => {
                let link = reference(value.as_str().unwrap_or_default());
                if wrapped {
                    out.insert("allOf".into(), json!([link]));
                } else {
                    out.extend(link.as_object().cloned().unwrap_or_default());
                }
            }
            "x-always-present" => {}
            "items" | "additionalProperties" => {
                out.insert(key.clone(), expand(value, true));
            }
            "properties" => {
                let fields = value.as_object().into_iter().flatten();
                let fields = fields.map(|(name, field)| (name.clone(), expand(field, true)));
                out.insert(key.clone(), Value::Object(fields.collect()));
            }
            _ => drop(out.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(out)
}

/// Returns a reference to a definition.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Returns the names of the definitions a schema refers to.
pub(super) fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(link) if key == "$ref" => {
                    link.rsplit('/').next().map(str::to_owned).into_iter().collect()
                }
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
