//! One row per built-in kind with rules of its own.

use serde_json::Value;

use super::rule::Rules;
use super::{
    admission, autoscaling, cluster, config, job, namespace, network, node, pod, pod_rules, rbac, service,
};
use super::{volume, workload};
use crate::registry::Resource;

/// The rules of a kind; each does nothing unless the kind says otherwise.
#[derive(Clone, Copy)]
pub(crate) struct Hooks {
    pub(crate) default: fn(&mut Value),
    pub(crate) prepare_create: fn(&mut Value),
    pub(crate) prepare_update: fn(&mut Value, &Value),
    pub(crate) validate: fn(&mut Rules, &Value),
    pub(crate) validate_create: fn(&mut Rules, &Value),
    pub(crate) validate_update: fn(&mut Rules, &Value, &Value),
    pub(crate) warnings: fn(&Value, Option<&Value>) -> Vec<String>,
    /// What a new object says of its status is ignored.
    pub(crate) drops_status: bool,
}

/// No rules.
pub(crate) const NONE: Hooks = Hooks {
    default: |_| {},
    prepare_create: |_| {},
    prepare_update: |_, _| {},
    validate: |_, _| {},
    validate_create: |_, _| {},
    validate_update: |_, _, _| {},
    warnings: |_, _| Vec::new(),
    drops_status: true,
};

/// Returns the rules of a resource.
pub(super) fn of(resource: &Resource) -> &'static Hooks {
    if resource.custom {
        return &NONE;
    }
    match resource.group.as_str() {
        "" => core(&resource.plural),
        "apps" => match resource.plural.as_str() {
            "deployments" => &workload::DEPLOYMENT,
            "replicasets" => &workload::REPLICA_SET,
            "statefulsets" => &workload::STATEFUL_SET,
            "daemonsets" => &workload::DAEMON_SET,
            _ => &NONE,
        },
        "batch" => match resource.plural.as_str() {
            "jobs" => &job::JOB,
            "cronjobs" => &job::CRON_JOB,
            _ => &NONE,
        },
        "networking.k8s.io" => match resource.plural.as_str() {
            "ingresses" => &network::INGRESS,
            "ingressclasses" => &network::INGRESS_CLASS,
            "networkpolicies" => &network::NETWORK_POLICY,
            _ => &NONE,
        },
        "rbac.authorization.k8s.io" => match resource.plural.as_str() {
            "roles" => &rbac::ROLE,
            "clusterroles" => &rbac::CLUSTER_ROLE,
            _ => &rbac::BINDING,
        },
        _ => other(&resource.group, &resource.version, &resource.plural),
    }
}

fn core(plural: &str) -> &'static Hooks {
    match plural {
        "pods" => &pod::POD,
        "podtemplates" => &pod_rules::POD_TEMPLATE,
        "replicationcontrollers" => &workload::REPLICATION_CONTROLLER,
        "services" => &service::SERVICE,
        "configmaps" => &config::CONFIG_MAP,
        "secrets" => &config::SECRET,
        "namespaces" => &namespace::NAMESPACE,
        "nodes" => &node::NODE,
        "persistentvolumes" => &volume::PERSISTENT_VOLUME,
        "persistentvolumeclaims" => &volume::PERSISTENT_VOLUME_CLAIM,
        "endpoints" => &network::ENDPOINTS,
        "events" => &cluster::EVENT,
        "limitranges" => &cluster::LIMIT_RANGE,
        "resourcequotas" => &cluster::RESOURCE_QUOTA,
        _ => &NONE,
    }
}

fn other(group: &str, version: &str, plural: &str) -> &'static Hooks {
    match (group, plural) {
        ("autoscaling", _) if version == "v1" => &autoscaling::V1,
        ("autoscaling", _) => &autoscaling::V2,
        ("policy", "poddisruptionbudgets") => &autoscaling::DISRUPTION_BUDGET,
        ("coordination.k8s.io", "leases") => &cluster::LEASE,
        ("events.k8s.io", "events") => &cluster::NEW_EVENT,
        ("storage.k8s.io", "storageclasses") => &volume::STORAGE_CLASS,
        ("storage.k8s.io", "csidrivers") => &volume::CSI_DRIVER,
        ("scheduling.k8s.io", "priorityclasses") => &cluster::PRIORITY_CLASS,
        ("discovery.k8s.io", "endpointslices") => &network::ENDPOINT_SLICE,
        ("node.k8s.io", "runtimeclasses") => &cluster::RUNTIME_CLASS,
        ("apiregistration.k8s.io", "apiservices") => &cluster::API_SERVICE,
        ("apiextensions.k8s.io", "customresourcedefinitions") => &crate::crd::HOOKS,
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations") => {
            &admission::VALIDATING_WEBHOOKS
        }
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations") => &admission::MUTATING_WEBHOOKS,
        ("admissionregistration.k8s.io", "validatingadmissionpolicies") => &admission::VALIDATING_POLICY,
        _ => &NONE,
    }
}
