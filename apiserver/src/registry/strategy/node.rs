//! Nodes.

use serde_json::{Value, json};

use super::edit::{self, ensure};
use super::hooks::{Hooks, NONE};

pub(super) const NODE: Hooks = Hooks {
    default: |value| {
        let node = edit::map(value);
        let spec = ensure(node, "spec");
        if let (Some(range), None) = (spec.get("podCIDR").cloned(), spec.get("podCIDRs")) {
            spec.insert("podCIDRs".into(), json!([range]));
        }
        let status = ensure(node, "status");
        if let Some(capacity) = status.get("capacity").cloned() {
            status.entry("allocatable").or_insert(capacity);
        }
    },
    // Nobody knows yet whether it is ready.
    prepare_create: |value| {
        let taints = ensure(edit::map(value), "spec")
            .entry("taints")
            .or_insert(Value::Null);
        if !taints.is_array() {
            *taints = json!([]);
        }
        let key = "node.kubernetes.io/not-ready";
        if let Some(list) = taints.as_array_mut()
            && !list.iter().any(|taint| taint["key"] == key)
        {
            list.push(json!({"key": key, "effect": "NoSchedule"}));
        }
    },
    drops_status: false,
    ..NONE
};
