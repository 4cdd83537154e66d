//! Sets written under another schema: a map or list that is owned whole by now was perhaps owned by parts.

use super::element::Element;
use super::set::{Branch, Set};
use super::shape::{Form, Forms, Relation, Shape};

/// Returns `set` with what is below a place owned whole replaced by that place.
pub(super) fn reconcile(shape: Shape<'_>, set: &Set) -> Set {
    set.filter_map(|element, branch| {
        let below = below(shape.forms(), element);
        Some(below.map_or_else(|| branch.clone(), |shape| reconcile_branch(shape, branch)))
    })
}

fn reconcile_branch(shape: Shape<'_>, branch: &Branch) -> Branch {
    if branch.below.is_empty() {
        return branch.clone();
    }
    if is_atomic(shape) {
        return Branch::leaf();
    }
    Branch {
        member: branch.member,
        below: reconcile(shape, &branch.below),
    }
}

fn below<'a>(forms: Forms<'a>, element: &Element) -> Option<Shape<'a>> {
    match element {
        Element::Field(name) => forms.map?.field(name),
        _ => forms.list.map(|list| list.items),
    }
}

fn is_atomic(shape: Shape<'_>) -> bool {
    match shape.forms().first() {
        Form::Map(map) => map.atomic && !map.is_deduced(),
        Form::List(list) => matches!(list.relation, Relation::Atomic),
        Form::Scalar(_) => false,
    }
}
