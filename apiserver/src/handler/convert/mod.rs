//! Between what is stored and what is asked for: another version, another view, a schema that has changed since.

mod autoscaler;
mod event;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::object::{Meta as _, Object, ObjectRef};
use crate::registry::Resource;
use crate::schema;

/// Returns the object as the resource shows it; shared if that is how it is stored.
pub(super) fn served(resource: &Resource, stored: &ObjectRef) -> ObjectRef {
    if stored.api_version() != resource.api_version() {
        let mut value = stored.value().clone();
        value["apiVersion"] = json!(resource.api_version());
        convert(resource, &mut value, Direction::Out);
        settle(resource, &mut value);
        return Arc::new(Object::new(value, stored.revision()));
    }
    let Some(schema) = resource.schema.as_ref().filter(|_| resource.custom) else {
        return Arc::clone(stored);
    };
    if stored.is_settled(schema) {
        return Arc::clone(stored);
    }
    let mut value = stored.value().clone();
    settle(resource, &mut value);
    if value == *stored.value() {
        stored.settle(schema);
        return Arc::clone(stored);
    }
    Arc::new(Object::new(value, stored.revision()))
}

/// Returns the object as it is stored.
pub(super) fn storable(resource: &Resource, mut value: Value) -> Value {
    let storage = storage_api_version(resource);
    if storage != resource.api_version() {
        value["apiVersion"] = json!(storage);
        convert(resource, &mut value, Direction::In);
    }
    value
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// To the version asked for.
    Out,
    /// To the stored one.
    In,
}

/// Renames what is called differently in the resource's version; everything else is the same in all versions.
fn convert(resource: &Resource, value: &mut Value, direction: Direction) {
    match (resource.group.as_str(), resource.plural.as_str(), direction) {
        ("events.k8s.io", "events", Direction::Out) => event::to_new(value),
        ("events.k8s.io", "events", Direction::In) => event::to_core(value),
        ("autoscaling", "horizontalpodautoscalers", Direction::Out) => autoscaler::to_v1(value),
        ("autoscaling", "horizontalpodautoscalers", Direction::In) => autoscaler::to_v2(value),
        _ => {}
    }
}

/// What was stored under an earlier schema is shown as the present one has it.
fn settle(resource: &Resource, value: &mut Value) {
    if let (true, Some(node)) = (resource.custom, resource.node()) {
        schema::prune(value, node);
        schema::default(value, node);
    }
}

fn storage_api_version(resource: &Resource) -> String {
    if resource.storage_group.is_empty() {
        resource.storage_version.clone()
    } else {
        format!("{}/{}", resource.storage_group, resource.storage_version)
    }
}
