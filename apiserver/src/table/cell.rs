//! Cells of custom kinds.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::age::age;
use super::path;
use crate::object::Meta as _;
use crate::registry::{Column, Resource};

/// Returns the cells of an object of a custom kind.
pub(super) fn custom(resource: &Resource, object: &Value, now: Timestamp) -> Vec<Value> {
    let mut cells = vec![json!(object.name())];
    cells.extend(resource.columns.iter().map(|column| cell(column, object, now)));
    if resource.columns.is_empty() {
        cells.push(json!(age(object.meta_str("creationTimestamp"), now)));
    }
    cells
}

fn cell(column: &Column, object: &Value, now: Timestamp) -> Value {
    let found = path::find(object, &column.json_path);
    let Some(first) = found.first().copied() else {
        return Value::Null;
    };
    match column.kind.as_str() {
        "string" => json!(
            found
                .iter()
                .map(|value| text(value))
                .collect::<Vec<_>>()
                .join(" ")
        ),
        "integer" => whole(first),
        "number" if first.is_number() => first.clone(),
        "boolean" if first.is_boolean() => first.clone(),
        "date" => first.as_str().map_or(Value::Null, |then| json!(age(then, now))),
        _ => Value::Null,
    }
}

fn whole(value: &Value) -> Value {
    match (value.as_i64(), value.as_f64()) {
        (Some(number), _) => json!(number),
        (None, Some(number)) => json!(number as i64),
        (None, None) => Value::Null,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}
