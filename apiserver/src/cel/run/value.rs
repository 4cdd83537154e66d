//! Looking into values.

use std::sync::Arc;

use kube_cel::cel::Value;
use kube_cel::cel::objects::{Key, Map, OptionalValue};

/// Returns the optional a value is, if it is one.
pub(super) fn as_optional(value: &Value) -> Option<Option<&Value>> {
    match value {
        Value::Opaque(opaque) => opaque.downcast_ref::<OptionalValue>().map(OptionalValue::value),
        _ => None,
    }
}

/// Returns a value, or none, as an optional.
pub(in crate::cel) fn optional(value: Option<Value>) -> Value {
    Value::Opaque(Arc::new(
        value.map_or_else(OptionalValue::none, OptionalValue::of),
    ))
}

/// Returns the field, entry or item a value is asked for.
///
/// # Errors
/// What the real server says if there is none.
pub(super) fn get(value: &Value, index: &Value) -> Result<Value, String> {
    match (value, index) {
        (Value::Map(map), _) => {
            let key = key_of(index)?;
            let found = map.map.get(&key).or_else(|| map.map.get(&other_number(&key)?));
            found
                .cloned()
                .ok_or_else(|| format!("no such key: {}", shown(&key)))
        }
        (Value::List(items), Value::Int(number)) => {
            let place = usize::try_from(*number).ok();
            let found = place.and_then(|place| items.get(place));
            found
                .cloned()
                .ok_or_else(|| format!("index out of bounds: {number}"))
        }
        _ => Err("no such overload".to_owned()),
    }
}

fn key_of(value: &Value) -> Result<Key, String> {
    match value {
        Value::Int(number) => Ok(Key::Int(*number)),
        Value::UInt(number) => Ok(Key::Uint(*number)),
        Value::Bool(value) => Ok(Key::Bool(*value)),
        Value::String(text) => Ok(Key::String(Arc::clone(text))),
        _ => Err("no such overload".to_owned()),
    }
}

/// The same number of the other kind.
fn other_number(key: &Key) -> Option<Key> {
    match key {
        Key::Int(number) => u64::try_from(*number).ok().map(Key::Uint),
        Key::Uint(number) => i64::try_from(*number).ok().map(Key::Int),
        _ => None,
    }
}

fn shown(key: &Key) -> String {
    match key {
        Key::Int(number) => number.to_string(),
        Key::Uint(number) => number.to_string(),
        Key::Bool(value) => value.to_string(),
        Key::String(text) => text.to_string(),
    }
}

/// Returns what a comprehension goes through: what it calls first, and what it calls second.
pub(super) fn pairs(value: &Value) -> Option<Vec<(Value, Value)>> {
    match value {
        Value::List(items) => {
            let numbered = items.iter().enumerate();
            let pair = |(index, item): (usize, &Value)| {
                (Value::Int(i64::try_from(index).unwrap_or(i64::MAX)), item.clone())
            };
            Some(numbered.map(pair).collect())
        }
        Value::Map(map) => {
            let mut entries: Vec<(&Key, &Value)> = map.map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let pair = |(key, value): (&Key, &Value)| (key_value(key), value.clone());
            Some(entries.into_iter().map(pair).collect())
        }
        _ => None,
    }
}

fn key_value(key: &Key) -> Value {
    match key {
        Key::Int(number) => Value::Int(*number),
        Key::Uint(number) => Value::UInt(*number),
        Key::Bool(value) => Value::Bool(*value),
        Key::String(text) => Value::String(Arc::clone(text)),
    }
}

/// Returns a map with more entries.
///
/// # Errors
/// If it has one of them already.
pub(super) fn inserted(map: &Value, entries: &[(Value, Value)]) -> Result<Value, String> {
    let Value::Map(map) = map else {
        return Err("no such overload".to_owned());
    };
    let mut fields = (*map.map).clone();
    for (key, value) in entries {
        let key = key_of(key)?;
        if fields.contains_key(&key) {
            return Err(format!("insert failed: key {} already exists", shown(&key)));
        }
        fields.insert(key, value.clone());
    }
    Ok(Value::Map(Map {
        map: Arc::new(fields),
    }))
}

/// Returns the length of what has one; of all else it is one.
pub(super) fn size(value: &Value) -> u64 {
    let size = match value {
        Value::String(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.map.len(),
        other => return as_optional(other).flatten().map_or(1, size),
    };
    size as u64
}
