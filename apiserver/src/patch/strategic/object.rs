//! Merging of objects.

use serde_json::{Map, Value};

use super::error::Problem;
use super::list::{self, Strategy};
use super::order;
use crate::schema::Node;

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const SET_ORDER: &str = "$setElementOrder";
const DELETE_ITEMS: &str = "$deleteFromPrimitiveList";

type Fields = Map<String, Value>;

/// Returns `live` under `patch`, both objects of the same place in the schema.
pub(super) fn merge(node: Option<Node<'_>>, live: Fields, patch: &Fields) -> Result<Fields, Problem> {
    if let Some(directive) = patch.get(PATCH) {
        return replace_or_delete(directive, patch);
    }
    let mut patch = patch.clone();
    let mut live = retain_keys(live, &mut patch)?;
    set_element_order(node, &mut live, &mut patch)?;
    for (name, value) in patch {
        match name.split_once('/') {
            Some((DELETE_ITEMS, list)) => delete_items(&mut live, list, &value)?,
            _ if name.starts_with(DELETE_ITEMS) => return Err(malformed("primitive list")),
            _ => merge_field(node, &mut live, name, value)?,
        }
    }
    Ok(live)
}

fn malformed(what: &str) -> Problem {
    Problem::Malformed(format!("invalid patch format of {what}"))
}

fn replace_or_delete(directive: &Value, patch: &Fields) -> Result<Fields, Problem> {
    match directive.as_str() {
        Some("delete") => Ok(Fields::new()),
        Some("replace") => {
            let mut replacement = patch.clone();
            replacement.remove(PATCH);
            Ok(replacement)
        }
        _ => Err(Problem::unknown_directive(directive, patch)),
    }
}

/// Drops the live fields `$retainKeys` does not name; it has to name all the patch sets.
fn retain_keys(mut live: Fields, patch: &mut Fields) -> Result<Fields, Problem> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else {
        return Ok(live);
    };
    let Value::Array(retained) = retained else {
        return Err(malformed("retainKeys"));
    };
    let is_retained = |name: &str| retained.iter().any(|one| one == name);
    let is_directive = |name: &str| name.starts_with(DELETE_ITEMS) || name.starts_with(SET_ORDER);
    for (name, value) in patch.iter() {
        if !value.is_null() && !is_directive(name) && !is_retained(name) {
            return Err(malformed("retainKeys"));
        }
    }
    live.retain(|name, _| is_retained(name));
    Ok(live)
}

/// Merges and orders each list that comes with an order, and takes both out of the patch.
fn set_element_order(node: Option<Node<'_>>, live: &mut Fields, patch: &mut Fields) -> Result<(), Problem> {
    let directives = patch.keys().filter(|name| name.starts_with(SET_ORDER));
    for directive in directives.cloned().collect::<Vec<_>>() {
        let Some((SET_ORDER, name)) = directive.split_once('/') else {
            return Err(malformed("setElementOrder list"));
        };
        let order = patch.remove(&directive).unwrap_or_default();
        let order = list::expect_list(&order)?;
        let before = live.get(name).map(list::expect_list).transpose()?;
        let given = patch.get(name).map(list::expect_list).transpose()?;
        if before.or(given).is_none() {
            continue;
        }
        let strategy = Strategy::of(node, name)?;
        order::check(given.unwrap_or_default(), order, strategy.key)?;
        let merged = match (before, given) {
            (Some(before), Some(given)) => list::merge(&strategy, before.to_vec(), given)?,
            (Some(before), None) => before.to_vec(),
            (None, given) => list::without_directives(given.unwrap_or_default()),
        };
        let ordered = order::arrange(&merged, order, before.unwrap_or_default(), strategy.key)?;
        live.insert(name.to_owned(), Value::Array(ordered));
        patch.remove(name);
    }
    Ok(())
}

fn delete_items(live: &mut Fields, name: &str, gone: &Value) -> Result<(), Problem> {
    if gone.is_null() {
        live.remove(name);
        return Ok(());
    }
    if let (Some(Value::Array(items)), Value::Array(gone)) = (live.get_mut(name), gone) {
        list::expect_alike(items, gone)?;
        items.retain(|item| !gone.contains(item));
    }
    Ok(())
}

fn merge_field(node: Option<Node<'_>>, live: &mut Fields, name: String, value: Value) -> Result<(), Problem> {
    if value.is_null() {
        live.remove(&name);
        return Ok(());
    }
    let merged = match (live.get_mut(&name).map(Value::take), value) {
        (Some(Value::Object(before)), Value::Object(patch)) => {
            let (place, replace) = place(node, &name)?;
            let merged = if replace {
                patch
            } else {
                merge(place, before, &patch)?
            };
            Some(Value::Object(merged))
        }
        (Some(Value::Array(before)), Value::Array(patch)) => {
            let strategy = Strategy::of(node, &name)?;
            Some(Value::Array(list::merge(&strategy, before, &patch)?))
        }
        (_, mut value) => {
            discard_nulls(&mut value);
            without_directives(value)
        }
    };
    match merged {
        Some(value) => drop(live.insert(name, value)),
        None => drop(live.remove(&name)),
    }
    Ok(())
}

/// Where a field is in the schema, and whether it is replaced whole.
fn place<'a>(node: Option<Node<'a>>, name: &str) -> Result<(Option<Node<'a>>, bool), Problem> {
    let place = list::declared(node, name)?;
    let strategy = place.and_then(|place| place.site().patch_strategy.as_deref());
    let replace = strategy.is_some_and(|strategy| strategy.split(',').any(|one| one == "replace"));
    Ok((place, replace))
}

fn discard_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(discard_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(discard_nulls),
        _ => {}
    }
}

/// A value that is new, without the objects in it that are but directives.
pub(super) fn without_directives(value: Value) -> Option<Value> {
    Some(match value {
        Value::Object(fields) if fields.contains_key(PATCH) => return None,
        Value::Object(fields) => fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, without_directives(value)?)))
            .collect(),
        Value::Array(items) => items.into_iter().filter_map(without_directives).collect(),
        scalar => scalar,
    })
}

/// The directive of a list item, if it is one.
pub(super) fn directive(item: &Value) -> Option<&Value> {
    item.as_object()?.get(PATCH)
}
