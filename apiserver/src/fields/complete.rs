//! The parts of a built-in object that exist even when nobody wrote them.
//!
//! Built-in kinds are structs on the real server: a struct inside a struct is there from the start, and a list
//! that is required is there as null. Nobody adds them, so nobody owns them as such. The definitions show them
//! by `always_present` and `required`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::shape::{Form, MapForm, Shape};
use crate::object::map_mut;
use crate::registry::Resource;
use crate::schema::Type;

/// Returns `value` with the parts every object of the resource has.
pub(super) fn complete<'v>(resource: &Resource, value: &'v Value) -> Cow<'v, Value> {
    if resource.custom {
        return Cow::Borrowed(value);
    }
    let mut value = value.clone();
    fill(Shape::of(resource), &mut value);
    Cow::Owned(value)
}

/// Returns the object every object of the resource starts as.
pub(super) fn blank(resource: &Resource) -> Value {
    let mut value = Value::Object(Map::new());
    if !resource.custom {
        fill(Shape::of(resource), &mut value);
    }
    value
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
        }
    }
    for (name, value) in fields {
        if let Some(shape) = map.field(name) {
            fill(shape, value);
        }
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
