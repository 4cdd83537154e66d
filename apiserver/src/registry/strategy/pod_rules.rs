//! Pods and the pod templates of workloads: what is refused.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::edit::{self, entries, items, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;
use super::{metadata, name, pod};
use crate::schema::quantity::Quantity;
use crate::status::FieldError;

pub(super) const POD_TEMPLATE: Hooks = Hooks {
    default: |template| pod::default_template(edit::map(template)),
    validate: |rules, value| validate_template(rules, "template", &value["template"]),
    ..NONE
};

const RESTART: [&str; 3] = ["Always", "OnFailure", "Never"];
const DNS: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const PULL: [&str; 3] = ["Always", "IfNotPresent", "Never"];
const MESSAGE: [&str; 2] = ["File", "FallbackToLogsOnError"];
const PROTOCOL: [&str; 3] = ["SCTP", "TCP", "UDP"];

pub(super) fn validate_pod(rules: &mut Rules, pod: &Value) {
    validate_spec(rules, "spec", &pod["spec"]);
}

/// Checks the template of a workload.
pub(super) fn validate_template(rules: &mut Rules, field: &str, template: &Value) {
    metadata::validate_template(rules, &format!("{field}.metadata"), &template["metadata"]);
    validate_spec(rules, &format!("{field}.spec"), &template["spec"]);
}

fn validate_spec(rules: &mut Rules, field: &str, spec: &Value) {
    let volumes = volumes(rules, field, spec);
    if items(spec, "/containers").is_empty() {
        rules.required(format!("{field}.containers"), "");
    }
    let mut names = BTreeSet::new();
    for list in ["containers", "initContainers"] {
        for (index, container) in items(spec, &format!("/{list}")).iter().enumerate() {
            let place = format!("{field}.{list}[{index}]");
            validate_container(rules, &place, container, &volumes);
            let name = text_at(container, "/name");
            if !name.is_empty() && !names.insert(name) {
                rules.duplicate(format!("{place}.name"), &json!(name));
            }
        }
    }
    rules.one_of(
        format!("{field}.restartPolicy"),
        text_at(spec, "/restartPolicy"),
        &RESTART,
    );
    rules.one_of(format!("{field}.dnsPolicy"), text_at(spec, "/dnsPolicy"), &DNS);
    metadata::label_map(rules, &format!("{field}.nodeSelector"), &spec["nodeSelector"]);
    for (pointer, least) in [("terminationGracePeriodSeconds", 0), ("activeDeadlineSeconds", 1)] {
        if spec[pointer].as_i64().is_some_and(|number| number < least) {
            let detail = if least == 0 {
                "must be greater than or equal to 0".to_owned()
            } else {
                "must be between 1 and 2147483647, inclusive".to_owned()
            };
            rules.invalid(format!("{field}.{pointer}"), &spec[pointer], &detail);
        }
    }
    let host = text_at(spec, "/hostname");
    if !host.is_empty() {
        rules.reasons(&format!("{field}.hostname"), host, name::label(host));
    }
}

/// Checks the volumes and returns their names.
fn volumes<'v>(rules: &mut Rules, field: &str, spec: &'v Value) -> BTreeSet<&'v str> {
    let mut names = BTreeSet::new();
    for (index, volume) in items(spec, "/volumes").iter().enumerate() {
        let place = format!("{field}.volumes[{index}]");
        let name = text_at(volume, "/name");
        if name.is_empty() {
            rules.required(format!("{place}.name"), "");
        } else {
            rules.reasons(&format!("{place}.name"), name, name::label(name));
        }
        let sources: Vec<&String> = entries(volume, "")
            .map(|(key, _)| key)
            .filter(|key| *key != "name")
            .collect();
        for extra in sources.iter().skip(1) {
            rules.forbidden(
                format!("{place}.{extra}"),
                "may not specify more than 1 volume type",
            );
        }
        for (source, pointer) in [
            ("configMap", "name"),
            ("secret", "secretName"),
            ("persistentVolumeClaim", "claimName"),
        ] {
            if volume[source].is_object() && text_at(&volume[source], &format!("/{pointer}")).is_empty() {
                rules.required(format!("{place}.{source}.{pointer}"), "");
            }
        }
        if !name.is_empty() && !names.insert(name) {
            rules.duplicate(format!("{place}.name"), &json!(name));
        }
    }
    names
}

fn validate_container(rules: &mut Rules, place: &str, container: &Value, volumes: &BTreeSet<&str>) {
    let name = text_at(container, "/name");
    if name.is_empty() {
        rules.required(format!("{place}.name"), "");
    } else {
        rules.reasons(&format!("{place}.name"), name, name::label(name));
    }
    let image = text_at(container, "/image");
    if image.is_empty() {
        rules.required(format!("{place}.image"), "");
    } else if image.trim() != image {
        rules.invalid(
            format!("{place}.image"),
            &json!(image),
            "must not have leading or trailing whitespace",
        );
    }
    ports(rules, place, container);
    environment(rules, place, container);
    mounts(rules, place, container, volumes);
    resources(rules, place, container);
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        validate_probe(rules, &format!("{place}.{probe}"), &container[probe]);
    }
    let message = text_at(container, "/terminationMessagePolicy");
    rules.one_of(format!("{place}.terminationMessagePolicy"), message, &MESSAGE);
    rules.one_of(
        format!("{place}.imagePullPolicy"),
        text_at(container, "/imagePullPolicy"),
        &PULL,
    );
}

fn ports(rules: &mut Rules, place: &str, container: &Value) {
    let mut names = BTreeSet::new();
    for (index, port) in items(container, "/ports").iter().enumerate() {
        let place = format!("{place}.ports[{index}]");
        let name = text_at(port, "/name");
        if !name.is_empty() {
            let field = format!("{place}.name");
            rules.reasons(&field, name, name::port_name(name));
            if !names.insert(name) {
                rules.duplicate(field, &json!(name));
            }
        }
        match port["containerPort"].as_i64().unwrap_or_default() {
            0 => rules.required(format!("{place}.containerPort"), ""),
            number => port_number(rules, &format!("{place}.containerPort"), number),
        }
        if let Some(number) = port["hostPort"].as_i64().filter(|number| *number != 0) {
            port_number(rules, &format!("{place}.hostPort"), number);
        }
        rules.one_of(format!("{place}.protocol"), text_at(port, "/protocol"), &PROTOCOL);
    }
}

/// A port is a number of 16 bits, and not 0.
pub(super) fn port_number(rules: &mut Rules, field: &str, number: i64) {
    if !(1..=65535).contains(&number) {
        rules.invalid(field, &json!(number), "must be between 1 and 65535, inclusive");
    }
}

const ENV_NAME: &str =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";
const ENV_SOURCE: &str =
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

fn environment(rules: &mut Rules, place: &str, container: &Value) {
    for (index, variable) in items(container, "/env").iter().enumerate() {
        let place = format!("{place}.env[{index}]");
        let name = text_at(variable, "/name");
        if name.is_empty() {
            rules.required(format!("{place}.name"), "");
        } else if !name
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'=')
        {
            rules.invalid(format!("{place}.name"), &json!(name), ENV_NAME);
        }
        let Some(source) = variable["valueFrom"].as_object() else {
            continue;
        };
        let field = format!("{place}.valueFrom");
        let path = text_at(variable, "/valueFrom/fieldRef/fieldPath");
        if source.contains_key("fieldRef") && !is_pod_field(path) {
            let detail = format!("error converting fieldPath: field label not supported: {path}");
            rules.invalid(format!("{field}.fieldRef.fieldPath"), &json!(path), &detail);
        }
        if source.is_empty() {
            rules.invalid(&field, &json!(""), ENV_SOURCE);
        } else if !text_at(variable, "/value").is_empty() {
            rules.invalid(
                &field,
                &json!(""),
                "may not be specified when `value` is not empty",
            );
        } else if source.len() > 1 {
            rules.invalid(
                &field,
                &json!(""),
                "may not have more than one field specified at a time",
            );
        }
    }
}

/// The fields a container may see of its pod.
fn is_pod_field(path: &str) -> bool {
    const FIELDS: [&str; 9] = [
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    ];
    let subscript = |map: &str| {
        path.strip_prefix(map)
            .is_some_and(|rest| rest.starts_with("['") && rest.ends_with("']"))
    };
    FIELDS.contains(&path) || subscript("metadata.labels") || subscript("metadata.annotations")
}

fn mounts(rules: &mut Rules, place: &str, container: &Value, volumes: &BTreeSet<&str>) {
    let mut paths = BTreeSet::new();
    for (index, mount) in items(container, "/volumeMounts").iter().enumerate() {
        let place = format!("{place}.volumeMounts[{index}]");
        let (name, path) = (text_at(mount, "/name"), text_at(mount, "/mountPath"));
        if name.is_empty() {
            rules.required(format!("{place}.name"), "");
        }
        if !volumes.contains(name) {
            let message = format!("Not found: {name:?}");
            rules.push(FieldError::new(
                "FieldValueNotFound",
                format!("{place}.name"),
                message,
            ));
        }
        if path.is_empty() {
            rules.required(format!("{place}.mountPath"), "");
        } else if !paths.insert(path) {
            rules.invalid(format!("{place}.mountPath"), &json!(path), "must be unique");
        }
    }
}

const STANDARD_RESOURCES: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

fn resources(rules: &mut Rules, place: &str, container: &Value) {
    let quantity = |value: &Value| value.as_str().and_then(Quantity::parse);
    for kind in ["limits", "requests"] {
        for (name, value) in entries(container, &format!("/resources/{kind}")) {
            let field = format!("{place}.resources.{kind}[{name}]");
            let standard = STANDARD_RESOURCES.contains(&name.as_str()) || name.starts_with("hugepages-");
            if !name.contains('/') && !standard {
                rules.invalid(
                    &field,
                    &json!(name),
                    "must be a standard resource type or fully qualified",
                );
                rules.invalid(&field, &json!(name), "must be a standard resource for containers");
            }
            let Some(amount) = quantity(value) else { continue };
            if amount.is_negative() {
                rules.invalid(&field, value, "must be greater than or equal to 0");
            }
            if !standard && !amount.is_whole() {
                rules.invalid(&field, value, "must be an integer");
            }
        }
    }
    let limits = &container["resources"]["limits"];
    for (name, request) in entries(container, "/resources/requests") {
        let (Some(limit), Some(amount)) = (quantity(&limits[name]), quantity(request)) else {
            continue;
        };
        if amount.compare(limit).is_gt() {
            let detail = format!(
                "must be less than or equal to {name} limit of {}",
                limit.canonical()
            );
            rules.invalid(format!("{place}.resources.requests"), request, &detail);
        }
    }
}

fn validate_probe(rules: &mut Rules, place: &str, probe: &Value) {
    let Some(fields) = probe.as_object() else { return };
    let handlers = ["exec", "httpGet", "tcpSocket", "grpc"]
        .into_iter()
        .filter(|name| fields.contains_key(*name));
    for (index, handler) in handlers.clone().enumerate() {
        if index > 0 {
            rules.forbidden(
                format!("{place}.{handler}"),
                "may not specify more than 1 handler type",
            );
        }
    }
    if handlers.count() == 0 {
        rules.required(place, "must specify a handler type");
    }
    for field in [
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ] {
        if probe[field].as_i64().is_some_and(|number| number < 0) {
            rules.invalid(
                format!("{place}.{field}"),
                &probe[field],
                "must be greater than or equal to 0",
            );
        }
    }
}

const FIXED: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Of a running pod, little may change.
pub(super) fn validate_pod_update(rules: &mut Rules, new: &Value, old: &Value) {
    let count = |value: &Value, list: &str| items(value, &format!("/spec/{list}")).len();
    for list in ["containers", "initContainers"] {
        if count(new, list) != count(old, list) {
            rules.forbidden(
                format!("spec.{list}"),
                "pod updates may not add or remove containers",
            );
            return;
        }
    }
    if frozen(new, old) != frozen(old, old) {
        rules.push(FieldError::new(
            "FieldValueForbidden",
            "spec",
            format!("Forbidden: {FIXED}"),
        ));
    }
}

/// The parts of a pod's spec that may not change: what may is taken from `like`.
fn frozen(pod: &Value, like: &Value) -> Value {
    let mut spec = pod["spec"].clone();
    for field in ["activeDeadlineSeconds", "tolerations"] {
        let kept = like["spec"].get(field).cloned();
        match (edit::at(&mut spec, &[]), kept) {
            (Some(spec), Some(value)) => drop(spec.insert(field.to_owned(), value)),
            (Some(spec), None) => drop(spec.remove(field)),
            _ => {}
        }
    }
    for list in ["containers", "initContainers"] {
        let images: Vec<Value> = items(like, &format!("/spec/{list}"))
            .iter()
            .map(|one| one["image"].clone())
            .collect();
        let containers = spec.get_mut(list).and_then(Value::as_array_mut);
        for (container, image) in containers.into_iter().flatten().zip(images) {
            container["image"] = image;
        }
    }
    spec
}
