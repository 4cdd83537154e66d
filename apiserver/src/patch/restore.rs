//! Whether a patched value still fits the types of its kind, in the words of the server's converter.

use serde_json::{Map, Value};

use super::printed::go_kind;
use crate::schema::{Node, Type};

/// Checks a value against the types of a kind; unknown fields are no concern of this.
///
/// # Errors
///
/// The first value that does not fit.
pub(super) fn restore(node: Node<'_>, value: &Value) -> Result<(), String> {
    let schema = node.schema();
    if value.is_null() || decodes_itself(node) {
        return Ok(());
    }
    match (schema.kind, value) {
        (Some(Type::Object), Value::Object(fields)) => restore_fields(node, fields),
        (Some(Type::Object), _) if schema.properties.is_empty() => Err(misfit("map from", value)),
        (Some(Type::Object), _) => Err(misfit("struct from:", value)),
        (Some(Type::Array), Value::Array(items)) => match node.items() {
            Some(node) => items.iter().try_for_each(|item| restore(node, item)),
            None => Ok(()),
        },
        (Some(Type::Array), _) => Err(misfit("slice from", value)),
        (Some(kind), _) => restore_scalar(kind, schema.format.as_deref(), value),
        (None, _) => Ok(()),
    }
}

fn misfit(wanted: &str, value: &Value) -> String {
    format!("cannot restore {wanted} {}", go_kind(value))
}

/// Types that read more than one form of JSON.
fn decodes_itself(node: Node<'_>) -> bool {
    let name = node.site().reference.as_deref().unwrap_or_default();
    let short = name.rsplit('.').next().unwrap_or_default();
    matches!(
        short,
        "Quantity" | "IntOrString" | "Time" | "MicroTime" | "Duration" | "RawExtension" | "FieldsV1"
    ) || node.schema().int_or_string
}

fn restore_fields(node: Node<'_>, fields: &Map<String, Value>) -> Result<(), String> {
    fields
        .iter()
        .try_for_each(|(name, value)| match node.field(name) {
            Some(node) => restore(node, value),
            None => Ok(()),
        })
}

fn restore_scalar(kind: Type, format: Option<&str>, value: &Value) -> Result<(), String> {
    let wanted = match (kind, format) {
        (Type::String, Some("byte")) if !value.is_string() => return Err(misfit("slice from", value)),
        (Type::Integer, Some(format)) => format,
        (Type::Integer, None) => "int",
        (Type::Number, _) => "float64",
        (Type::Boolean, _) => "bool",
        _ => "string",
    };
    let convertible = match (kind, value) {
        (Type::String, Value::String(_))
        | (Type::Boolean, Value::Bool(_))
        | (Type::Number, Value::Number(_)) => {
            return Ok(());
        }
        (Type::Integer, Value::Number(number)) if is_whole(number.as_f64()) => return Ok(()),
        (Type::Integer, Value::Number(_)) => true,
        (Type::String, Value::Number(number)) => !number.is_f64(),
        _ => false,
    };
    Err(if convertible {
        format!("cannot convert {} to {wanted}", go_kind(value))
    } else {
        format!("unrecognized type: {wanted}")
    })
}

fn is_whole(number: Option<f64>) -> bool {
    number.is_some_and(|number| number.fract() == 0.0)
}
