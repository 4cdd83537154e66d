//! Pods: what they are doing is worked out from their containers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::{NONE, at, count, created, items, name, or};
use crate::object::Meta as _;
use crate::registry::Resource;
use crate::table::age::age;

/// Cells of a pod.
pub(super) fn pod(pod: &Value, now: Timestamp) -> Vec<Value> {
    let containers = items(pod, "/spec/containers").len() + sidecars(pod).count();
    let statuses = items(pod, "/status/containerStatuses");
    let started_sidecars = sidecars(pod).filter(|status| status["ready"] == true).count();
    let ready = statuses
        .iter()
        .filter(|status| status["ready"] == true && runs(status))
        .count()
        + started_sidecars;
    vec![
        name(pod),
        json!(format!("{ready}/{containers}")),
        json!(doing(pod)),
        json!(restarts(pod, now)),
        created(pod, now),
        or(address(pod), NONE),
        or(at(pod, "/spec/nodeName"), NONE),
        or(at(pod, "/status/nominatedNodeName"), NONE),
        gates(pod),
    ]
}

fn address(pod: &Value) -> &str {
    let first = at(pod, "/status/podIPs/0/ip");
    if first.is_empty() {
        at(pod, "/status/podIP")
    } else {
        first
    }
}

fn runs(status: &Value) -> bool {
    status["state"]["running"].is_object()
}

/// Statuses of the init containers that keep running.
fn sidecars(pod: &Value) -> impl Iterator<Item = &Value> {
    let specs = items(pod, "/spec/initContainers")
        .iter()
        .filter(|one| one["restartPolicy"] == "Always");
    specs.map(|spec| {
        let statuses = items(pod, "/status/initContainerStatuses").iter();
        statuses
            .clone()
            .find(|status| status["name"] == spec["name"])
            .unwrap_or(&Value::Null)
    })
}

/// What a pod is doing: the phase, unless a container tells more.
fn doing(pod: &Value) -> String {
    let mut reason = at(pod, "/status/phase").to_owned();
    if !at(pod, "/status/reason").is_empty() {
        at(pod, "/status/reason").clone_into(&mut reason);
    }
    if items(pod, "/status/conditions")
        .iter()
        .any(|one| one["type"] == "PodScheduled" && one["reason"] == "SchedulingGated")
    {
        "SchedulingGated".clone_into(&mut reason);
    }
    match initializing(pod) {
        Some(init) => reason = init,
        None => running(pod, &mut reason),
    }
    if pod.is_deleting() {
        let lost = at(pod, "/status/reason") == "NodeLost";
        let finished = matches!(at(pod, "/status/phase"), "Succeeded" | "Failed");
        if lost {
            "Unknown".clone_into(&mut reason);
        } else if !finished {
            "Terminating".clone_into(&mut reason);
        }
    }
    reason
}

/// What the first init container that is not done tells.
fn initializing(pod: &Value) -> Option<String> {
    let total = items(pod, "/spec/initContainers").len();
    for (index, status) in items(pod, "/status/initContainerStatuses").iter().enumerate() {
        let sidecar = sidecars(pod).any(|one| one["name"] == status["name"]);
        let terminated = &status["state"]["terminated"];
        let waiting = at(status, "/state/waiting/reason");
        if terminated.is_object() && count(terminated, "/exitCode") == 0 {
            continue;
        }
        if sidecar && status["started"] == true {
            continue;
        }
        return Some(match (terminated.is_object(), waiting) {
            (true, _) => format!("Init:{}", ended(terminated)),
            (false, waiting) if !waiting.is_empty() && waiting != "PodInitializing" => {
                format!("Init:{waiting}")
            }
            _ => format!("Init:{index}/{total}"),
        });
    }
    None
}

/// How a container ended.
fn ended(terminated: &Value) -> String {
    match (at(terminated, "/reason"), count(terminated, "/signal")) {
        ("", 0) => format!("ExitCode:{}", count(terminated, "/exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

/// What the containers tell, the first of them last.
fn running(pod: &Value, reason: &mut String) {
    let mut has_running = false;
    for status in items(pod, "/status/containerStatuses").iter().rev() {
        let waiting = at(status, "/state/waiting/reason");
        let terminated = &status["state"]["terminated"];
        if !waiting.is_empty() {
            waiting.clone_into(reason);
        } else if terminated.is_object() {
            *reason = ended(terminated);
        } else if status["ready"] == true && runs(status) {
            has_running = true;
        }
    }
    if reason == "Completed" && has_running {
        let ready = items(pod, "/status/conditions")
            .iter()
            .any(|one| one["type"] == "Ready" && one["status"] == "True");
        (if ready { "Running" } else { "NotReady" }).clone_into(reason);
    }
}

fn restarts(pod: &Value, now: Timestamp) -> String {
    let initializing = initializing(pod).is_some();
    let init = items(pod, "/status/initContainerStatuses");
    let statuses: Vec<&Value> = if initializing {
        init.iter().collect()
    } else {
        items(pod, "/status/containerStatuses")
            .iter()
            .chain(sidecars(pod))
            .collect()
    };
    let total: i64 = statuses.iter().map(|status| count(status, "/restartCount")).sum();
    let last = statuses
        .iter()
        .map(|status| at(status, "/lastState/terminated/finishedAt"))
        .max()
        .unwrap_or_default();
    if total == 0 || last.is_empty() {
        total.to_string()
    } else {
        format!("{total} ({} ago)", age(last, now))
    }
}

fn gates(pod: &Value) -> Value {
    let gates = items(pod, "/spec/readinessGates");
    if gates.is_empty() {
        return json!(NONE);
    }
    let conditions = items(pod, "/status/conditions");
    let holds = |gate: &&Value| {
        conditions
            .iter()
            .any(|one| one["type"] == gate["conditionType"] && one["status"] == "True")
    };
    json!(format!("{}/{}", gates.iter().filter(holds).count(), gates.len()))
}

/// Returns the row's conditions: a pod that has finished is told apart.
pub(in crate::table) fn conditions(resource: &Resource, pod: &Value) -> Option<Value> {
    let message = match at(pod, "/status/phase") {
        "Succeeded" => "The pod has completed successfully.",
        "Failed" => "The pod failed.",
        _ => return None,
    };
    let reason = at(pod, "/status/phase");
    let condition = json!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]);
    resource.group.is_empty().then_some(condition)
}
