//! The one node pods are placed on, and which of several a pod fits.

use serde_json::{Value, json};

use crate::controllers::condition::is_true;
use crate::controllers::world::{Kind, World};
use crate::object::Meta;

const NAME: &str = "krate-node";

/// Address of the node, and of the pods that share its network.
pub(super) const ADDRESS: &str = "10.0.100.1";

/// Returns the node a cluster starts with.
pub(super) fn first() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": NAME, "labels": {
            "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux",
        }},
        "spec": {"podCIDR": "10.244.0.0/16", "podCIDRs": ["10.244.0.0/16"]},
    })
}

/// Returns the status of that node: ready, with room for many pods.
pub(super) fn status(now: &str) -> Value {
    let room = json!({"cpu": "64", "ephemeral-storage": "1Ti", "memory": "256Gi", "pods": "10000"});
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "type": kind, "status": status, "reason": reason, "message": message,
            "lastHeartbeatTime": now, "lastTransitionTime": now,
        })
    };
    json!({
        "addresses": [{"type": "InternalIP", "address": ADDRESS}, {"type": "Hostname", "address": NAME}],
        "allocatable": room, "capacity": room,
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ],
        "nodeInfo": {
            "architecture": "amd64", "bootID": "", "containerRuntimeVersion": "krate://1", "kernelVersion": "",
            "kubeProxyVersion": "", "kubeletVersion": "v1.36.0", "machineID": "", "operatingSystem": "linux",
            "osImage": "krate", "systemUUID": "",
        },
    })
}

/// Returns the nodes a pod with this spec may be placed on, by name.
pub(super) fn fitting<'a>(world: &'a World, spec: &'a Value) -> impl Iterator<Item = &'a Value> {
    let takes = |node: &&Value| {
        is_true(node, "Ready")
            && node["spec"]["unschedulable"] != true
            && !node.is_deleting()
            && has_labels(node, spec)
    };
    world.inside(Kind::Node, "").filter(takes)
}

fn has_labels(node: &Value, spec: &Value) -> bool {
    let labels = node.labels();
    let wanted = spec["nodeSelector"].as_object();
    let has = |key: &str, value: &Value| labels.and_then(|labels| labels.get(key)) == Some(value);
    wanted.into_iter().flatten().all(|(key, value)| has(key, value))
}
