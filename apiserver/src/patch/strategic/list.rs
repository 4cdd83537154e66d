//! Merging of lists.

use serde_json::{Value, json};

use super::error::{MAP, Problem, SLICE};
use super::object;
use super::order;
use crate::patch::printed::{go_kind, printed};
use crate::schema::{Node, Type};

/// How a list is patched.
pub(super) struct Strategy<'a> {
    /// The list is merged, not replaced.
    merge: bool,
    /// The field that tells its items apart, empty for scalars.
    pub(super) key: &'a str,
    /// Where the items are in the schema.
    items: Option<Node<'a>>,
}

impl<'a> Strategy<'a> {
    /// The strategy of a field that is a list.
    pub(super) fn of(node: Option<Node<'a>>, name: &str) -> Result<Self, Problem> {
        let place = declared(node, name)?;
        let site = place.map(Node::site);
        let strategies = site
            .and_then(|site| site.patch_strategy.as_deref())
            .unwrap_or_default();
        Ok(Self {
            merge: strategies.split(',').any(|one| one == "merge"),
            key: site
                .and_then(|site| site.patch_merge_key.as_deref())
                .unwrap_or_default(),
            items: place.and_then(Node::items),
        })
    }
}

/// The declared field of an object that is a struct on the real server; strategies are tags of its fields.
pub(super) fn declared<'a>(node: Option<Node<'a>>, name: &str) -> Result<Option<Node<'a>>, Problem> {
    let Some(node) = node else {
        return Ok(None);
    };
    if let Some(place) = node.property(name) {
        return Ok(Some(place));
    }
    Err(Problem::Failed(if node.schema().properties.is_empty() {
        let kind = if node.schema().kind == Some(Type::Object) {
            "map"
        } else {
            "interface"
        };
        format!("merging an object in json but data type is not struct, instead is: {kind}")
    } else {
        let reference = node.site().reference.as_deref().unwrap_or_default();
        let name_of_struct = reference.rsplit('.').next().unwrap_or_default();
        format!("unable to find api field in struct {name_of_struct} for the json field {name:?}")
    }))
}

/// Returns `live` under `patch` by the strategy.
pub(super) fn merge(
    strategy: &Strategy<'_>,
    live: Vec<Value>,
    patch: &[Value],
) -> Result<Vec<Value>, Problem> {
    if !strategy.merge {
        return Ok(patch.to_vec());
    }
    if live.is_empty() && patch.is_empty() {
        return Ok(live);
    }
    expect_alike(&live, patch)?;
    let are_objects = live.iter().chain(patch).any(Value::is_object);
    if !are_objects {
        let all: Vec<Value> = live.iter().chain(patch).cloned().collect();
        return order::arrange(&unique(all), patch, &live, "");
    }
    if strategy.key.is_empty() {
        return Err(Problem::Failed(
            "cannot merge lists without merge key for struct".to_owned(),
        ));
    }
    let (live, patch) = follow_directives(live, patch, strategy.key)?;
    let merged = merge_items(strategy, live.clone(), &patch)?;
    order::arrange(&merged, &patch, &live, strategy.key)
}

fn unique(items: Vec<Value>) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::with_capacity(items.len());
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// Deletes the live items the patch says to, and takes the directives out of the patch.
fn follow_directives(
    mut live: Vec<Value>,
    patch: &[Value],
    key: &str,
) -> Result<(Vec<Value>, Vec<Value>), Problem> {
    let mut rest = Vec::new();
    let mut replace = false;
    for item in patch {
        let fields = item.as_object().ok_or_else(|| Problem::wrong_type(MAP, item))?;
        match object::directive(item).map(|directive| (directive, directive.as_str())) {
            None => rest.push(item.clone()),
            Some((_, Some("delete"))) => {
                let gone = fields
                    .get(key)
                    .ok_or_else(|| Problem::no_merge_key(fields, key))?;
                live.retain(|item| item.get(key) != Some(gone));
            }
            Some((_, Some("replace"))) => replace = true,
            Some((_, Some("merge"))) => {
                let message = "merging lists cannot yet be specified in the patch";
                return Err(Problem::Failed(message.to_owned()));
            }
            Some((directive, _)) => return Err(Problem::unknown_directive(directive, fields)),
        }
    }
    Ok(if replace { (rest, Vec::new()) } else { (live, rest) })
}

fn merge_items(
    strategy: &Strategy<'_>,
    mut live: Vec<Value>,
    patch: &[Value],
) -> Result<Vec<Value>, Problem> {
    let key = strategy.key;
    for item in patch {
        let fields = item.as_object().ok_or_else(|| Problem::wrong_type(MAP, item))?;
        let wanted = fields
            .get(key)
            .ok_or_else(|| Problem::no_merge_key(fields, key))?;
        match live.iter_mut().find(|item| item.get(key) == Some(wanted)) {
            Some(Value::Object(before)) => {
                *before = object::merge(strategy.items, std::mem::take(before), fields)?;
            }
            _ => live.push(item.clone()),
        }
    }
    Ok(live)
}

/// New items, without those that are but directives.
pub(super) fn without_directives(items: &[Value]) -> Vec<Value> {
    items
        .iter()
        .cloned()
        .filter_map(object::without_directives)
        .collect()
}

/// Returns the items of a list.
pub(super) fn expect_list(value: &Value) -> Result<&[Value], Problem> {
    let items = value
        .as_array()
        .ok_or_else(|| Problem::wrong_type(SLICE, value))?;
    Ok(items)
}

/// Items of merged lists are all of one type, and no lists.
pub(super) fn expect_alike(left: &[Value], right: &[Value]) -> Result<(), Problem> {
    let mut all = left.iter().chain(right);
    let Some(first) = all.next() else {
        return Ok(());
    };
    if first.is_array() {
        return Err(Problem::ListOfLists);
    }
    if all.all(|item| go_kind(item) == go_kind(first)) {
        return Ok(());
    }
    let shown = printed(&json!([left, right]));
    Err(Problem::Failed(format!(
        "list element types are not identical: {shown}"
    )))
}
