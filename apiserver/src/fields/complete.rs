//! The parts of a built-in object that exist even when nobody wrote them.
//!
//! Built-in kinds are structs on the real server: a struct inside a struct is there from the start, a list that is
//! required is there as null, and a plain scalar as zero. Nobody adds them, so nobody owns them as such. The
//! definitions show them by `always_present`, `required` and a `default` of zero.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::shape::{Form, MapForm, Shape};
use crate::object::map_mut;
use crate::registry::Resource;
use crate::schema::Type;

/// Returns both states of an object with the parts every object of the resource has; without a first state, it
/// is what every object starts as.
pub(super) fn complete<'v>(
    resource: &Resource,
    live: Option<&'v Value>,
    new: &'v Value,
) -> (Cow<'v, Value>, Cow<'v, Value>) {
    if resource.custom {
        let blank = || Cow::Owned(Value::Object(Map::new()));
        return (live.map_or_else(blank, Cow::Borrowed), Cow::Borrowed(new));
    }
    let mut live = live.cloned().unwrap_or_else(|| Value::Object(Map::new()));
    let mut new = new.clone();
    fill(Shape::of(resource), &mut live);
    fill(Shape::of(resource), &mut new);
    align_nulls(&mut live, &mut new);
    (Cow::Owned(live), Cow::Owned(new))
}

/// Drops nulls that face nothing: in a struct the two are the same.
fn align_nulls(left: &mut Value, right: &mut Value) {
    let (Value::Object(left), Value::Object(right)) = (left, right) else {
        return;
    };
    left.retain(|name, value| !value.is_null() || right.contains_key(name));
    right.retain(|name, value| !value.is_null() || left.contains_key(name));
    for (name, left) in left {
        if let Some(right) = right.get_mut(name) {
            align_nulls(left, right);
        }
    }
}

fn fill(shape: Shape<'_>, value: &mut Value) {
    match shape.at(value) {
        Form::Map(map) if value.is_object() => fill_map(map, map_mut(value)),
        Form::List(list) => {
            for item in value.as_array_mut().into_iter().flatten() {
                fill(list.items, item);
            }
        }
        _ => {}
    }
}

fn fill_map(map: MapForm<'_>, fields: &mut Map<String, Value>) {
    for (name, schema) in map.properties() {
        if schema.always_present && fields.get(name).is_none_or(Value::is_null) {
            fields.insert(name.clone(), Value::Object(Map::new()));
        } else if schema.kind == Some(Type::Array) && map.requires(name) {
            fields.entry(name.clone()).or_insert(Value::Null);
        } else if let Some(zero) = schema.default.as_ref().filter(|default| is_zero(default)) {
            fields.entry(name.clone()).or_insert_with(|| zero.clone());
        }
    }
    for (name, value) in fields {
        if let Some(shape) = map.field(name) {
            fill(shape, value);
        }
    }
}

fn is_zero(default: &Value) -> bool {
    match default {
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(flag) => !flag,
        _ => false,
    }
}

/// Drops declared fields that are null: to a struct null is as good as absent.
pub(super) fn drop_nulls(shape: Shape<'_>, value: &mut Value) {
    match (shape.at(value), value) {
        (Form::Map(map), Value::Object(fields)) => {
            fields.retain(|name, value| !(value.is_null() && map.declared(name).is_some()));
            for (name, value) in fields {
                if let Some(shape) = map.field(name) {
                    drop_nulls(shape, value);
                }
            }
        }
        (Form::List(list), Value::Array(items)) => {
            items.iter_mut().for_each(|item| drop_nulls(list.items, item));
        }
        _ => {}
    }
}
