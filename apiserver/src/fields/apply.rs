//! Server-side apply: the configuration is all its manager wants, and all it owns.

use serde_json::Value;

use super::collect;
use super::compare::compare;
use super::complete::drop_nulls;
use super::conflict::Conflicts;
use super::last_applied;
use super::merge::merge;
use super::number;
use super::owner::{self, Holding, Operation, Owners};
use super::prune::prune;
use super::update::{contested, give_up, reconcile_all, updated};
use super::validate::{Duplicates, validate};
use super::writer::{Writer, entries, nobodys, take_entries};
use crate::object::{Meta, metadata_mut};
use crate::registry::Resource;
use crate::status::{Error, Result};

/// Who owns the fields of an object nobody was recorded for, once it is applied to.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";

/// Returns the object `live` becomes when `config` is applied, with its owners.
///
/// `live` is the stored object, `None` if the apply creates it. Defaults are not filled in. Where the result has
/// the value of `live`, the time of the entry is left alone, so that writing it can be skipped: see
/// [`keep_timestamps`](super::keep_timestamps).
///
/// # Errors
///
/// - 400 if the configuration is of another kind or carries `managedFields`;
/// - 409 naming the fields of other managers it would change, unless `force` is set;
/// - 500 if it does not fit the schema.
pub fn apply(writer: Writer<'_>, live: Option<&Value>, config: &Value, force: bool) -> Result<Value> {
    check_kind(writer.resource, config)?;
    let mut applied = apply_to(writer, live, config, force)?;
    if writer.manager == last_applied::MANAGER {
        last_applied::refresh(&mut applied, config);
    }
    Ok(applied)
}

fn check_kind(resource: &Resource, config: &Value) -> Result<()> {
    if config.api_version() == resource.api_version() && config.kind() == resource.kind {
        return Ok(());
    }
    let (version, kind) = (config.api_version(), config.kind());
    Err(Error::bad_request(format!(
        "invalid object type: {}, Kind={kind}",
        qualified(version)
    )))
}

/// A group and version as messages about kinds spell it: the core group is empty.
fn qualified(api_version: &str) -> String {
    if api_version.contains('/') {
        api_version.to_owned()
    } else {
        format!("/{api_version}")
    }
}

fn apply_to(writer: Writer<'_>, live: Option<&Value>, config: &Value, force: bool) -> Result<Value> {
    let owners = owner::decode(live.and_then(entries))
        .map_err(|error| Error::untyped(500, format!("failed to decode managed fields: {error}")))?;
    if entries(config).is_some_and(|entries| !entries.is_null()) {
        return Err(Error::bad_request("metadata.managedFields must be nil"));
    }
    let mut bare = live.cloned().unwrap_or_else(|| stub(writer.resource));
    take_entries(&mut bare);
    let owners = if owners.is_empty() && live.is_some() {
        updated(writer, BEFORE_FIRST_APPLY, None, &bare, owners).unwrap_or_default()
    } else {
        owners
    };
    check(writer, "typed patch object", config, config, Duplicates::Refused)?;
    check(writer, "typed live object", &bare, &bare, Duplicates::Allowed)?;
    let (mut object, owners) = settle(writer, &bare, config, owners, force)?;
    if !writer.resource.custom {
        drop_nulls(writer.shape(), &mut object);
    }
    if let Some(entries) = owner::encode(&owners) {
        metadata_mut(&mut object).insert("managedFields".to_owned(), entries);
    }
    Ok(object)
}

fn stub(resource: &Resource) -> Value {
    serde_json::json!({"apiVersion": resource.api_version(), "kind": resource.kind})
}

fn check(
    writer: Writer<'_>,
    what: &str,
    object: &Value,
    value: &Value,
    duplicates: Duplicates,
) -> Result<()> {
    validate(writer.shape(), value, duplicates).map_err(|mistakes| {
        let (namespace, name) = (object.namespace(), object.name());
        let version = qualified(object.api_version());
        Error::untyped(
            500,
            format!(
                "failed to create {what} ({namespace}/{name}; {version}, Kind={}): {mistakes}",
                object.kind()
            ),
        )
    })
}

fn settle(
    writer: Writer<'_>,
    live: &Value,
    config: &Value,
    owners: Owners,
    force: bool,
) -> Result<(Value, Owners)> {
    match merged(writer, live, config, owners.clone(), force) {
        Ok(done) => Ok(done),
        Err(conflicts) if writer.manager == last_applied::MANAGER => {
            let allowed = last_applied::allowed(writer.shape(), live, config.api_version());
            match conflicts.without(&allowed) {
                rest if rest.is_empty() => {
                    merged(writer, live, config, owners, true).map_err(Conflicts::into_error)
                }
                rest => Err(rest.into_error()),
            }
        }
        Err(conflicts) => Err(conflicts.into_error()),
    }
}

/// Merges the configuration into the live object, and hands out the fields.
fn merged(
    writer: Writer<'_>,
    live: &Value,
    config: &Value,
    mut owners: Owners,
    force: bool,
) -> Result<(Value, Owners), Conflicts> {
    let shape = writer.shape();
    let reset = writer.reset_fields();
    let manager = writer.named(writer.manager, Operation::Apply);
    reconcile_all(shape, &mut owners);
    let last = owners.remove(&manager);
    let mut object = merge(shape, live, config);
    let fields = collect::fields(shape, config).without(&reset);
    let others = owners
        .values()
        .fold(fields.clone(), |all, holding| all.union(&holding.fields));
    if let Some(last) = &last {
        object = prune(shape, &object, &last.fields, &others);
    }
    let change = compare(shape, live, &object).without(&reset);
    let conflicts = contested(&owners, Some(&manager), &change);
    if !force && !conflicts.is_empty() {
        return Err(conflicts);
    }
    give_up(&mut owners, Some(&manager), &conflicts, &change);
    // The time tells when the object changed, not when somebody applied.
    let time = if number::equal(live, &object) {
        last.and_then(|last| last.time)
    } else {
        Some(writer.now.to_owned())
    };
    let fields = fields.difference(&nobodys());
    if !fields.is_empty() {
        let api_version = writer.resource.api_version();
        owners.insert(
            manager,
            Holding {
                api_version,
                fields,
                time,
            },
        );
    }
    Ok((object, owners))
}
