//! What a rule sees of an object: the fields its schema declares, typed.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kube_cel::cel::Context;
use kube_cel::cel::Value as Cel;
use kube_cel::cel::objects::{Key, Map};
use serde_json::Value;

use super::engine::call;
use super::name::{calls, escape};
use crate::schema::{Node, Type};

/// Fields of the metadata rules may see.
const METADATA: [&str; 2] = ["generateName", "name"];

/// Returns `value` as rules at `node` see it; `whole` objects have a type and a name, too.
pub(super) fn to_cel(context: &Context<'_>, value: &Value, node: Node<'_>, whole: bool) -> Cel {
    let schema = node.schema();
    match value {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => match (schema.kind, number.as_i64()) {
            (Some(Type::Number), _) | (_, None) => Cel::Float(number.as_f64().unwrap_or_default()),
            (_, Some(number)) => Cel::Int(number),
        },
        Value::String(text) => formatted(context, text, schema.format.as_deref()),
        Value::Array(items) => {
            let item = |value: &Value| match node.items() {
                Some(item) => to_cel(context, value, item, false),
                None => bare(value),
            };
            Cel::List(Arc::new(items.iter().map(item).collect()))
        }
        Value::Object(fields) => {
            let mut entries = Vec::new();
            for (name, value) in fields {
                if let Some(field) = node.property(name) {
                    // Null is a field that is not set, whether it may be null or not.
                    if !value.is_null() {
                        let value = to_cel(context, value, field, field.schema().embedded_resource);
                        let names = [escape(name), calls(name, name).then(|| name.clone())];
                        entries.extend(names.into_iter().flatten().map(|name| (name, value.clone())));
                    }
                } else if let Some(values) = node.values() {
                    entries.push((name.clone(), to_cel(context, value, values, false)));
                } else if whole || schema.embedded_resource {
                    entries.extend(implied(name, value));
                }
            }
            map(entries)
        }
    }
}

/// What every object has, declared or not.
fn implied(name: &str, value: &Value) -> Option<(String, Cel)> {
    match name {
        "apiVersion" | "kind" => Some((name.to_owned(), bare(value))),
        "metadata" => {
            let fields = METADATA
                .iter()
                .filter_map(|field| Some(((*field).to_owned(), bare(value.get(field)?))));
            Some((name.to_owned(), map(fields.collect())))
        }
        _ => None,
    }
}

fn formatted(context: &Context<'_>, text: &str, format: Option<&str>) -> Cel {
    let made = match format {
        Some("byte") => BASE64_STANDARD
            .decode(text)
            .ok()
            .map(|bytes| Cel::Bytes(Arc::new(bytes))),
        Some("date-time") => call(context, "timestamp", text),
        Some("date") => call(context, "timestamp", &format!("{text}T00:00:00Z")),
        Some("duration") => call(context, "duration", text),
        _ => None,
    };
    made.unwrap_or_else(|| text.into())
}

/// A value nobody describes.
pub(super) fn bare(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Cel::Int(number),
            None => Cel::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => Cel::List(Arc::new(items.iter().map(bare).collect())),
        Value::Object(fields) => map(fields
            .iter()
            .map(|(name, value)| (name.clone(), bare(value)))
            .collect()),
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "maps of the engine are such; rules see no order that is not also random in the real server"
)]
pub(super) fn map(entries: Vec<(String, Cel)>) -> Cel {
    let entries = entries
        .into_iter()
        .map(|(name, value)| (Key::String(Arc::new(name)), value));
    Cel::Map(Map {
        map: Arc::new(entries.collect::<std::collections::HashMap<_, _>>()),
    })
}
