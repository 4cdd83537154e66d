//! Namespaces.

use serde_json::{Value, json};

use super::edit::{self, ensure, put};
use super::hooks::{Hooks, NONE};
use crate::object::Meta as _;

const FINALIZER: &str = "kubernetes";

pub(super) const NAMESPACE: Hooks = Hooks {
    default: label,
    prepare_create: |value| {
        label(value);
        let namespace = edit::map(value);
        put(ensure(namespace, "status"), "phase", "Active");
        let finalizers = ensure(namespace, "spec")
            .entry("finalizers")
            .or_insert(Value::Null);
        if !finalizers.is_array() {
            *finalizers = json!([]);
        }
        if let Some(list) = finalizers.as_array_mut()
            && !list.iter().any(|one| one == FINALIZER)
        {
            list.push(json!(FINALIZER));
        }
    },
    // Only `/finalize` changes what holds a namespace.
    prepare_update: |new, old| drop(edit::map(new).insert("spec".into(), old["spec"].clone())),
    ..NONE
};

/// Selectors find a namespace by its name; one whose name is still to be made up waits for it.
fn label(namespace: &mut Value) {
    let name = namespace.name().to_owned();
    if !name.is_empty() {
        let labels = ensure(edit::metadata(namespace), "labels");
        labels.insert("kubernetes.io/metadata.name".into(), json!(name));
    }
}
