//! Whether a webhook wants to see a write, and in which version.

use std::sync::Arc;

use serde_json::Value;

use super::act::shape;
use crate::admission::{Attributes, Hook, OnFailure, Operation, Shape, review};
use crate::cel::all_hold;
use crate::core::bucket;
use crate::handler::call::Call;
use crate::object::ObjectRef;
use crate::registry::Resource;
use crate::status::{Error, GroupResource, Result};

/// A webhook that wants to see a write.
#[derive(Debug)]
pub(super) struct Invocation<'h> {
    pub(super) hook: &'h Hook,
    /// The endpoint as its rules name it.
    pub(super) shape: Shape,
}

/// Returns how `hook` wants to see a write, if it does.
pub(super) fn select<'h>(
    call: &Call<'_>,
    hook: &'h Hook,
    attributes: &Attributes,
    (object, old): (Option<&Value>, Option<&Value>),
) -> Result<Option<Invocation<'h>>> {
    let in_namespace = in_namespace(call, hook, attributes, object);
    if let Ok(false) = in_namespace {
        return Ok(None);
    }
    if !hook.wants(object, old) {
        return Ok(None);
    }
    let Some(shape) = wanted_shape(call, hook, attributes) else {
        return Ok(None);
    };
    // A namespace that cannot be found matters only to webhooks that wanted to see the write.
    in_namespace?;
    let holds = conditions_hold(call, attributes, (hook, &shape), (object, old))?;
    Ok(holds.then_some(Invocation { hook, shape }))
}

/// Whether the webhook's conditions hold of the write, in the version it is made in.
fn conditions_hold(
    call: &Call<'_>,
    attributes: &Attributes,
    (hook, shape): (&Hook, &Shape),
    (object, old): (Option<&Value>, Option<&Value>),
) -> Result<bool> {
    if hook.conditions.is_empty() {
        return Ok(true);
    }
    let mut review = review(hook, "", attributes, shape, (None, None));
    let request = review["request"].take();
    let variables = [
        ("object", object.unwrap_or(&Value::Null)),
        ("oldObject", old.unwrap_or(&Value::Null)),
        ("request", &request),
    ];
    match all_hold(&hook.conditions, &variables) {
        Ok(holds) => Ok(holds),
        Err(_) if hook.on_failure == OnFailure::Ignore => Ok(false),
        Err(why) => Err(Error::forbidden(
            call.resource.group_resource(),
            &attributes.name,
            &why,
        )),
    }
}

/// Whether the write is in a namespace the webhook wants.
fn in_namespace(
    call: &Call<'_>,
    hook: &Hook,
    attributes: &Attributes,
    object: Option<&Value>,
) -> Result<bool> {
    let Some(selector) = hook.namespaces() else {
        return Ok(true);
    };
    if attributes.namespace.is_empty() && !attributes.is_namespace() {
        return Ok(true);
    }
    let written = attributes.is_namespace()
        && attributes.subresource.is_empty()
        && attributes.operation != Operation::Delete;
    if let Some(object) = object.filter(|_| written) {
        return Ok(selector.matches(object));
    }
    let name = &attributes.namespace;
    let found: Option<ObjectRef> = call.core.core_object("namespaces", "", name);
    let namespaces = GroupResource {
        group: "",
        resource: "namespaces",
    };
    let found = found.ok_or_else(|| Error::not_found(namespaces, name))?;
    Ok(selector.matches(found.value()))
}

/// Returns the version of the endpoint that the webhook's rules name.
fn wanted_shape(call: &Call<'_>, hook: &Hook, attributes: &Attributes) -> Option<Shape> {
    if hook.names(attributes, &attributes.shape) {
        return Some(attributes.shape.clone());
    }
    if !hook.equivalent {
        return None;
    }
    let ours = bucket(&call.resource);
    let kinds = call.core.registry.kinds();
    let others = kinds.resources().filter(|other| bucket(other) == ours);
    let mut shapes = others.map(|other| shape(other, spoken(call, other)));
    shapes.find(|shape| hook.names(attributes, shape))
}

/// What bodies are of at the same endpoint of another version.
fn spoken<'r>(call: &'r Call<'_>, other: &'r Arc<Resource>) -> &'r Resource {
    if call.speaks.kind == call.resource.kind {
        other
    } else {
        &call.speaks
    }
}
