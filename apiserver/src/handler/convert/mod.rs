//! Between what is stored and what is asked for: another version, another view, a schema that has changed since.
//!
//! Versions of custom kinds with a conversion webhook are made by it, once for each stored state ([`Object::view`]);
//! everything else takes no waiting.

mod autoscaler;
mod event;
mod webhook;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::core::Core;
use crate::object::{Meta as _, Object, ObjectRef};
use crate::registry::{Conversion, Resource};
use crate::schema;
use crate::status::{Error, Result};

/// Returns the object as the resource shows it; shared if that is how it is stored.
///
/// # Errors
/// 500 if a conversion webhook fails.
pub(super) async fn served(core: &Core, resource: &Resource, stored: &ObjectRef) -> Result<ObjectRef> {
    let Some(conversion) = foreign(resource, stored) else {
        return Ok(shown(resource, stored));
    };
    let Some(schema) = &resource.schema else {
        return Ok(shown(resource, stored));
    };
    let view = stored.view(schema);
    let made = view.get_or_try_init(|| async {
        let objects = [stored.value().clone()];
        let version = resource.api_version();
        let converted = webhook::convert(core, resource, conversion, &objects, &version).await;
        let mut converted = converted.map_err(|why| Error::untyped(500, why))?;
        Ok::<_, Error>(as_view(resource, stored, converted.remove(0)))
    });
    made.await.cloned()
}

/// Returns the objects as the resource shows them; those that have to be converted are so in one call.
///
/// # Errors
/// 500 if a conversion webhook fails.
pub(super) async fn served_all(
    core: &Core,
    resource: &Resource,
    objects: Vec<ObjectRef>,
) -> Result<Vec<ObjectRef>> {
    let (Some(conversion), Some(schema)) = (&resource.conversion, &resource.schema) else {
        return Ok(objects.iter().map(|stored| shown(resource, stored)).collect());
    };
    let missing =
        |stored: &&ObjectRef| foreign(resource, stored).is_some() && stored.view(schema).get().is_none();
    let missing: Vec<&ObjectRef> = objects.iter().filter(missing).collect();
    let values: Vec<Value> = missing.iter().map(|stored| stored.value().clone()).collect();
    let converted = webhook::convert(core, resource, conversion, &values, &resource.api_version()).await;
    let converted = converted.map_err(|why| Error::untyped(500, why))?;
    for (stored, value) in missing.into_iter().zip(converted) {
        // Someone may have been faster; both made the same.
        drop(stored.view(schema).set(as_view(resource, stored, value)));
    }
    let mut all = Vec::with_capacity(objects.len());
    for stored in &objects {
        all.push(served(core, resource, stored).await?);
    }
    Ok(all)
}

/// Returns the object as it is stored.
///
/// # Errors
/// 500 if a conversion webhook fails.
pub(super) async fn storable(core: &Core, resource: &Resource, value: Value) -> Result<Value> {
    to_version(core, resource, value, &storage_api_version(resource)).await
}

/// Returns an object of one version of the resource as `version` has it, an `apiVersion` of the same kind.
///
/// # Errors
/// 500 if a conversion webhook fails.
pub(super) async fn to_version(
    core: &Core,
    resource: &Resource,
    mut value: Value,
    version: &str,
) -> Result<Value> {
    if value.api_version() == version {
        return Ok(value);
    }
    if let Some(conversion) = &resource.conversion {
        let converted = webhook::convert(core, resource, conversion, &[value], version).await;
        return converted
            .map(|mut converted| converted.remove(0))
            .map_err(|why| Error::untyped(500, why));
    }
    let (from, to) = (value.api_version().to_owned(), version);
    value["apiVersion"] = json!(version);
    match (from.as_str(), to) {
        ("v1", "events.k8s.io/v1") => event::to_new(&mut value),
        ("events.k8s.io/v1", "v1") => event::to_core(&mut value),
        ("autoscaling/v2", "autoscaling/v1") => autoscaler::to_v1(&mut value),
        ("autoscaling/v1", "autoscaling/v2") => autoscaler::to_v2(&mut value),
        _ => {}
    }
    Ok(value)
}

/// The resource's conversion webhook, if the object has to go through it.
fn foreign<'r>(resource: &'r Resource, stored: &Object) -> Option<&'r Conversion> {
    let conversion = resource.conversion.as_deref()?;
    (stored.api_version() != resource.api_version()).then_some(conversion)
}

fn as_view(resource: &Resource, stored: &Object, mut value: Value) -> ObjectRef {
    settle(resource, &mut value);
    Arc::new(Object::new(value, stored.revision()))
}

/// Returns an object that no webhook has to convert as the resource shows it.
fn shown(resource: &Resource, stored: &ObjectRef) -> ObjectRef {
    if stored.api_version() != resource.api_version() {
        let mut value = stored.value().clone();
        value["apiVersion"] = json!(resource.api_version());
        match (resource.group.as_str(), resource.plural.as_str()) {
            ("events.k8s.io", "events") => event::to_new(&mut value),
            ("autoscaling", "horizontalpodautoscalers") => autoscaler::to_v1(&mut value),
            _ => {}
        }
        return as_view(resource, stored, value);
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
