//! Namespaces.

use serde_json::{Value, json};

use super::edit::{self, ensure, put};
use super::hooks::{Hooks, NONE};
use crate::object::Meta as _;

const FINALIZER: &str = "kubernetes";

pub(super) const NAMESPACE: Hooks = Hooks {
    default: |value| {
        let name = value.name().to_owned();
        if !name.is_empty() {
            let labels = ensure(edit::metadata(value), "labels");
            labels.insert("kubernetes.io/metadata.name".into(), json!(name));
        }
    },
    prepare_create: |value| {
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
