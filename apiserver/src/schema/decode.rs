//! From bytes to an object of a kind: types are checked, unknown and repeated fields found.
//!
//! One walk over the document serves both: it follows the kind's definition, builds the value, and notes what a
//! strict client wants to know in the order it is met. What the real server's decoder settles on the way – nulls,
//! empty lists, quantities – is settled here too, so that what is stored is what a real server would store.

mod scalar;
mod walk;

use serde_json::Value;

use super::{Definitions, Node, Schema};
use crate::registry::Resource;
use walk::{Report, Walk};

/// A decoded object.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The object without what its kind does not know.
    pub value: Value,
    /// What a strict client refuses: `unknown field "a.b"`, `duplicate field "c"`.
    pub strict: Vec<String>,
}

/// Why a document is no object of the kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// It is not JSON; the text is serde's.
    Syntax(String),
    /// A value has the wrong type; the text is the real server's, for example
    /// `json: cannot unmarshal number into Go struct field ConfigMap.data of type string`.
    Type(String),
}

/// Decodes a JSON document as a built-in kind whose definition is `node`.
///
/// # Errors
///
/// Fails if the document is not JSON or a value has the wrong type.
pub fn typed_json(body: &[u8], node: Node<'_>) -> Result<Decoded, DecodeError> {
    let mut report = Report::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Walk::root(node, &mut report).run(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    let value = value.map_err(|error| DecodeError::Syntax(error.to_string()))?;
    report.finish(value)
}

/// Decodes a value, such as the result of a patch, as a built-in kind whose definition is `node`.
///
/// # Errors
///
/// Fails if a value has the wrong type.
pub fn typed_value(value: &Value, node: Node<'_>) -> Result<Decoded, DecodeError> {
    let mut report = Report::default();
    let value = Walk::root(node, &mut report).run(value);
    report.finish(value.map_err(|error| DecodeError::Syntax(error.to_string()))?)
}

/// Reads a JSON document without a schema and notes repeated fields; of these the last one counts.
///
/// # Errors
///
/// Fails if the document is not JSON.
pub fn untyped_json(body: &[u8]) -> Result<Decoded, DecodeError> {
    let mut report = Report::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = Walk::free(&mut report).run(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value));
    let value = value.map_err(|error| DecodeError::Syntax(error.to_string()))?;
    report.finish(value)
}

/// Decodes a value as a custom kind: its metadata is typed, the rest is pruned by the schema.
///
/// `duplicates` are those of [`untyped_json`]. Null fields stay until [`default`](super::default()).
///
/// # Errors
///
/// Fails if the metadata has a value of the wrong type.
pub fn custom(
    mut value: Value,
    duplicates: Vec<String>,
    resource: &Resource,
) -> Result<Decoded, DecodeError> {
    let mut unknown = Vec::new();
    if let Some(node) = resource.node() {
        typed_metadata(&mut value, node, &mut unknown)?;
        unknown.extend(super::prune(&mut value, node));
    } else {
        metadata_at(&mut value, "", &mut unknown)?;
    }
    unknown.sort();
    let mut strict = duplicates;
    strict.extend(unknown.iter().map(|path| format!("unknown field {path:?}")));
    Ok(Decoded { value, strict })
}

/// Types the metadata of the object and of the resources embedded in it.
fn typed_metadata(value: &mut Value, node: Node<'_>, unknown: &mut Vec<String>) -> Result<(), DecodeError> {
    metadata_at(value, "", unknown)?;
    embedded(value, node, "", unknown)
}

fn embedded(
    value: &mut Value,
    node: Node<'_>,
    path: &str,
    unknown: &mut Vec<String>,
) -> Result<(), DecodeError> {
    if node.schema().embedded_resource && !path.is_empty() {
        metadata_at(value, path, unknown)?;
    }
    match value {
        Value::Object(map) => {
            for (name, child) in map.iter_mut() {
                let Some(field) = node.field(name) else { continue };
                let place = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                embedded(child, field, &place, unknown)?;
            }
        }
        Value::Array(items) => {
            let Some(schema) = node.items() else { return Ok(()) };
            for (index, item) in items.iter_mut().enumerate() {
                embedded(item, schema, &format!("{path}[{index}]"), unknown)?;
            }
        }
        _ => {}
    }
    Ok(())
}

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

fn metadata_at(value: &mut Value, path: &str, unknown: &mut Vec<String>) -> Result<(), DecodeError> {
    let Some(metadata) = value.get_mut("metadata") else {
        return Ok(());
    };
    let definitions = Definitions::built_in();
    let schema = Schema::reference(OBJECT_META);
    let decoded = typed_value(metadata, Node::new(&schema, &definitions)).map_err(|error| match error {
        DecodeError::Type(why) if !path.is_empty() => {
            DecodeError::Type(format!("{path}.metadata: Invalid value: {metadata}: {why}"))
        }
        other => other,
    })?;
    let prefix = if path.is_empty() {
        "metadata".to_owned()
    } else {
        format!("{path}.metadata")
    };
    let names = decoded.strict.iter().filter_map(|text| text.split('"').nth(1));
    unknown.extend(names.map(|name| format!("{prefix}.{name}")));
    *metadata = decoded.value;
    Ok(())
}

#[cfg(test)]
mod tests;
