//! What a live value becomes under an applied one.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::element::Element;
use super::item;
use super::shape::{Form, ListForm, MapForm, Relation, Shape};

/// Lays `config` over `live`: maps by field, sets and map lists by item, everything else replaced.
pub(super) fn merge(shape: Shape<'_>, live: &Value, config: &Value) -> Value {
    match shape.at(config) {
        Form::Scalar(_) => config.clone(),
        Form::Map(map) => {
            let (l, c) = (live.as_object(), config.as_object());
            match (l.filter(|l| !l.is_empty()), c.filter(|c| !c.is_empty())) {
                _ if map.atomic => config.clone(),
                (None, _) => config.clone(),
                (Some(_), None) => live.clone(),
                (Some(live), Some(config)) => Value::Object(merge_map(map, live, config)),
            }
        }
        Form::List(list) => {
            let (l, c) = (live.as_array(), config.as_array());
            match (l.filter(|l| !l.is_empty()), c.filter(|c| !c.is_empty())) {
                _ if matches!(list.relation, Relation::Atomic) => config.clone(),
                (None, _) => config.clone(),
                (Some(_), None) => live.clone(),
                (Some(live), Some(config)) => Value::Array(merge_list(list, live, config)),
            }
        }
    }
}

fn merge_map(map: MapForm<'_>, live: &Map<String, Value>, config: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = live.clone();
    for (name, value) in config {
        let value = match (live.get(name), map.field(name)) {
            (Some(live), Some(shape)) => merge(shape, live, value),
            _ => value.clone(),
        };
        merged.insert(name.clone(), value);
    }
    merged
}

/// Live items keep their order, applied ones theirs; where the two disagree, the applied order wins.
fn merge_list(list: ListForm<'_>, live: &[Value], config: &[Value]) -> Vec<Value> {
    let live = item::elements(&list, live);
    let config = item::elements(&list, config);
    let matching = Matching::new(&list, &live, &config);
    let mut shared: VecDeque<&Element> = matching.shared().collect();
    let mut config = config.iter().peekable();
    let mut merged = Vec::with_capacity(live.len().max(config.len()));
    for (element, value) in &live {
        if !matching.is_applied(element) {
            merged.push((*value).clone());
            continue;
        }
        // A shared item is put where the applied list has it: it waits for those applied before it.
        if shared.front() != Some(&element) {
            continue;
        }
        for (applied, value) in config.by_ref() {
            merged.push(matching.merge(applied, value));
            if applied == element {
                break;
            }
        }
        shared.pop_front();
    }
    merged.extend(config.map(|(applied, value)| matching.merge(applied, value)));
    merged
}

/// The items of two lists by their steps.
struct Matching<'v, 's> {
    items: Shape<'s>,
    /// `None` for duplicates, which are not merged with but replaced.
    live: BTreeMap<&'v Element, Option<&'v Value>>,
    config: Vec<&'v Element>,
    applied: std::collections::BTreeSet<&'v Element>,
}

impl<'v, 's> Matching<'v, 's> {
    fn new(
        list: &ListForm<'s>,
        live: &'v [(Element, &'v Value)],
        config: &'v [(Element, &'v Value)],
    ) -> Self {
        let mut by_step = BTreeMap::new();
        for (element, value) in live {
            by_step
                .entry(element)
                .and_modify(|duplicate| *duplicate = None)
                .or_insert(Some(*value));
        }
        Self {
            items: list.items,
            live: by_step,
            config: config.iter().map(|(element, _)| element).collect(),
            applied: config.iter().map(|(element, _)| element).collect(),
        }
    }

    /// The steps in both lists, in applied order.
    fn shared(&self) -> impl Iterator<Item = &'v Element> {
        self.config
            .iter()
            .copied()
            .filter(|element| self.live.contains_key(element))
    }

    fn is_applied(&self, element: &Element) -> bool {
        self.applied.contains(element)
    }

    fn merge(&self, element: &Element, config: &Value) -> Value {
        match self.live.get(element) {
            Some(Some(live)) => merge(self.items, live, config),
            _ => config.clone(),
        }
    }
}
