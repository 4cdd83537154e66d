//! Short ways to read and write parts of a JSON object.

use serde_json::{Map, Value};

pub(super) use crate::object::{map_mut as map, metadata_mut as metadata};

/// A JSON object.
pub(super) type Fields = Map<String, Value>;

/// Returns the map at `path`, if everything on the way is a map.
pub(super) fn at<'v>(value: &'v mut Value, path: &[&str]) -> Option<&'v mut Fields> {
    let mut place = value;
    for name in path {
        place = place.get_mut(name)?;
    }
    place.as_object_mut()
}

/// Returns the map under `name`, made if it is absent or null.
pub(super) fn ensure<'v>(fields: &'v mut Fields, name: &str) -> &'v mut Fields {
    map(fields.entry(name).or_insert(Value::Null))
}

/// Sets a field that is absent, null or an empty string.
pub(super) fn put(fields: &mut Fields, name: &str, value: impl Into<Value>) {
    if is_unset(fields.get(name)) {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Returns whether a field counts as not given.
pub(super) fn is_unset(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value == "")
}

/// Calls `edit` with each map of a list.
pub(super) fn each(fields: &mut Fields, name: &str, edit: impl FnMut(&mut Fields)) {
    let items = fields.get_mut(name).and_then(Value::as_array_mut);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
        .for_each(edit);
}

/// Calls `edit` with the map under `name`, if there is one.
pub(super) fn inside(fields: &mut Fields, name: &str, edit: impl FnOnce(&mut Fields)) {
    if let Some(inner) = fields.get_mut(name).and_then(Value::as_object_mut) {
        edit(inner);
    }
}

/// Returns a string field, empty if it is absent.
pub(super) fn text<'v>(fields: &'v Fields, name: &str) -> &'v str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the items of a list at a JSON pointer, none if there is no list.
pub(super) fn items<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Returns the string at a JSON pointer, empty if there is none.
pub(super) fn text_at<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the fields of a map at a JSON pointer, none if there is no map.
pub(super) fn entries<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value
        .pointer(pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}
