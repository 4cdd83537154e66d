//! How the items of a list are told apart.

use serde_json::Value;

use super::element::Element;
use super::shape::{ListForm, Relation, Shape};

/// Returns the step from a list to one of its items.
///
/// # Errors
///
/// The item cannot be told from others.
pub(super) fn element(list: &ListForm<'_>, item: &Value) -> Result<Element, String> {
    match list.relation {
        Relation::Atomic => Err("invalid indexing of non-associative list".to_owned()),
        Relation::Set => set_element(item),
        Relation::Map(keys) => key_element(keys, list.items, item),
    }
}

/// Returns each item of a list with its step, leaving out those that have none.
pub(super) fn elements<'v>(list: &ListForm<'_>, items: &'v [Value]) -> Vec<(Element, &'v Value)> {
    let step = |item| Some((element(list, item).ok()?, item));
    items.iter().filter_map(step).collect()
}

fn set_element(item: &Value) -> Result<Element, String> {
    let problem = match item {
        Value::Object(_) => "associative list without keys has an element that's a map type",
        Value::Array(_) => "not supported: associative list with lists as elements",
        Value::Null => "associative list without keys has an element that's an explicit null",
        _ => return Ok(Element::Value(item.clone())),
    };
    Err(problem.to_owned())
}

/// A key that is left out counts with its default; one without a default is not part of the step.
fn key_element(keys: &[String], items: Shape<'_>, item: &Value) -> Result<Element, String> {
    let Some(fields) = item.as_object() else {
        let kind = if item.is_null() {
            "a null element"
        } else {
            "non-map elements"
        };
        return Err(format!("associative list with keys may not have {kind}"));
    };
    let value = |key: &String| {
        let value = fields.get(key).or_else(|| items.field_default(key))?;
        Some((key.clone(), value.clone()))
    };
    let mut found: Vec<_> = keys.iter().filter_map(value).collect();
    if found.is_empty() && !keys.is_empty() {
        return Err(no_keys(keys));
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(Element::Key(found))
}

fn no_keys(keys: &[String]) -> String {
    let names: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
    format!(
        "associative list with keys has an element that omits all key fields [{}] (and doesn't have default \
         values for any key fields)",
        names.join(" ")
    )
}
