//! The order of merged lists.
//!
//! Items of the patch are in the order the patch gives, the others in the order the live object has; the two rows
//! are interleaved as they are in the live object.

use serde_json::{Value, json};

use super::error::{MAP, Problem};
use super::object::directive;
use crate::patch::printed::printed;

/// Puts `merged` in order: `order` rules over its items, `live` over all others.
pub(super) fn arrange(
    merged: &[Value],
    order: &[Value],
    live: &[Value],
    key: &str,
) -> Result<Vec<Value>, Problem> {
    if !key.is_empty() {
        for item in merged.iter().chain(order) {
            let fields = item.as_object().ok_or_else(|| Problem::wrong_type(MAP, item))?;
            fields
                .get(key)
                .ok_or_else(|| Problem::no_merge_key(fields, key))?;
        }
    }
    let (mut ours, mut others): (Vec<_>, Vec<_>) = merged
        .iter()
        .cloned()
        .partition(|item| position(order, item, key).is_some());
    ours.sort_by_key(|item| (directive(item).is_some(), position(order, item, key)));
    others.sort_by_key(|item| (directive(item).is_some(), position(live, item, key)));
    Ok(interleave(others, ours, live, key))
}

fn position(items: &[Value], wanted: &Value, key: &str) -> Option<usize> {
    items.iter().position(|item| same(item, wanted, key))
}

fn same(left: &Value, right: &Value, key: &str) -> bool {
    if key.is_empty() {
        left == right
    } else {
        left.get(key) == right.get(key)
    }
}

/// An item that is not of the patch goes before the first one of the patch it precedes in the live list.
fn interleave(others: Vec<Value>, ours: Vec<Value>, live: &[Value], key: &str) -> Vec<Value> {
    let mut all = Vec::with_capacity(others.len() + ours.len());
    let mut others = others.into_iter().peekable();
    for item in ours {
        let place = position(live, &item, key);
        let precedes = |other: &Value| {
            position(live, other, key)
                .zip(place)
                .is_some_and(|(other, item)| other < item)
        };
        while let Some(other) = others.next_if(precedes) {
            all.push(other);
        }
        all.push(item);
    }
    all.extend(others);
    all
}

/// Checks that the items of a patch come in the order `$setElementOrder` gives.
///
/// Directives are skipped while there is order left; one that replaces the list may not come after that.
pub(super) fn check(patch: &[Value], order: &[Value], key: &str) -> Result<(), Problem> {
    if order.is_empty() {
        return Ok(());
    }
    let is_delete = |item: &&Value| directive(item).is_some_and(|directive| directive == "delete");
    let mut rest = patch.iter().filter(|item| !is_delete(item)).peekable();
    for place in order {
        while rest.next_if(|item| directive(item).is_some()).is_some() {}
        let Some(item) = rest.peek() else {
            return Ok(());
        };
        expect_keys(&[item, place], key)?;
        if same(place, item, key) {
            rest.next();
        }
    }
    if rest.peek().is_none() {
        return Ok(());
    }
    let (patch, order) = (printed(&json!(patch)), printed(&json!(order)));
    Err(Problem::Failed(format!(
        "The order in patch list:\n{patch}\n doesn't match $setElementOrder list:\n{order}\n"
    )))
}

fn expect_keys(items: &[&Value], key: &str) -> Result<(), Problem> {
    if key.is_empty() {
        return Ok(());
    }
    for item in items {
        let fields = item.as_object().ok_or_else(|| Problem::wrong_type(MAP, item))?;
        fields
            .get(key)
            .ok_or_else(|| Problem::no_merge_key(fields, key))?;
    }
    Ok(())
}
