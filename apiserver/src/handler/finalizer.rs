//! When an object that is being deleted goes.

use serde_json::Value;

use crate::object::Meta as _;
use crate::registry::Resource;

/// What an update means for an object's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Stays,
    /// The last thing that held it is gone.
    Goes,
}

/// Returns whether an update of `old` to `new` ends the object.
pub(super) fn ending(resource: &Resource, old: &Value, new: &Value) -> Ending {
    let held = !new.finalizers().is_empty() || !old.is_deleting();
    let namespace = resource.group.is_empty() && resource.plural == "namespaces";
    let definition =
        resource.group == "apiextensions.k8s.io" && resource.plural == "customresourcedefinitions";
    let ends = if namespace {
        !has_namespace_finalizers(new)
    } else if definition {
        true
    } else {
        grace_period(old) == Some(0)
    };
    if ends && !held {
        Ending::Goes
    } else {
        Ending::Stays
    }
}

/// `metadata.deletionGracePeriodSeconds`.
pub(super) fn grace_period(object: &Value) -> Option<i64> {
    object.metadata()?.get("deletionGracePeriodSeconds")?.as_i64()
}

/// Namespaces have finalizers of their own, in their spec.
pub(super) fn has_namespace_finalizers(namespace: &Value) -> bool {
    let finalizers = namespace
        .get("spec")
        .and_then(|spec| spec.get("finalizers")?.as_array());
    finalizers.is_some_and(|finalizers| !finalizers.is_empty())
}
