//! What differs between two values.

use serde_json::{Map, Value};

use super::element::Element;
use super::item;
use super::number;
use super::set::{Branch, Set};
use super::shape::{Form, ListForm, MapForm, Relation, Shape};

/// The fields a change adds, alters and takes away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    pub(super) added: Set,
    pub(super) modified: Set,
    pub(super) removed: Set,
}

impl Comparison {
    /// Leaves out the fields of `reset` and everything below them.
    pub(super) fn without(&self, reset: &Set) -> Self {
        Self {
            added: self.added.without(reset),
            modified: self.modified.without(reset),
            removed: self.removed.without(reset),
        }
    }

    /// The fields that are new or have another value.
    pub(super) fn changed(&self) -> Set {
        self.modified.clone().union(&self.added)
    }
}

/// Compares two objects.
pub(super) fn compare(shape: Shape<'_>, left: &Value, right: &Value) -> Comparison {
    let difference = difference(shape, Some(left), Some(right));
    Comparison {
        added: difference.added.below,
        modified: difference.modified.below,
        removed: difference.removed.below,
    }
}

#[derive(Default)]
struct Difference {
    added: Branch,
    modified: Branch,
    removed: Branch,
}

impl Difference {
    /// The difference of two values that are owned whole.
    fn leaf(left: Option<&Value>, right: Option<&Value>) -> Self {
        let mut difference = Self::default();
        match (left, right) {
            (Some(left), Some(right)) if number::equal(left, right) => {}
            (Some(_), Some(_)) => difference.modified = Branch::leaf(),
            (None, Some(_)) => difference.added = Branch::leaf(),
            (Some(_), None) => difference.removed = Branch::leaf(),
            (None, None) => {}
        }
        difference
    }

    fn attach(&mut self, element: &Element, below: Self) {
        self.added.below.attach(element.clone(), below.added);
        self.modified.below.attach(element.clone(), below.modified);
        self.removed.below.attach(element.clone(), below.removed);
    }

    fn union(self, other: &Self) -> Self {
        Self {
            added: join(self.added, &other.added),
            modified: join(self.modified, &other.modified),
            removed: join(self.removed, &other.removed),
        }
    }

    /// A map or list that exists on one side only is itself added or removed.
    fn presence(mut self, left: Option<&Value>, right: Option<&Value>) -> Self {
        self.added.member |= left.is_none();
        self.removed.member |= right.is_none();
        self
    }
}

fn join(left: Branch, right: &Branch) -> Branch {
    Branch {
        member: left.member || right.member,
        below: left.below.union(&right.below),
    }
}

fn difference(shape: Shape<'_>, left: Option<&Value>, right: Option<&Value>) -> Difference {
    match (left, right) {
        (None, None) => Difference::default(),
        (Some(one), None) | (None, Some(one)) => in_form(shape.at(one), left, right),
        (Some(l), Some(r)) => {
            let difference = in_form(shape.at(r), left, right);
            if same_form(shape, l, r) {
                difference
            } else {
                in_form(shape.at(l), left, right).union(&difference)
            }
        }
    }
}

/// Whether both values take the same form; null takes each form the shape has.
fn same_form(shape: Shape<'_>, left: &Value, right: &Value) -> bool {
    let form = |value| std::mem::discriminant(&shape.at(value));
    form(left) == form(right)
}

fn in_form(form: Form<'_>, left: Option<&Value>, right: Option<&Value>) -> Difference {
    match form {
        Form::Scalar(_) => Difference::leaf(left, right),
        Form::Map(map) => {
            let (l, r) = (left.and_then(Value::as_object), right.and_then(Value::as_object));
            let empty = l.is_none_or(Map::is_empty) && r.is_none_or(Map::is_empty);
            if map.atomic || empty {
                return Difference::leaf(left, right);
            }
            of_map(map, l, r).presence(left, right)
        }
        Form::List(list) => {
            let (l, r) = (items(left), items(right));
            let atomic = matches!(list.relation, Relation::Atomic);
            if atomic || (l.is_empty() && r.is_empty()) {
                return Difference::leaf(left, right);
            }
            of_list(list, l, r).presence(left, right)
        }
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn of_map(
    map: MapForm<'_>,
    left: Option<&Map<String, Value>>,
    right: Option<&Map<String, Value>>,
) -> Difference {
    let mut all = Difference::default();
    let mut visit = |name: &str, l: Option<&Value>, r: Option<&Value>| {
        if let Some(shape) = map.field(name) {
            all.attach(&Element::field(name), difference(shape, l, r));
        }
    };
    for (name, value) in left.into_iter().flatten() {
        visit(name, Some(value), right.and_then(|right| right.get(name)));
    }
    for (name, value) in right.into_iter().flatten() {
        if left.is_none_or(|left| !left.contains_key(name)) {
            visit(name, None, Some(value));
        }
    }
    all
}

fn of_list(list: ListForm<'_>, left: &[Value], right: &[Value]) -> Difference {
    let (left, right) = (group(&list, left), group(&list, right));
    let mut all = Difference::default();
    for (element, l) in &left {
        let r = right.get(element).map(Vec::as_slice).unwrap_or_default();
        all.attach(element, of_alike(list.items, l, r));
    }
    for (element, r) in right.iter().filter(|(element, _)| !left.contains_key(*element)) {
        all.attach(element, of_alike(list.items, &[], r));
    }
    all
}

type Groups<'v> = std::collections::BTreeMap<Element, Vec<&'v Value>>;

fn group<'v>(list: &ListForm<'_>, items: &'v [Value]) -> Groups<'v> {
    let mut groups = Groups::new();
    for (element, value) in item::elements(list, items) {
        groups.entry(element).or_default().push(value);
    }
    groups
}

/// Compares the items with one step: there is one per side unless a list holds duplicates, which are owned
/// together.
fn of_alike(items: Shape<'_>, left: &[&Value], right: &[&Value]) -> Difference {
    let (first_left, first_right) = (left.first().copied(), right.first().copied());
    match (left.len(), right.len()) {
        (0..=1, 0..=1) => difference(items, first_left, first_right),
        (0..=1, _) => {
            let mut change = difference(items, first_left, None);
            change.added.member = true;
            change
        }
        (_, 0..=1) => {
            let mut change = difference(items, None, first_right);
            change.removed.member = true;
            change
        }
        (l, r) => {
            let mut change = Difference::default();
            let pairs = left.iter().zip(right);
            change.modified.member = l != r || pairs.into_iter().any(|(l, r)| !number::equal(l, r));
            change
        }
    }
}
