//! The rules of kinds beyond their schema: what is filled in, what may not change, what is refused.
//!
//! A handler calls these hooks in the order of the real server and knows no kind:
//!
//! 1. [`default`] after every decoding or patching,
//! 2. [`prepare_create`] or [`prepare_update`] once the server's own metadata is set,
//! 3. [`validate_create`] or [`validate_update`],
//! 4. [`warnings`], for the headers of the answer.
//!
//! Each built-in kind with rules of its own has a row in [`hooks`]; custom kinds follow their schema.
//! What needs to see other objects (addresses of services, names of CRDs) is not here but in
//! [`crd`](crate::crd).

mod admission;
mod autoscaling;
mod cluster;
mod config;
mod custom;
mod edit;
pub(crate) mod embedded;
mod fill;
mod hooks;
mod job;
mod metadata;
pub(crate) mod name;
mod namespace;
mod network;
mod node;
mod pod;
mod pod_rules;
mod rbac;
mod rule;
mod selector;
mod service;
mod update;
mod volume;
mod webhook;
mod workload;

pub(crate) use self::hooks::{Hooks, NONE};
pub use self::metadata::name_error;
pub(crate) use self::rule::Rules;
pub(crate) use self::service::families as address_families;
pub(crate) use self::webhook::client as webhook_client;

use serde_json::Value;

use super::Resource;
use crate::status::FieldError;

/// Fills in what a real server would have filled in.
pub fn default(resource: &Resource, value: &mut Value) {
    if resource.custom {
        return custom::default(resource, value);
    }
    (hooks::of(resource).default)(value);
    if let Some(node) = resource.node() {
        fill::fill(value, node);
    }
}

/// Makes a new object ready to be stored.
///
/// Call it when name, uid and creationTimestamp are set: some kinds derive labels from them.
pub fn prepare_create(resource: &Resource, value: &mut Value) {
    if resource.has_generation {
        edit::metadata(value).insert("generation".into(), 1.into());
    }
    if resource.has_status && hooks::of(resource).drops_status {
        edit::map(value).remove("status");
    }
    if resource.custom {
        return;
    }
    (hooks::of(resource).prepare_create)(value);
    if let Some(node) = resource.node() {
        fill::fill(value, node);
    }
}

/// Makes the new state of an object ready to be stored: what the endpoint may not write is taken from `old`,
/// the generation counts on.
///
/// `subresource` is empty for the object itself.
pub fn prepare_update(resource: &Resource, subresource: &str, new: &mut Value, old: &Value) {
    update::keep(resource, subresource, new, old);
    if !resource.custom && subresource.is_empty() {
        (hooks::of(resource).prepare_update)(new, old);
    }
    update::count_generation(resource, subresource, new, old);
}

/// Returns what is wrong with a new object; the order is the real server's where that has one.
#[must_use]
pub fn validate_create(resource: &Resource, value: &Value) -> Vec<FieldError> {
    let mut rules = Rules::default();
    metadata::validate(&mut rules, resource, value);
    if resource.custom {
        custom::validate(&mut rules, resource, value, None, "");
    } else {
        (hooks::of(resource).validate_create)(&mut rules, value);
        (hooks::of(resource).validate)(&mut rules, value);
    }
    rules.into_errors()
}

/// Returns what is wrong with the new state of an object.
#[must_use]
pub fn validate_update(resource: &Resource, subresource: &str, new: &Value, old: &Value) -> Vec<FieldError> {
    let mut rules = Rules::default();
    metadata::validate(&mut rules, resource, new);
    metadata::validate_update(&mut rules, new, old);
    if resource.custom {
        custom::validate(&mut rules, resource, new, Some(old), subresource);
    } else if subresource.is_empty() {
        (hooks::of(resource).validate)(&mut rules, new);
        (hooks::of(resource).validate_update)(&mut rules, new, old);
    }
    rules.into_errors()
}

/// Returns what the client should be warned of; for a write, `old` is the state before it.
#[must_use]
pub fn warnings(resource: &Resource, value: &Value, old: Option<&Value>) -> Vec<String> {
    if resource.custom {
        return custom::warnings(resource, value, old);
    }
    (hooks::of(resource).warnings)(value, old)
}

#[cfg(test)]
mod tests;
