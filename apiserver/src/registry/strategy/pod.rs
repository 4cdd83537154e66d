//! Pods and the pod templates of workloads: what is filled in.

use serde_json::{Map, Value, json};

use super::edit::{self, Fields, each, ensure, inside, put, text};
use super::hooks::{Hooks, NONE};
use super::{pod_rules, volume};
use crate::schema::quantity::Quantity;

pub(super) const POD: Hooks = Hooks {
    default: |pod| {
        let spec = ensure(edit::map(pod), "spec");
        default_spec(spec);
        put(spec, "enableServiceLinks", true);
        each(spec, "containers", requests_from_limits);
        each(spec, "initContainers", requests_from_limits);
        if spec.get("hostNetwork") == Some(&Value::Bool(true)) {
            each(spec, "containers", host_ports);
            each(spec, "initContainers", host_ports);
        }
    },
    prepare_create: prepare,
    validate: pod_rules::validate_pod,
    validate_update: pod_rules::validate_pod_update,
    prepare_update: |new, old| {
        // What admission decided once stays.
        let spec = ensure(edit::map(new), "spec");
        for field in ["priority", "preemptionPolicy"] {
            if let (None, Some(value)) = (spec.get(field), old.pointer(&format!("/spec/{field}"))) {
                spec.insert(field.to_owned(), value.clone());
            }
        }
    },
    ..NONE
};

/// Fills in the template of a workload.
pub(super) fn default_template(owner: &mut Fields) {
    let template = ensure(owner, "template");
    ensure(template, "metadata");
    default_spec(ensure(template, "spec"));
}

/// Fills in what pods and templates have in common.
pub(super) fn default_spec(spec: &mut Fields) {
    put(spec, "dnsPolicy", "ClusterFirst");
    put(spec, "restartPolicy", "Always");
    put(spec, "schedulerName", "default-scheduler");
    put(spec, "terminationGracePeriodSeconds", 30);
    ensure(spec, "securityContext");
    let account = text(spec, "serviceAccountName").to_owned();
    let account = if account.is_empty() {
        text(spec, "serviceAccount").to_owned()
    } else {
        account
    };
    if !account.is_empty() {
        spec.insert("serviceAccountName".into(), json!(account));
        spec.insert("serviceAccount".into(), json!(account));
    }
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        each(spec, list, default_container);
    }
    each(spec, "volumes", volume::default_source);
}

fn default_container(container: &mut Fields) {
    let policy = pull_policy(text(container, "image"));
    put(container, "imagePullPolicy", policy);
    put(container, "terminationMessagePath", "/dev/termination-log");
    put(container, "terminationMessagePolicy", "File");
    each(container, "ports", |port| put(port, "protocol", "TCP"));
    each(container, "env", |env| {
        inside(env, "valueFrom", |source| {
            inside(source, "fieldRef", |field| put(field, "apiVersion", "v1"));
        });
    });
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        inside(container, probe, default_probe);
    }
    inside(container, "lifecycle", |lifecycle| {
        for hook in ["postStart", "preStop"] {
            inside(lifecycle, hook, |hook| inside(hook, "httpGet", default_http));
        }
    });
}

fn default_probe(probe: &mut Fields) {
    for (field, value) in [
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ] {
        if edit::is_unset(probe.get(field)) || probe[field] == 0 {
            probe.insert(field.to_owned(), value.into());
        }
    }
    inside(probe, "httpGet", default_http);
    inside(probe, "grpc", |grpc| {
        grpc.entry("service").or_insert("".into());
    });
}

fn default_http(http: &mut Fields) {
    put(http, "path", "/");
    put(http, "scheme", "HTTP");
}

/// An image that may move under its tag is always pulled.
fn pull_policy(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or_default();
    let moving = !name.contains('@') && name.rsplit_once(':').is_none_or(|(_, tag)| tag == "latest");
    if moving { "Always" } else { "IfNotPresent" }
}

fn requests_from_limits(container: &mut Fields) {
    let Some(limits) = container
        .get("resources")
        .and_then(|resources| resources["limits"].as_object())
        .cloned()
    else {
        return;
    };
    let requests = ensure(ensure(container, "resources"), "requests");
    for (name, limit) in limits {
        requests.entry(name).or_insert(limit);
    }
}

fn host_ports(container: &mut Fields) {
    each(container, "ports", |port| {
        if let Some(number) = port.get("containerPort").cloned()
            && port.get("hostPort").is_none_or(|port| *port == 0)
        {
            port.insert("hostPort".into(), number);
        }
    });
}

fn prepare(pod: &mut Value) {
    let class = quality(pod);
    let pod = edit::map(pod);
    pod.insert("status".into(), json!({"phase": "Pending", "qosClass": class}));
    let spec = ensure(pod, "spec");
    put(spec, "preemptionPolicy", "PreemptLowerPriority");
    let priority = match text(spec, "priorityClassName") {
        "system-cluster-critical" => 2_000_000_000,
        "system-node-critical" => 2_000_001_000,
        _ => 0,
    };
    put(spec, "priority", priority);
    for condition in ["not-ready", "unreachable"] {
        tolerate(spec, &format!("node.kubernetes.io/{condition}"));
    }
}

/// A pod stays five minutes on a node that fails, unless it says otherwise.
fn tolerate(spec: &mut Fields, key: &str) {
    let tolerations = spec.entry("tolerations").or_insert(Value::Null);
    if !tolerations.is_array() {
        *tolerations = Value::Array(Vec::new());
    }
    let covers = |one: &Value| {
        let of = |field: &str| one[field].as_str().unwrap_or_default();
        matches!(of("effect"), "" | "NoExecute") && (of("key") == key || of("key").is_empty())
    };
    if let Some(list) = tolerations.as_array_mut()
        && !list.iter().any(covers)
    {
        list.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
    }
}

/// The quality of service a pod gets from its requests and limits.
fn quality(pod: &Value) -> &'static str {
    let containers = ["/spec/containers", "/spec/initContainers"];
    let all: Vec<&Value> = containers
        .iter()
        .flat_map(|pointer| edit::items(pod, pointer))
        .collect();
    let counted = |map: &Value| -> Map<String, Value> {
        let fields = map.as_object().into_iter().flatten();
        let some = fields.filter(|(name, value)| matches!(name.as_str(), "cpu" | "memory") && *value != "0");
        some.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let resources = |container: &&Value| {
        let resources = &container["resources"];
        (counted(&resources["requests"]), counted(&resources["limits"]))
    };
    let sets: Vec<_> = all.iter().map(resources).collect();
    if sets
        .iter()
        .all(|(requests, limits)| requests.is_empty() && limits.is_empty())
    {
        return "BestEffort";
    }
    let equal = |a: &Value, b: &Value| {
        let number = |value: &Value| value.as_str().and_then(Quantity::parse);
        number(a)
            .zip(number(b))
            .is_some_and(|(a, b)| a.compare(b).is_eq())
    };
    let fixed = |(requests, limits): &(Map<String, Value>, Map<String, Value>)| {
        limits.len() == 2
            && requests
                .iter()
                .all(|(name, value)| limits.get(name).is_some_and(|limit| equal(value, limit)))
    };
    if sets.iter().all(fixed) {
        "Guaranteed"
    } else {
        "Burstable"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_always_pulled_if_its_tag_may_move() {
        for (image, policy) in [
            ("i", "Always"),
            ("i:latest", "Always"),
            ("reg:5000/i", "Always"),
            ("i:1", "IfNotPresent"),
            ("reg:5000/i:1", "IfNotPresent"),
            ("i@sha256:aa", "IfNotPresent"),
            ("i:latest@sha256:aa", "IfNotPresent"),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
