//! What concerns the kind as a whole, and its versions.

use std::cmp::Reverse;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionVersion,
};
use serde_json::Value;

use super::schema::compare;
use super::{Change, Impact};
use crate::crd::versions::differences;

/// What to do about clients of a version.
const UNTIL: &str = "Keep it, and call it `deprecated`, until nobody uses it";

/// Returns what changes between two definitions of a kind, the worst first and otherwise in order of place.
///
/// ```
/// use krate::crd::{Impact, evolve};
/// use krate::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
///
/// let old = CustomResourceDefinition::default();
/// let mut new = old.clone();
/// new.spec.scope = "Cluster".to_owned();
/// let changes = evolve(&old, &new);
/// assert_eq!(changes[0].impact, Impact::Breaking);
/// ```
///
/// With the old definition as a cluster has it, also versions that objects may still be stored in are known.
#[must_use]
pub fn evolve(old: &CustomResourceDefinition, new: &CustomResourceDefinition) -> Vec<Change> {
    let mut found = Found::default();
    names(old, new, &mut found);
    stored(old, new, &mut found);
    conversion(old, new, &mut found);
    for version in &old.spec.versions {
        let same = new.spec.versions.iter().find(|other| other.name == version.name);
        found.version = Some(version.name.clone());
        match same {
            Some(same) => compare_version(version, same, &mut found),
            None if version.served => found.push(
                "",
                Impact::Breaking,
                format!("the served version is gone: its clients get 404. {UNTIL}"),
            ),
            None => {}
        }
    }
    found.version = None;
    together(old, new, &mut found);
    let mut changes = found.changes;
    changes.sort_by_key(|change| Reverse(change.impact));
    changes
}

/// What was found so far, and in which version.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) version: Option<String>,
    pub(super) changes: Vec<Change>,
}

impl Found {
    pub(super) fn push(&mut self, path: &str, impact: Impact, message: impl Into<String>) {
        self.changes.push(Change {
            version: self.version.clone(),
            path: path.to_owned(),
            impact,
            message: message.into(),
        });
    }
}

fn names(old: &CustomResourceDefinition, new: &CustomResourceDefinition, found: &mut Found) {
    let (old, new) = (&old.spec, &new.spec);
    let fixed = [
        ("group", &old.group, &new.group),
        ("scope", &old.scope, &new.scope),
        ("kind", &old.names.kind, &new.names.kind),
        ("plural", &old.names.plural, &new.names.plural),
    ];
    for (what, before, after) in fixed {
        if before != after {
            let message = format!(
                "the {what} changes from `{before}` to `{after}`: that is another resource. Change it back, or make another kind"
            );
            found.push("", Impact::Breaking, message);
        }
    }
    if old.names.singular != new.names.singular {
        found.push("", Impact::Notable, "the singular changes: scripts may use it");
    }
    if old.names.list_kind != new.names.list_kind {
        found.push(
            "",
            Impact::Notable,
            "the kind of lists changes: clients may look for it",
        );
    }
    for (what, before, after) in [
        ("short name", &old.names.short_names, &new.names.short_names),
        ("category", &old.names.categories, &new.names.categories),
    ] {
        let after = after.as_deref().unwrap_or_default();
        for gone in before.iter().flatten().filter(|name| !after.contains(name)) {
            found.push(
                "",
                Impact::Notable,
                format!("the {what} `{gone}` is gone: scripts may use it"),
            );
        }
    }
}

/// Versions that objects are stored in stay in the definition until all of them are rewritten.
fn stored(old: &CustomResourceDefinition, new: &CustomResourceDefinition, found: &mut Found) {
    let has = |name: &str| new.spec.versions.iter().any(|version| version.name == name);
    let recorded = old
        .status
        .iter()
        .flat_map(|status| status.stored_versions.iter().flatten())
        .cloned();
    let storage = old
        .spec
        .versions
        .iter()
        .filter(|version| version.storage)
        .map(|version| version.name.clone());
    let mut stored: Vec<String> = recorded.chain(storage).filter(|name| !has(name)).collect();
    stored.sort();
    stored.dedup();
    for name in stored {
        let message = format!(
            "objects may be stored as `{name}`: keep the version, unserved, until they are rewritten and it is gone from `status.storedVersions`"
        );
        found.push("", Impact::Breaking, message);
    }
}

fn conversion(old: &CustomResourceDefinition, new: &CustomResourceDefinition, found: &mut Found) {
    let converts = |crd: &CustomResourceDefinition| {
        crd.spec
            .conversion
            .as_ref()
            .is_some_and(|conversion| conversion.strategy == "Webhook")
    };
    if converts(old) && !converts(new) && new.spec.versions.len() > 1 {
        let message = "versions are no longer converted by a webhook: fields that differ between them are dropped. Keep the conversion while there are objects of other versions";
        found.push("", Impact::Breaking, message);
    }
}

/// Versions between which nothing converts have to have room for each other; those that had not before are told once.
fn together(old: &CustomResourceDefinition, new: &CustomResourceDefinition, found: &mut Found) {
    let known = apart(old);
    for (path, message) in apart(new) {
        if !known
            .iter()
            .any(|other| *other == (path.clone(), message.clone()))
        {
            let message = format!(
                "{message}, and nothing converts them. Declare a conversion, or give both the same fields"
            );
            found.push(&path, Impact::Breaking, message);
        }
    }
}

/// Returns where versions between which nothing converts differ from the one that is stored.
fn apart(crd: &CustomResourceDefinition) -> Vec<(String, String)> {
    let conversion = crd.spec.conversion.as_ref();
    if conversion.is_some_and(|conversion| conversion.strategy == "Webhook") {
        return Vec::new();
    }
    let side = |version: &CustomResourceDefinitionVersion| {
        (version.name.clone(), schema(version).unwrap_or_default())
    };
    let Some(stored) = crd.spec.versions.iter().find(|version| version.storage) else {
        return Vec::new();
    };
    let others = crd.spec.versions.iter().filter(|version| !version.storage);
    let found = others.flat_map(|other| differences(side(stored), side(other)));
    found
        .map(|difference| (difference.path, difference.message))
        .collect()
}

fn compare_version(
    old: &CustomResourceDefinitionVersion,
    new: &CustomResourceDefinitionVersion,
    found: &mut Found,
) {
    if old.served && !new.served {
        found.push(
            "",
            Impact::Breaking,
            format!("the version is no longer served: its clients get 404. {UNTIL}"),
        );
    }
    if !old.storage && new.storage {
        let message = "objects are stored in this version from now on: rewrite those that are there before another one goes";
        found.push("", Impact::Notable, message);
    }
    if old.deprecated != Some(true) && new.deprecated == Some(true) {
        found.push(
            "",
            Impact::Notable,
            "the version becomes deprecated: its clients are warned",
        );
    }
    subresources(old, new, found);
    for gone in gone(&old.selectable_fields, &new.selectable_fields) {
        let message = format!(
            "`{}` is no longer selectable: field selectors on it are refused. Keep it `selectable`",
            gone.json_path
        );
        found.push("", Impact::Breaking, message);
    }
    let columns = |version: &CustomResourceDefinitionVersion| {
        version
            .additional_printer_columns
            .iter()
            .flatten()
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    let after = columns(new);
    for gone in columns(old).iter().filter(|name| !after.contains(name)) {
        found.push("", Impact::Notable, format!("the column `{gone}` is gone"));
    }
    for changed in gone(&old.additional_printer_columns, &new.additional_printer_columns) {
        if after.contains(&changed.name) {
            let message = format!("the column `{}` shows something else", changed.name);
            found.push("", Impact::Notable, message);
        }
    }
    match (schema(old), schema(new)) {
        (Some(old), Some(new)) => compare(&old, &new, found),
        (None, Some(_)) => found.push(
            "",
            Impact::Breaking,
            "fields were free, and are described now: others are dropped. Describe all that are in use",
        ),
        _ => {}
    }
}

fn subresources(
    old: &CustomResourceDefinitionVersion,
    new: &CustomResourceDefinitionVersion,
    found: &mut Found,
) {
    let status = |version: &CustomResourceDefinitionVersion| {
        version
            .subresources
            .as_ref()
            .is_some_and(|all| all.status.is_some())
    };
    let scale = |version: &CustomResourceDefinitionVersion| {
        version.subresources.as_ref().and_then(|all| all.scale.clone())
    };
    match (status(old), status(new)) {
        (true, false) => found.push(
            "",
            Impact::Breaking,
            "the status is no subresource any more: writes to `/status` get 404. Keep `status` in `#[kube(..)]`",
        ),
        (false, true) => found.push(
            "",
            Impact::Breaking,
            "the status becomes a subresource: writes to the object no longer change it. Let clients write `/status`",
        ),
        _ => {}
    }
    match (scale(old), scale(new)) {
        (Some(_), None) => found.push(
            "",
            Impact::Breaking,
            "the scale subresource is gone: `kubectl scale` and autoscalers fail. Keep `scale` in `#[kube(..)]`",
        ),
        (Some(old), Some(new)) if old != new => {
            found.push(
                "",
                Impact::Breaking,
                "the scale subresource reads and writes other fields: autoscalers change something else. Keep its paths",
            );
        }
        _ => {}
    }
}

fn gone<T: PartialEq + Clone>(old: &Option<Vec<T>>, new: &Option<Vec<T>>) -> Vec<T> {
    let new = new.as_deref().unwrap_or_default();
    old.iter()
        .flatten()
        .filter(|item| !new.contains(item))
        .cloned()
        .collect()
}

fn schema(version: &CustomResourceDefinitionVersion) -> Option<Value> {
    let schema = version.schema.as_ref()?.open_api_v3_schema.as_ref()?;
    // What was deserialized from JSON serializes to it.
    serde_json::to_value(schema).ok()
}
