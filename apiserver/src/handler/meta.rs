//! Rules for metadata and for what an endpoint may change, the same for every kind.

use serde_json::{Map, Value, json};

use super::call::Call;
use crate::object::{Meta as _, map_mut, metadata_mut};
use crate::registry::strategy;
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
    // Where the URL has none, as for kinds without namespaces, what the body says does not matter.
    if !given.is_empty() && !namespace.is_empty() && given != namespace {
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

/// Removes what a client may not set on a new object.
pub(super) fn strip_system(object: &mut Value) {
    let metadata = metadata_mut(object);
    for field in SYSTEM {
        metadata.remove(field);
    }
}

/// Sets what the server sets on a new object.
pub(super) fn stamp_new(call: &Call<'_>, object: &mut Value) {
    let (uid, now) = (call.core.environment.uid(), call.core.environment.timestamp());
    strip_system(object);
    let metadata = metadata_mut(object);
    metadata.insert("uid".to_owned(), json!(uid));
    metadata.insert("creationTimestamp".to_owned(), json!(now));
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

/// Makes the new state of an object ready to be stored: the server's metadata stays, and so does what this
/// endpoint does not write.
pub(super) fn prepare(call: &Call<'_>, old: &Value, new: &mut Value) {
    keep_system(old, new);
    if let Some(written) = written(call.endpoint.name()) {
        keep_all_but(old, new, written);
    }
    strategy::prepare_update(&call.resource, call.endpoint.name(), new, old);
}

fn keep_system(old: &Value, new: &mut Value) {
    let uid_given = !new.uid().is_empty();
    let old = old.metadata();
    let metadata = metadata_mut(new);
    for field in SYSTEM.iter().chain(&["name", "namespace"]) {
        if uid_given && *field == "uid" {
            // Validation says what it thinks of it.
            continue;
        }
        put(metadata, field, old.and_then(|old| old.get(*field)));
    }
}

/// Returns the one field an endpoint writes, as its parent and name.
fn written(endpoint: &str) -> Option<(&'static str, &'static str)> {
    match endpoint {
        "ephemeralcontainers" => Some(("spec", "ephemeralContainers")),
        "resize" => Some(("spec", "containers")),
        "approval" => Some(("status", "conditions")),
        _ => None,
    }
}

fn keep_all_but(old: &Value, new: &mut Value, (parent, field): (&str, &str)) {
    let sent = new.get(parent).and_then(|parent| parent.get(field)).cloned();
    let metadata = new.metadata().cloned().unwrap_or_default();
    *new = old.clone();
    *metadata_mut(new) = metadata;
    put(
        map_mut(map_mut(new).entry(parent).or_insert(Value::Null)),
        field,
        sent.as_ref(),
    );
}

fn put(map: &mut Map<String, Value>, field: &str, value: Option<&Value>) {
    match value {
        Some(value) => map.insert(field.to_owned(), value.clone()),
        None => map.remove(field),
    };
}

/// Refuses an object that breaks the rules of its kind; `old` is what it replaces.
pub(super) fn validate(call: &Call<'_>, object: &Value, old: Option<&Value>) -> Result<()> {
    let resource = &call.resource;
    let errors = match old {
        None => strategy::validate_create(resource, object),
        Some(old) => twice(strategy::validate_update(
            resource,
            call.endpoint.name(),
            object,
            old,
        )),
    };
    if errors.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(
        &resource.group,
        &resource.kind,
        object.name(),
        &errors,
    ))
}

/// The real server checks changes of metadata for every kind and again for the kind: causes name them twice.
fn twice(errors: Vec<FieldError>) -> Vec<FieldError> {
    let of_metadata = |error: &&FieldError| {
        error.field == "metadata.uid"
            || (error.field == "metadata.finalizers" && error.reason == "FieldValueForbidden")
    };
    let again: Vec<FieldError> = errors.iter().filter(of_metadata).cloned().collect();
    again.into_iter().chain(errors).collect()
}
