//! Which fields a value has.

use serde_json::{Map, Value};

use super::element::Element;
use super::item;
use super::set::{Branch, Set};
use super::shape::{Form, ListForm, MapForm, Relation, Shape};

/// Returns the fields of a value: its leaves, list items, and map entries no schema declares.
pub(super) fn fields(shape: Shape<'_>, value: &Value) -> Set {
    branch(shape, value).below
}

fn branch(shape: Shape<'_>, value: &Value) -> Branch {
    match shape.at(value) {
        Form::Scalar(_) => Branch::leaf(),
        Form::Map(map) if map.atomic => Branch::leaf(),
        Form::Map(map) => below(value.as_object().map(|fields| of_map(map, fields))),
        Form::List(list) if matches!(list.relation, Relation::Atomic) => Branch::leaf(),
        Form::List(list) => below(value.as_array().map(|items| of_list(list, items))),
    }
}

fn below(set: Option<Set>) -> Branch {
    Branch {
        member: false,
        below: set.unwrap_or_default(),
    }
}

fn of_map(map: MapForm<'_>, fields: &Map<String, Value>) -> Set {
    let mut set = Set::default();
    for (name, value) in fields {
        let declared = map.declared(name);
        let Some(shape) = declared.or_else(|| map.field(name)) else {
            continue;
        };
        let mut branch = branch(shape, value);
        branch.member |= declared.is_none() || is_empty(value);
        set.attach(Element::field(name), branch);
    }
    set
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(Map::is_empty)
}

/// Items of a list that look alike are owned together, by their step alone.
fn of_list(list: ListForm<'_>, items: &[Value]) -> Set {
    let mut set = Set::default();
    for (element, value) in item::elements(&list, items) {
        let branch = if set.has(&element) {
            Branch::leaf()
        } else {
            Branch {
                member: true,
                ..branch(list.items, value)
            }
        };
        set.attach(element, branch);
    }
    set
}
