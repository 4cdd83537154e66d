//! A value without some of its fields.

use serde_json::{Map, Value};

use super::element::Element;
use super::item;
use super::set::Set;
use super::shape::{Form, ListForm, MapForm, Relation, Shape};

/// Returns `value` without the fields of `gone`; a map or list of which nothing is left becomes null.
pub(super) fn remove(shape: Shape<'_>, value: &Value, gone: &Set) -> Value {
    match (shape.at(value), value) {
        (Form::Scalar(_), _) => value.clone(),
        (Form::Map(map), Value::Object(fields)) if !map.atomic => from_map(map, fields, gone),
        (Form::List(list), Value::Array(items)) if !matches!(list.relation, Relation::Atomic) => {
            from_list(list, items, gone)
        }
        _ => Value::Null,
    }
}

fn from_map(map: MapForm<'_>, fields: &Map<String, Value>, gone: &Set) -> Value {
    let mut left = Map::new();
    for (name, value) in fields {
        let element = Element::field(name);
        if gone.has(&element) {
            continue;
        }
        let value = match (gone.below(&element), map.field(name)) {
            (Some(gone), Some(shape)) => remove(shape, value, gone),
            _ => value.clone(),
        };
        left.insert(name.clone(), value);
    }
    if left.is_empty() {
        Value::Null
    } else {
        Value::Object(left)
    }
}

fn from_list(list: ListForm<'_>, items: &[Value], gone: &Set) -> Value {
    let rest = item::elements(&list, items)
        .into_iter()
        .filter(|(element, _)| !gone.has(element))
        .map(|(element, value)| match gone.below(&element) {
            Some(gone) => remove(list.items, value, gone),
            None => value.clone(),
        });
    let rest: Vec<Value> = rest.collect();
    if rest.is_empty() {
        Value::Null
    } else {
        Value::Array(rest)
    }
}
