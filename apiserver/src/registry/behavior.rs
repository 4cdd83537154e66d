//! What the real server's code, rather than its documents, says about built-in kinds: one table.

use super::{ResetFields, Scale};

/// How a built-in kind behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behavior {
    pub(super) has_generation: bool,
    pub(super) unconditional_update: bool,
    pub(super) create_on_update: bool,
    pub(super) selectable_fields: &'static [&'static str],
    /// Set where another group's kind is the stored one.
    pub(super) storage_group: Option<&'static str>,
    /// Set where another version is the stored one.
    pub(super) storage_version: Option<&'static str>,
    pub(super) deprecation_warning: Option<&'static str>,
}

const PLAIN: Behavior = Behavior {
    has_generation: false,
    unconditional_update: true,
    create_on_update: false,
    selectable_fields: &[],
    storage_group: None,
    storage_version: None,
    deprecation_warning: None,
};

/// `metadata.generation` counts the changes of these.
const GENERATION: &[(&str, &[&str])] = &[
    ("", &["pods", "podtemplates", "replicationcontrollers"]),
    (
        "apps",
        &["deployments", "replicasets", "statefulsets", "daemonsets"],
    ),
    ("batch", &["jobs", "cronjobs"]),
    (
        "networking.k8s.io",
        &[
            "ingresses",
            "ingressclasses",
            "networkpolicies",
            "ipaddresses",
            "servicecidrs",
        ],
    ),
    ("discovery.k8s.io", &["endpointslices"]),
    ("policy", &["poddisruptionbudgets"]),
    ("scheduling.k8s.io", &["priorityclasses"]),
    ("apiextensions.k8s.io", &["customresourcedefinitions"]),
    (
        "flowcontrol.apiserver.k8s.io",
        &["flowschemas", "prioritylevelconfigurations"],
    ),
    ("admissionregistration.k8s.io", ADMISSION),
    ("resource.k8s.io", &["deviceclasses", "resourceslices"]),
];

const ADMISSION: &[&str] = &[
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "validatingwebhookconfigurations",
];

/// A `PUT` of these must say which resourceVersion it replaces.
const CONDITIONAL_UPDATE: &[(&str, &[&str])] = &[
    ("apiextensions.k8s.io", &["customresourcedefinitions"]),
    ("apiregistration.k8s.io", &["apiservices"]),
    ("coordination.k8s.io", &["leases", "leasecandidates"]),
    ("policy", &["poddisruptionbudgets"]),
    ("admissionregistration.k8s.io", ADMISSION),
    ("storage.k8s.io", &["csidrivers", "csinodes", "volumeattachments"]),
    ("node.k8s.io", &["runtimeclasses"]),
    ("certificates.k8s.io", &["clustertrustbundles"]),
];

/// A `PUT` on a missing object of these creates it.
const CREATE_ON_UPDATE: &[(&str, &[&str])] = &[
    ("", &["endpoints", "events", "limitranges", "services"]),
    ("events.k8s.io", &["events"]),
    ("coordination.k8s.io", &["leases", "leasecandidates"]),
    ("node.k8s.io", &["runtimeclasses"]),
    (
        "rbac.authorization.k8s.io",
        &["roles", "clusterroles", "rolebindings", "clusterrolebindings"],
    ),
];

const EVENT_FIELDS: &[&str] = &[
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
];

const POD_FIELDS: &[&str] = &[
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
];

const SELECTABLE: &[(&str, &str, &[&str])] = &[
    ("", "pods", POD_FIELDS),
    ("", "events", EVENT_FIELDS),
    ("", "nodes", &["spec.unschedulable"]),
    ("", "namespaces", &["status.phase"]),
    ("", "secrets", &["type"]),
    ("", "replicationcontrollers", &["status.replicas"]),
    ("", "services", &["spec.clusterIP", "spec.type"]),
    ("apps", "replicasets", &["status.replicas"]),
    ("batch", "jobs", &["status.successful"]),
    (
        "certificates.k8s.io",
        "certificatesigningrequests",
        &["spec.signerName"],
    ),
    (
        "resource.k8s.io",
        "resourceslices",
        &["spec.nodeName", "spec.driver"],
    ),
];

/// Returns how a built-in kind behaves.
pub(super) fn of(group: &str, plural: &str) -> Behavior {
    let selectable = SELECTABLE.iter().find(|(g, p, _)| (*g, *p) == (group, plural));
    let behavior = Behavior {
        has_generation: contains(GENERATION, group, plural),
        unconditional_update: !contains(CONDITIONAL_UPDATE, group, plural),
        create_on_update: contains(CREATE_ON_UPDATE, group, plural),
        selectable_fields: selectable.map_or(&[], |(_, _, fields)| fields),
        ..PLAIN
    };
    match (group, plural) {
        ("events.k8s.io", "events") => Behavior {
            storage_group: Some(""),
            ..behavior
        },
        ("autoscaling", "horizontalpodautoscalers") => Behavior {
            storage_version: Some("v2"),
            ..behavior
        },
        ("", "endpoints") => {
            let warning = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
            Behavior {
                deprecation_warning: Some(warning),
                ..behavior
            }
        }
        ("", "componentstatuses") => {
            let warning = "v1 ComponentStatus is deprecated in v1.19+";
            Behavior {
                deprecation_warning: Some(warning),
                ..behavior
            }
        }
        _ => behavior,
    }
}

/// Returns where the built-in workloads keep what `/scale` shows.
pub(super) fn scale() -> Scale {
    Scale {
        spec_replicas: ".spec.replicas".to_owned(),
        status_replicas: ".status.replicas".to_owned(),
        label_selector: Some(".spec.selector".to_owned()),
    }
}

/// Returns the fields each endpoint of a kind leaves alone.
pub(super) fn reset_fields(group: &str, plural: &str, has_status: bool) -> ResetFields {
    if !has_status {
        return ResetFields::default();
    }
    let status: &[&str] = match (group, plural) {
        ("apps", "deployments") => &["metadata.labels", "spec"],
        ("", "pods") => &["metadata.deletionTimestamp", "metadata.ownerReferences", "spec"],
        ("apiextensions.k8s.io" | "flowcontrol.apiserver.k8s.io", _) => &["metadata", "spec"],
        _ => &["spec"],
    };
    let owned = |paths: &[&str]| paths.iter().map(|&path| path.to_owned()).collect();
    ResetFields {
        main: owned(&["status"]),
        status: owned(status),
    }
}

fn contains(table: &[(&str, &[&str])], group: &str, plural: &str) -> bool {
    table
        .iter()
        .any(|(g, plurals)| *g == group && plurals.contains(&plural))
}

#[cfg(test)]
mod tests {
    use super::super::built_in::RESOURCES;
    use super::*;

    #[test]
    fn every_kind_the_tables_name_is_served() {
        let lists = [GENERATION, CONDITIONAL_UPDATE, CREATE_ON_UPDATE].concat();
        let named = lists
            .iter()
            .flat_map(|(group, plurals)| plurals.iter().map(move |plural| (*group, *plural)));
        let selectable = SELECTABLE.iter().map(|(group, plural, _)| (*group, *plural));
        // Known to the server, but switched off in the version the data is of.
        let off = [
            "leasecandidates",
            "clustertrustbundles",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
        ];
        for (group, plural) in named
            .chain(selectable)
            .filter(|(_, plural)| !off.contains(plural))
        {
            let found = RESOURCES
                .iter()
                .any(|one| one.group == group && one.plural == plural);
            assert!(found, "{plural}.{group}");
        }
    }

    #[test]
    fn a_lease_needs_its_resource_version_and_may_be_created_by_put() {
        let lease = of("coordination.k8s.io", "leases");
        assert!(!lease.unconditional_update);
        assert!(lease.create_on_update);
        assert_eq!(of("", "configmaps"), PLAIN);
    }
}
