//! Cells of built-in kinds.

mod cluster;
mod network;
mod node;
mod pod;
mod storage;
mod text;
mod workload;

use jiff::Timestamp;
use serde_json::Value;

use crate::registry::Resource;

pub(super) use self::pod::conditions as pod_conditions;

/// The cells of one object.
type Cells = fn(&Value, Timestamp) -> Vec<Value>;

/// Returns whether the kind has cells of its own.
pub(super) fn has_cells(resource: &Resource) -> bool {
    of(resource).is_some()
}

/// Returns the cells of an object, if its kind has some of its own.
pub(super) fn cells(resource: &Resource, object: &Value, now: Timestamp) -> Option<Vec<Value>> {
    of(resource).map(|cells| cells(object, now))
}

fn of(resource: &Resource) -> Option<Cells> {
    let cells: Cells = match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => pod::pod,
        ("", "podtemplates") => workload::pod_template,
        ("", "replicationcontrollers") | ("apps", "replicasets") => workload::replica_set,
        ("apps", "deployments") => workload::deployment,
        ("apps", "statefulsets") => workload::stateful_set,
        ("apps", "daemonsets") => workload::daemon_set,
        ("apps", "controllerrevisions") => workload::controller_revision,
        ("batch", "jobs") => workload::job,
        ("batch", "cronjobs") => workload::cron_job,
        ("", "services") => network::service,
        ("", "endpoints") => network::endpoints,
        ("discovery.k8s.io", "endpointslices") => network::endpoint_slice,
        ("networking.k8s.io", "ingresses") => network::ingress,
        ("networking.k8s.io", "ingressclasses") => network::ingress_class,
        ("networking.k8s.io", "networkpolicies") => network::network_policy,
        ("", "nodes") => node::node,
        ("", "persistentvolumes") => storage::volume,
        ("", "persistentvolumeclaims") => storage::claim,
        ("storage.k8s.io", "storageclasses") => storage::class,
        _ => return cluster::of(&resource.group, &resource.plural),
    };
    Some(cells)
}
