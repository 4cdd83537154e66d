//! Conditions: whether the names are free, whether the kind is served, whether it is going.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::object::{Meta as _, map_mut, metadata_mut};

/// Holds a CRD while instances of it exist.
pub const CLEANUP_FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Returns the CRD with the status that follows from its names, those `others` of its group have, and whether it is
/// being deleted; nothing if it has that status already.
///
/// `others` may hold CRDs of other groups and the one itself; `now` is the time of a condition that changes.
#[must_use]
pub fn settle<'v>(crd: &Value, others: impl IntoIterator<Item = &'v Value>, now: &str) -> Option<Value> {
    let mut settled = crd.clone();
    let taken = taken_names(crd, others);
    let (accepted, conflict) = accept(crd, &taken);
    let status = map_mut(map_mut(&mut settled).entry("status").or_insert(Value::Null));
    status.insert("acceptedNames".into(), accepted);
    let named = match &conflict {
        None => condition("NamesAccepted", true, "NoConflicts", "no conflicts found"),
        Some((reason, message)) => condition("NamesAccepted", false, reason, message),
    };
    set_condition(status, named, now);
    if conflict.is_none() {
        let message = "the initial names have been accepted";
        set_condition(
            status,
            condition("Established", true, "InitialNamesAccepted", message),
            now,
        );
    } else if !is_established(crd) {
        set_condition(
            status,
            condition("Established", false, "NotAccepted", "not all names are accepted"),
            now,
        );
    }
    if crd.is_deleting() {
        let message = "CustomResource deletion is in progress";
        set_condition(
            status,
            condition("Terminating", true, "InstanceDeletionInProgress", message),
            now,
        );
    }
    (settled != *crd).then_some(settled)
}

/// Returns whether the CRD's resources are served.
#[must_use]
pub fn is_established(crd: &Value) -> bool {
    conditions(crd)
        .iter()
        .any(|one| one["type"] == "Established" && one["status"] == "True")
}

/// Marks a CRD as going at the time `now`, with the finalizer that holds it until its instances are gone.
pub fn begin_deletion(crd: &mut Value, now: &str) {
    metadata_mut(crd).insert("deletionTimestamp".into(), json!(now));
    let status = map_mut(map_mut(crd).entry("status").or_insert(Value::Null));
    let message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
    set_condition(
        status,
        condition("Terminating", true, "InstanceDeletionPending", message),
        now,
    );
    if !crd.finalizers().contains(&CLEANUP_FINALIZER) {
        let list = metadata_mut(crd).entry("finalizers").or_insert(Value::Null);
        if !list.is_array() {
            *list = json!([]);
        }
        if let Some(list) = list.as_array_mut() {
            list.push(json!(CLEANUP_FINALIZER));
        }
    }
}

/// Returns the CRD without the finalizer that held it; nothing if it is not held.
#[must_use]
pub fn end_deletion(crd: &Value) -> Option<Value> {
    if !crd.finalizers().contains(&CLEANUP_FINALIZER) {
        return None;
    }
    let left: Vec<&str> = crd
        .finalizers()
        .into_iter()
        .filter(|one| *one != CLEANUP_FINALIZER)
        .collect();
    let left = json!(left);
    let mut freed = crd.clone();
    let metadata = metadata_mut(&mut freed);
    if left == json!([]) {
        metadata.remove("finalizers");
    } else {
        metadata.insert("finalizers".into(), left);
    }
    Some(freed)
}

fn conditions(crd: &Value) -> &[Value] {
    crd["status"]["conditions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// What other CRDs of the group are called.
#[derive(Default)]
struct Taken {
    resources: BTreeSet<String>,
    kinds: BTreeSet<String>,
}

fn taken_names<'v>(crd: &Value, others: impl IntoIterator<Item = &'v Value>) -> Taken {
    let mut taken = Taken::default();
    let group = &crd["spec"]["group"];
    for other in others {
        if other["spec"]["group"] != *group || other.name() == crd.name() {
            continue;
        }
        let names = &other["status"]["acceptedNames"];
        let short = names["shortNames"].as_array().into_iter().flatten();
        let resources = [&names["plural"], &names["singular"]].into_iter().chain(short);
        taken.resources.extend(texts(resources));
        taken.kinds.extend(texts([&names["kind"], &names["listKind"]]));
    }
    taken
}

fn texts<'v>(values: impl IntoIterator<Item = &'v Value>) -> impl Iterator<Item = String> {
    let texts = values
        .into_iter()
        .filter_map(Value::as_str)
        .filter(|text| !text.is_empty());
    texts.map(str::to_owned)
}

/// Returns the names that are accepted and the last conflict, if there is one.
///
/// A name in use keeps the place it was accepted with before.
fn accept(crd: &Value, taken: &Taken) -> (Value, Option<(&'static str, String)>) {
    let wanted = &crd["spec"]["names"];
    let before = &crd["status"]["acceptedNames"];
    let mut accepted = Map::new();
    let mut conflict = None;
    for (field, used, reason) in [
        ("plural", &taken.resources, "PluralConflict"),
        ("singular", &taken.resources, "SingularConflict"),
        ("shortNames", &taken.resources, "ShortNamesConflict"),
        ("kind", &taken.kinds, "KindConflict"),
        ("listKind", &taken.kinds, "ListKindConflict"),
    ] {
        let names = [&wanted[field]]
            .into_iter()
            .chain(wanted[field].as_array().into_iter().flatten());
        let clash = texts(names).find(|name| used.contains(name));
        let value = if clash.is_some() {
            &before[field]
        } else {
            &wanted[field]
        };
        if let Some(name) = clash {
            conflict = Some((reason, format!("{name:?} is already in use")));
        }
        if !value.is_null() && (value != "" || field == "plural" || field == "kind") {
            accepted.insert(field.to_owned(), value.clone());
        }
    }
    if !wanted["categories"].is_null() {
        accepted.insert("categories".into(), wanted["categories"].clone());
    }
    (Value::Object(accepted), conflict)
}

fn condition(kind: &str, holds: bool, reason: &str, message: &str) -> Value {
    let status = if holds { "True" } else { "False" };
    json!({"type": kind, "status": status, "reason": reason, "message": message})
}

/// Sets a condition; its time moves only with its status.
fn set_condition(status: &mut Map<String, Value>, mut condition: Value, now: &str) {
    let list = status.entry("conditions").or_insert(Value::Null);
    if !list.is_array() {
        *list = json!([]);
    }
    let Some(list) = list.as_array_mut() else { return };
    let found = list.iter_mut().find(|one| one["type"] == condition["type"]);
    let time = match &found {
        Some(old) if old["status"] == condition["status"] => old["lastTransitionTime"].clone(),
        _ => json!(now),
    };
    condition["lastTransitionTime"] = time;
    match found {
        Some(old) => *old = condition,
        None => list.push(condition),
    }
}
