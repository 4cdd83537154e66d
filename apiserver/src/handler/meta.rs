//! Rules for metadata and for what an endpoint may change, the same for every kind.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::route::Endpoint;
use crate::object::{Meta as _, metadata_mut};
use crate::registry::Resource;
use crate::status::{Error, FieldError, Result};

/// Fields of the metadata that only the server sets.
const SYSTEM: [&str; 5] = [
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "selfLink",
];

/// How long a name can be: what `generateName` makes is cut to it.
const LONGEST_GENERATED_BASE: usize = 58;

/// Refuses a body whose namespace is not that of the URL, and sets it if the body has none.
pub(super) fn settle_namespace(call: &Call<'_>, object: &mut Value) -> Result<()> {
    let namespace = call.namespace();
    let given = object.namespace();
    if !given.is_empty() && given != namespace {
        return Err(Error::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    let metadata = metadata_mut(object);
    if namespace.is_empty() {
        metadata.remove("namespace");
    } else {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    Ok(())
}

/// Refuses an object whose name is not that of the URL.
pub(super) fn check_name(object: &Value, name: &str) -> Result<()> {
    let given = object.name();
    if given == name {
        return Ok(());
    }
    Err(Error::bad_request(if given.is_empty() {
        format!("the name of the object ({name} based on URL) was undeterminable: name must be provided")
    } else {
        format!("the name of the object ({given}) does not match the name on the URL ({name})")
    }))
}

/// Replaces what a client may not set on a new object.
pub(super) fn stamp_new(call: &Call<'_>, object: &mut Value) {
    let (uid, now) = (call.core.environment.uid(), call.core.environment.timestamp());
    let metadata = metadata_mut(object);
    for field in SYSTEM {
        metadata.remove(field);
    }
    metadata.insert("uid".to_owned(), json!(uid));
    metadata.insert("creationTimestamp".to_owned(), json!(now));
    if call.resource.has_generation {
        metadata.insert("generation".to_owned(), json!(1));
    }
}

/// Gives an object without a name one that `generateName` starts; true if it did.
pub(super) fn generate_name(call: &Call<'_>, object: &mut Value) -> bool {
    let base = object.meta_str("generateName");
    if base.is_empty() || !object.name().is_empty() {
        return false;
    }
    let cut = (0..=base.len().min(LONGEST_GENERATED_BASE))
        .rev()
        .find(|at| base.is_char_boundary(*at));
    let name = format!(
        "{}{}",
        &base[..cut.unwrap_or_default()],
        call.core.environment.name_suffix()
    );
    metadata_mut(object).insert("name".to_owned(), json!(name));
    true
}

/// Takes from the stored object what this endpoint does not change.
pub(super) fn keep_old(call: &Call<'_>, old: &Value, new: &mut Value) {
    keep_system(old, new);
    match call.endpoint {
        Endpoint::Status => keep_all_but_status(&call.resource, old, new),
        _ if call.resource.has_status => copy(old, new, "status"),
        _ => {}
    }
}

fn keep_system(old: &Value, new: &mut Value) {
    let kept = ["name", "namespace", "generation"];
    let fields = SYSTEM.iter().chain(&kept);
    let old = old.metadata();
    let metadata = metadata_mut(new);
    for field in fields {
        match old.and_then(|old| old.get(*field)) {
            Some(value) => metadata.insert((*field).to_owned(), value.clone()),
            None => metadata.remove(*field),
        };
    }
}

fn keep_all_but_status(resource: &Resource, old: &Value, new: &mut Value) {
    let status = new.get("status").cloned();
    let sent = new.metadata().cloned().unwrap_or_default();
    *new = old.clone();
    if resource.custom {
        put(metadata_mut(new), "managedFields", sent.get("managedFields"));
        put(metadata_mut(new), "resourceVersion", sent.get("resourceVersion"));
    } else {
        let kept: Vec<_> = resource
            .reset_fields
            .status
            .iter()
            .filter_map(|path| path.strip_prefix("metadata."))
            .collect();
        let before = std::mem::replace(metadata_mut(new), sent);
        for field in kept {
            put(metadata_mut(new), field, before.get(field));
        }
    }
    let map = new.as_object_mut().expect("a stored object is a map");
    put(map, "status", status.as_ref());
}

fn copy(old: &Value, new: &mut Value, field: &str) {
    if let Some(map) = new.as_object_mut() {
        put(map, field, old.get(field));
    }
}

fn put(map: &mut Map<String, Value>, field: &str, value: Option<&Value>) {
    match value {
        Some(value) => map.insert(field.to_owned(), value.clone()),
        None => map.remove(field),
    };
}

/// Counts a change of what the user wants.
pub(super) fn bump_generation(resource: &Resource, old: &Value, new: &mut Value) {
    if resource.has_generation && wants_differ(resource, old, new) {
        let next = old.generation() + 1;
        metadata_mut(new).insert("generation".to_owned(), json!(next));
    }
}

fn wants_differ(resource: &Resource, old: &Value, new: &Value) -> bool {
    let differs = |field: &str| old.get(field) != new.get(field);
    if !resource.custom && (old.get("spec").is_some() || new.get("spec").is_some()) {
        let annotations = |object: &Value| {
            object
                .metadata()
                .and_then(|meta| meta.get("annotations"))
                .cloned()
        };
        let deployment = resource.group == "apps" && resource.plural == "deployments";
        return differs("spec") || (deployment && annotations(old) != annotations(new));
    }
    // The value of a priority class never changes; the rest of it does not count.
    if !resource.custom && resource.plural == "priorityclasses" {
        return false;
    }
    let counts = |field: &&String| *field != "metadata" && !(*field == "status" && resource.has_status);
    let fields = |object: &Value| {
        object
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
            .collect::<Vec<_>>()
    };
    let (before, after) = (fields(old), fields(new));
    before
        .iter()
        .chain(&after)
        .filter(counts)
        .any(|field| differs(field))
}

/// What is wrong with the change of an object's metadata, whatever its kind.
pub(super) fn change_errors(old: &Value, new: &Value, uid: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !uid.is_empty() && uid != old.uid() {
        errors.push(FieldError::invalid(
            "metadata.uid",
            &json!(uid),
            "field is immutable",
        ));
    }
    if old.is_deleting() {
        let before = old.finalizers();
        let added: Vec<_> = new
            .finalizers()
            .into_iter()
            .filter(|one| !before.contains(one))
            .collect();
        if !added.is_empty() {
            let list: Vec<String> = added.iter().map(|one| format!("{one:?}")).collect();
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                list.join(", ")
            );
            errors.push(FieldError::forbidden("metadata.finalizers", &detail));
        }
    }
    // The real server checks metadata for every kind and again for the kind: both are among the causes.
    errors.iter().chain(&errors).cloned().collect()
}
