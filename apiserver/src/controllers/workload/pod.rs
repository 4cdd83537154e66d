//! The life of a pod: placed on a node, started at once, ended when deleted. No container runs.
//!
//! What a scheduler and a kubelet would report of a pod whose containers start and stay healthy. The pods of a job
//! end successfully.

use std::net::Ipv4Addr;

use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::node;
use crate::controllers::condition::{Condition, conditions, is_true};
use crate::controllers::plan::{Plan, Step, string};
use crate::controllers::world::{Key, Kind, World, controller};
use crate::object::Meta;

/// Plans the next step in a pod's life; `ip` is an address no other pod has.
pub(super) fn plan(pod: &Value, world: &World, ip: Ipv4Addr, now: &str) -> Plan {
    let mut plan = Plan::default();
    let path = Key::of(Kind::Pod, pod).path();
    let placed = !string(pod, &["spec", "nodeName"]).is_empty();
    if pod.is_deleting() {
        end(pod, path, &mut plan);
    } else if !placed {
        place(pod, world, path, now, &mut plan);
    } else {
        match string(pod, &["status", "phase"]) {
            "Succeeded" | "Failed" => {}
            "Running" if belongs_to_job(pod) => plan.set_status(path, pod, finished(pod, now)),
            _ => plan.set_status(path, pod, running(pod, ip, now)),
        }
    }
    plan
}

/// The containers stop at once; who still holds a finalizer keeps the object.
fn end(pod: &Value, path: String, plan: &mut Plan) {
    if pod["metadata"]["deletionGracePeriodSeconds"] != 0 {
        let uid = pod.uid().to_owned();
        let grace = Some(0);
        plan.push(Step::Delete { path, uid, grace });
    }
}

fn place(pod: &Value, world: &World, path: String, now: &str, plan: &mut Plan) {
    let scheduler = string(pod, &["spec", "schedulerName"]);
    if !matches!(scheduler, "" | "default-scheduler") {
        return;
    }
    let gates = pod["spec"]["schedulingGates"].as_array();
    let gated = gates.is_some_and(|gates| !gates.is_empty());
    if gated {
        let message = "Scheduling is blocked due to non-empty scheduling gates";
        return plan.set_status(path, pod, unplaced(pod, "SchedulingGated", message, now));
    }
    let Some(found) = node::fitting(world, &pod["spec"]).next() else {
        let count = world.inside(Kind::Node, "").count();
        let message = format!("0/{count} nodes are available.");
        return plan.set_status(path, pod, unplaced(pod, "Unschedulable", &message, now));
    };
    plan.push(Step::Create {
        collection: format!("{path}/binding"),
        object: json!({
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod.name(), "namespace": pod.namespace()},
            "target": {"apiVersion": "v1", "kind": "Node", "name": found.name()},
        }),
    });
}

fn unplaced(pod: &Value, reason: &str, message: &str, now: &str) -> Value {
    let mut list = conditions(pod);
    let condition = Condition {
        kind: "PodScheduled",
        status: "False",
        reason,
        message,
    };
    condition.set(&mut list, now);
    let mut new = pod.clone();
    new["status"]["conditions"] = json!(list);
    new
}

fn belongs_to_job(pod: &Value) -> bool {
    controller(pod).is_some_and(|owner| owner["kind"] == "Job")
}

fn running(pod: &Value, ip: Ipv4Addr, now: &str) -> Value {
    let mut new = pod.clone();
    let status = &mut new["status"];
    status["phase"] = json!("Running");
    status["conditions"] = json!(healthy(pod, now));
    status["observedGeneration"] = json!(pod.generation());
    if status["startTime"].is_null() {
        let own = if pod["spec"]["hostNetwork"] == true {
            node::ADDRESS.to_owned()
        } else {
            ip.to_string()
        };
        status["startTime"] = json!(now);
        status["hostIP"] = json!(node::ADDRESS);
        status["hostIPs"] = json!([{"ip": node::ADDRESS}]);
        status["podIPs"] = json!([{"ip": own}]);
        status["podIP"] = json!(own);
        status["containerStatuses"] = containers(pod, "containers", &json!({"running": {"startedAt": now}}));
        let done = json!({"terminated": {
            "exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now,
        }});
        let first = containers(pod, "initContainers", &done);
        if first != json!([]) {
            status["initContainerStatuses"] = first;
        }
    }
    new
}

fn finished(pod: &Value, now: &str) -> Value {
    let mut new = pod.clone();
    let mut list = conditions(pod);
    for (kind, status) in [
        ("PodReadyToStartContainers", "False"),
        ("Ready", "False"),
        ("ContainersReady", "False"),
    ] {
        let condition = Condition {
            kind,
            status,
            reason: if kind == "PodReadyToStartContainers" {
                ""
            } else {
                "PodCompleted"
            },
            message: "",
        };
        condition.set(&mut list, now);
    }
    new["status"]["phase"] = json!("Succeeded");
    new["status"]["conditions"] = json!(list);
    let started = pod["status"]["startTime"].clone();
    for container in new["status"]["containerStatuses"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        container["ready"] = json!(false);
        container["started"] = json!(false);
        container["state"] = json!({"terminated": {
            "containerID": container["containerID"], "exitCode": 0, "reason": "Completed",
            "startedAt": started, "finishedAt": now,
        }});
    }
    new
}

/// All conditions of a healthy pod; its readiness gates decide whether it is ready.
fn healthy(pod: &Value, now: &str) -> Vec<Value> {
    let mut list = conditions(pod);
    let gates = pod["spec"]["readinessGates"].as_array();
    let gates = gates
        .into_iter()
        .flatten()
        .filter_map(|gate| gate["conditionType"].as_str());
    let closed: Vec<&str> = gates.filter(|kind| !is_true(pod, kind)).collect();
    let message = format!("corresponding condition of pod readiness gate {closed:?} is not true");
    for kind in [
        "PodScheduled",
        "PodReadyToStartContainers",
        "Initialized",
        "ContainersReady",
        "Ready",
    ] {
        let held = kind == "Ready" && !closed.is_empty();
        let condition = Condition {
            kind,
            status: if held { "False" } else { "True" },
            reason: if held { "ReadinessGatesNotReady" } else { "" },
            message: if held { &message } else { "" },
        };
        condition.set(&mut list, now);
    }
    list
}

fn containers(pod: &Value, field: &str, state: &Value) -> Value {
    let list = pod["spec"][field].as_array();
    let of = |container: &Value| {
        let (name, image) = (string(container, &["name"]), string(container, &["image"]));
        let keeps_running = state.get("running").is_some();
        json!({
            "name": name, "image": image, "imageID": image, "containerID": container_id(pod.uid(), name),
            "ready": true, "restartCount": 0, "started": keeps_running, "lastState": {}, "state": state,
        })
    };
    list.into_iter().flatten().map(of).collect()
}

/// Returns an id as a runtime gives it; the same container of the same pod always has the same.
fn container_id(uid: &str, name: &str) -> String {
    let hash = digest(&SHA256, format!("{uid}/{name}").as_bytes());
    let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("containerd://{hex}")
}
