//! Parts of cells.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::object::Meta as _;
use crate::table::age::age;

pub(super) const NONE: &str = "<none>";

/// The name of an object.
pub(super) fn name(object: &Value) -> Value {
    json!(object.name())
}

/// How old an object is.
pub(super) fn created(object: &Value, now: Timestamp) -> Value {
    json!(age(object.meta_str("creationTimestamp"), now))
}

/// The string at a pointer, empty if there is none.
pub(super) fn at<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The number at a pointer, 0 if there is none.
pub(super) fn count(object: &Value, pointer: &str) -> i64 {
    object
        .pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// The items at a pointer.
pub(super) fn items<'v>(object: &'v Value, pointer: &str) -> &'v [Value] {
    object
        .pointer(pointer)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The number of fields at a pointer.
pub(super) fn size(object: &Value, pointer: &str) -> usize {
    object
        .pointer(pointer)
        .and_then(Value::as_object)
        .map_or(0, serde_json::Map::len)
}

/// A text, or a word for having none.
pub(super) fn or(text: &str, otherwise: &str) -> Value {
    json!(if text.is_empty() { otherwise } else { text })
}

/// The texts of one field of each item, joined by commas.
pub(super) fn join(items: &[Value], field: &str) -> String {
    items
        .iter()
        .map(|item| item[field].as_str().unwrap_or_default())
        .collect::<Vec<_>>()
        .join(",")
}

/// Names and images of the containers of a pod's spec.
pub(super) fn containers(spec: &Value) -> [Value; 2] {
    let containers = items(spec, "/containers");
    [json!(join(containers, "name")), json!(join(containers, "image"))]
}

/// A map of labels as `a=b,c=d`.
pub(super) fn labels(map: &Value) -> Value {
    let pairs = map.as_object().into_iter().flatten();
    let pairs = pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    or(&pairs.collect::<Vec<_>>().join(","), NONE)
}

/// A label selector in the form clients write it.
pub(super) fn selector(selector: &Value) -> Value {
    let pairs = selector["matchLabels"].as_object().into_iter().flatten();
    let pairs = pairs.map(|(key, value)| {
        (
            key.clone(),
            format!("{key}={}", value.as_str().unwrap_or_default()),
        )
    });
    let expressions = items(selector, "/matchExpressions").iter().map(|one| {
        let key = at(one, "/key");
        let values: Vec<&str> = items(one, "/values").iter().filter_map(Value::as_str).collect();
        let values = values.join(",");
        let text = match at(one, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        (key.to_owned(), text)
    });
    let mut parts: Vec<(String, String)> = pairs.chain(expressions).collect();
    parts.sort();
    let texts: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
    or(&texts.join(","), NONE)
}

/// The first few of many, and how many more there are.
pub(super) fn few(all: &[String], most: usize) -> String {
    let shown = all.iter().take(most).cloned().collect::<Vec<_>>().join(",");
    if all.len() > most {
        format!("{shown} + {} more...", all.len() - most)
    } else {
        shown
    }
}
