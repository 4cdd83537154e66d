//! What follows from the write of a CustomResourceDefinition, in the same request: its conditions, the resources it
//! gives, and in the end the removal of all its objects.
//!
//! A real server's controllers do this a moment later; here no request ever sees the moment between.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use serde_json::{Value, json};

use super::delete;
use crate::core::{Core, bucket_of};
use crate::crd;
use crate::fields::{self, Writer};
use crate::object::{Meta as _, ObjectRef};
use crate::registry::Resource;

const GROUP: &str = "apiextensions.k8s.io";
const PLURAL: &str = "customresourcedefinitions";
/// Who writes the conditions.
const MANAGER: &str = "kube-apiserver";

/// What is served for each CRD, by name: the parts of it that decide what is served.
pub(crate) type Served = BTreeMap<String, Value>;

/// Brings what is served in line with the CRDs after a write to `resource`.
pub(super) fn follow_up(core: &Core, resource: &Resource) {
    let definition = resource.group == GROUP && resource.plural == PLURAL;
    if definition || resource.terminating {
        // One at a time: what is registered last must be what was written last.
        let mut served = core.served.lock().unwrap_or_else(PoisonError::into_inner);
        while step(core, &mut served) {}
    }
}

/// Does one thing that is to be done; false if there is none.
fn step(core: &Core, served: &mut Served) -> bool {
    let definitions = core.store.all(&bucket_of(GROUP, PLURAL));
    withdraw(core, served, &definitions)
        || definitions
            .iter()
            .any(|one| settle(core, one, &definitions) || serve(core, served, one) || empty(core, one))
}

/// Stops serving what has no CRD any more.
fn withdraw(core: &Core, served: &mut Served, definitions: &[ObjectRef]) -> bool {
    let gone = served
        .keys()
        .find(|name| !definitions.iter().any(|one| one.name() == *name))
        .cloned();
    let Some(name) = gone else {
        return false;
    };
    served.remove(&name);
    let (plural, group) = name.split_once('.').unwrap_or((&name, ""));
    core.registry.remove_custom(group, plural);
    core.store.close(&bucket_of(group, plural));
    true
}

/// Sets the conditions.
fn settle(core: &Core, definition: &ObjectRef, all: &[ObjectRef]) -> bool {
    let others = all.iter().map(|one| one.value());
    let now = core.environment.timestamp();
    let Some(settled) = crd::settle(definition.value(), others, &now) else {
        return false;
    };
    let Some(resource) = core.registry.lookup(GROUP, "v1", PLURAL) else {
        return false;
    };
    let writer = Writer {
        resource: &resource,
        manager: MANAGER,
        subresource: "status",
        now: &now,
    };
    put(
        core,
        definition,
        fields::update(writer, Some(definition.value()), settled),
    )
}

/// Serves the kind as the CRD describes it; watches of what it was before end.
fn serve(core: &Core, served: &mut Served, definition: &ObjectRef) -> bool {
    let value = definition.value();
    let parts = json!([
        value["spec"],
        value["status"]["acceptedNames"],
        crd::is_established(value),
        definition.is_deleting(),
    ]);
    if served.get(definition.name()) == Some(&parts) {
        return false;
    }
    let (group, plural) = names(value);
    let changed = served.insert(definition.name().to_owned(), parts.clone());
    core.registry.set_custom(&group, &plural, crd::resources(value));
    if changed.is_some_and(|before| before[0] != parts[0]) {
        core.store.close(&bucket_of(&group, &plural));
    }
    true
}

/// Removes the objects of a CRD that is being deleted, and the CRD once none is left.
fn empty(core: &Core, definition: &ObjectRef) -> bool {
    if !definition.is_deleting() {
        return false;
    }
    let Some(freed) = crd::end_deletion(definition.value()) else {
        return false;
    };
    let (group, plural) = names(definition.value());
    let bucket = bucket_of(&group, &plural);
    if let Some(resource) = stored_resource(core, &group, &plural) {
        for object in core.store.all(&bucket) {
            delete::sweep(core, &resource, &object);
        }
    }
    if !core.store.all(&bucket).is_empty() {
        return false;
    }
    if !freed.finalizers().is_empty() {
        return put(core, definition, freed);
    }
    core.store
        .delete(&bucket_of(GROUP, PLURAL), definition.name(), definition)
        .is_ok()
}

fn stored_resource(core: &Core, group: &str, plural: &str) -> Option<std::sync::Arc<Resource>> {
    let kinds = core.registry.kinds();
    let group = kinds.group(group)?;
    let mut found = group
        .versions
        .iter()
        .filter_map(|version| version.resources.get(plural));
    found.next().cloned()
}

fn put(core: &Core, definition: &ObjectRef, value: Value) -> bool {
    let (bucket, revision) = (bucket_of(GROUP, PLURAL), definition.revision());
    core.store
        .put(&bucket, definition.name(), Some(revision), value)
        .is_ok()
}

fn names(definition: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&definition["spec"]["group"]),
        text(&definition["spec"]["names"]["plural"]),
    )
}
