//! Nodes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::{NONE, at, created, items, name, or};
use crate::object::Meta as _;

/// Cells of a node.
pub(super) fn node(node: &Value, now: Timestamp) -> Vec<Value> {
    let info = &node["status"]["nodeInfo"];
    vec![
        name(node),
        json!(state(node)),
        or(&roles(node), NONE),
        created(node, now),
        json!(at(info, "/kubeletVersion")),
        or(address(node, "InternalIP"), NONE),
        or(address(node, "ExternalIP"), NONE),
        or(at(info, "/osImage"), "<unknown>"),
        or(at(info, "/kernelVersion"), "<unknown>"),
        or(at(info, "/containerRuntimeVersion"), "<unknown>"),
    ]
}

fn state(node: &Value) -> String {
    let ready = items(node, "/status/conditions")
        .iter()
        .find(|one| one["type"] == "Ready");
    let ready = match ready {
        None => "Unknown",
        Some(condition) if condition["status"] == "True" => "Ready",
        Some(_) => "NotReady",
    };
    let closed = if node["spec"]["unschedulable"] == true {
        ",SchedulingDisabled"
    } else {
        ""
    };
    format!("{ready}{closed}")
}

fn roles(node: &Value) -> String {
    let labels = node.labels().into_iter().flatten();
    let roles = labels.filter_map(
        |(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) => Some(role),
            None if key == "kubernetes.io/role" => value.as_str(),
            None => None,
        },
    );
    let mut roles: Vec<&str> = roles.filter(|role| !role.is_empty()).collect();
    roles.sort_unstable();
    roles.dedup();
    roles.join(",")
}

fn address<'v>(node: &'v Value, kind: &str) -> &'v str {
    let found = items(node, "/status/addresses")
        .iter()
        .find(|one| one["type"] == kind);
    found.map(|one| at(one, "/address")).unwrap_or_default()
}
