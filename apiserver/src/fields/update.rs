//! Ownership after a write that is not an apply: who changed a field has it.

use serde_json::Value;

use super::compare::{Comparison, compare};
use super::complete::complete;
use super::conflict::Conflicts;
use super::owner::{self, Holding, Manager, Operation, Owners};
use super::reconcile::reconcile;
use super::set::Set;
use super::shape::Shape;
use super::validate::{Duplicates, validate};
use super::writer::{Writer, entries, nobodys, take_entries};
use crate::object::{Meta, metadata_mut};

/// Returns `new` with its owners: those of `live`, or those the request sets itself, after this write.
///
/// To be called on the decoded and defaulted object, before admission and before the kind prepares it for
/// storage: what those change belongs to nobody.
/// `live` is the stored object, `None` on create. An object stored without owners gets none by an update.
/// Where ownership cannot be computed, because the object does not fit its schema, the owners are dropped.
#[must_use]
pub fn update(writer: Writer<'_>, live: Option<&Value>, mut new: Value) -> Value {
    let owners = starting_owners(writer, live, &new);
    take_entries(&mut new);
    let owners = if owners.is_empty() && live.is_some_and(|live| !live.uid().is_empty()) {
        Some(owners)
    } else {
        updated(writer, writer.manager, live, &new, owners)
    };
    if let Some(entries) = owners.as_ref().and_then(owner::encode) {
        metadata_mut(&mut new).insert("managedFields".to_owned(), entries);
    }
    new
}

/// The owners a request may start from: its own if it sends any, else the stored ones. Through a subresource
/// they cannot be set, and `[]` or `[{}]` clears them.
fn starting_owners(writer: Writer<'_>, live: Option<&Value>, new: &Value) -> Owners {
    let stored = || owner::decode(live.and_then(entries)).unwrap_or_default();
    if !writer.subresource.is_empty() {
        return stored();
    }
    let sent = entries(new);
    if sent.is_some_and(clears) {
        return Owners::new();
    }
    match owner::decode(sent) {
        Ok(owners) if !owners.is_empty() => owners,
        _ => stored(),
    }
}

fn clears(entries: &Value) -> bool {
    let blank = |entry: &Value| {
        entry
            .as_object()
            .is_some_and(|entry| entry.values().all(Value::is_null))
    };
    match entries.as_array().map(Vec::as_slice) {
        Some([]) => true,
        Some([one]) => blank(one),
        _ => false,
    }
}

/// Returns the owners after `name` turned `live` into `new`; `None` if that cannot be told.
pub(super) fn updated(
    writer: Writer<'_>,
    name: &str,
    live: Option<&Value>,
    new: &Value,
    mut owners: Owners,
) -> Option<Owners> {
    let shape = writer.shape();
    let comparison = compare_whole(writer, live, new)?.without(&writer.reset_fields());
    reconcile_all(shape, &mut owners);
    let conflicts = contested(&owners, None, &comparison);
    give_up(&mut owners, None, &conflicts, &comparison);
    let taken = comparison.changed().difference(&nobodys());
    if !taken.is_empty() {
        take(writer, &mut owners, writer.named(name, Operation::Update), &taken);
    }
    owner::cap_updaters(&mut owners);
    Some(owners)
}

fn compare_whole(writer: Writer<'_>, live: Option<&Value>, new: &Value) -> Option<Comparison> {
    let shape = writer.shape();
    let (live, new) = complete(writer.resource, live, new);
    validate(shape, &live, Duplicates::Allowed).ok()?;
    validate(shape, &new, Duplicates::Allowed).ok()?;
    Some(compare(shape, &live, &new))
}

fn take(writer: Writer<'_>, owners: &mut Owners, manager: Manager, taken: &Set) {
    let holding = owners.entry(manager).or_insert_with(|| Holding {
        api_version: writer.resource.api_version(),
        fields: Set::default(),
        time: None,
    });
    holding.fields = std::mem::take(&mut holding.fields).union(taken);
    holding.time = Some(writer.now.to_owned());
}

/// Adapts what was written under another schema.
pub(super) fn reconcile_all(shape: Shape<'_>, owners: &mut Owners) {
    for holding in owners.values_mut() {
        holding.fields = reconcile(shape, &holding.fields);
    }
}

/// The changed fields that belong to managers other than `except`.
pub(super) fn contested(owners: &Owners, except: Option<&Manager>, change: &Comparison) -> Conflicts {
    let changed = change.changed();
    let mut conflicts = Conflicts::default();
    for (manager, holding) in owners.iter().filter(|(manager, _)| Some(*manager) != except) {
        conflicts.add(manager, holding.fields.intersection(&changed));
    }
    conflicts
}

/// Takes contested and removed fields from managers other than `except`; who has nothing left goes.
pub(super) fn give_up(owners: &mut Owners, except: Option<&Manager>, lost: &Conflicts, change: &Comparison) {
    for (manager, fields) in lost.iter() {
        if let Some(holding) = owners.get_mut(manager) {
            holding.fields = holding.fields.difference(fields);
        }
    }
    for (_, holding) in owners.iter_mut().filter(|(manager, _)| Some(*manager) != except) {
        holding.fields = holding.fields.difference(&change.removed);
    }
    owners.retain(|_, holding| !holding.fields.is_empty());
}
