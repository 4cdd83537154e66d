//! Between the version an object is stored in and the version it is asked for.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::object::{Meta as _, Object, ObjectRef};
use crate::registry::Resource;

/// Returns the object as the resource shows it; shared if that is how it is stored.
pub(super) fn served(resource: &Resource, stored: &ObjectRef) -> ObjectRef {
    if stored.api_version() == resource.api_version() {
        return Arc::clone(stored);
    }
    let mut value = stored.value().clone();
    value["apiVersion"] = json!(resource.api_version());
    Arc::new(Object::new(value, stored.revision()))
}

/// Returns the object as it is stored.
pub(super) fn storable(resource: &Resource, mut value: Value) -> Value {
    value["apiVersion"] = json!(storage_api_version(resource));
    value
}

fn storage_api_version(resource: &Resource) -> String {
    if resource.storage_group.is_empty() {
        resource.storage_version.clone()
    } else {
        format!("{}/{}", resource.storage_group, resource.storage_version)
    }
}
