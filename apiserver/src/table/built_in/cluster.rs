//! Smaller kinds, a few cells each.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Cells;
use super::text::{NONE, at, count, created, items, name, or, size};
use crate::object::Meta as _;
use crate::table::age::age;

/// Returns the cells of a kind, if it has some of its own.
pub(super) fn of(group: &str, plural: &str) -> Option<Cells> {
    let cells: Cells = match (group, plural) {
        ("", "configmaps") => |map, now| {
            vec![
                name(map),
                json!(size(map, "/data") + size(map, "/binaryData")),
                created(map, now),
            ]
        },
        ("", "secrets") => |secret, now| {
            vec![
                name(secret),
                json!(at(secret, "/type")),
                json!(size(secret, "/data")),
                created(secret, now),
            ]
        },
        ("", "namespaces") => |namespace, now| {
            vec![
                name(namespace),
                json!(at(namespace, "/status/phase")),
                created(namespace, now),
            ]
        },
        ("", "serviceaccounts") => |account, now| vec![name(account), created(account, now)],
        ("", "events") => |event, now| event_cells(event, "/message", "/involvedObject", now),
        ("events.k8s.io", "events") => |event, now| event_cells(event, "/note", "/regarding", now),
        ("coordination.k8s.io", "leases") => |lease, now| {
            vec![
                name(lease),
                json!(at(lease, "/spec/holderIdentity")),
                created(lease, now),
            ]
        },
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => binding,
        ("policy", "poddisruptionbudgets") => budget,
        ("autoscaling", "horizontalpodautoscalers") => autoscaler,
        ("scheduling.k8s.io", "priorityclasses") => |class, now| {
            vec![
                name(class),
                json!(count(class, "/value")),
                json!(class["globalDefault"] == true),
                created(class, now),
                json!(at(class, "/preemptionPolicy")),
            ]
        },
        (
            "admissionregistration.k8s.io",
            "validatingwebhookconfigurations" | "mutatingwebhookconfigurations",
        ) => |hooks, now| {
            vec![
                name(hooks),
                json!(items(hooks, "/webhooks").len()),
                created(hooks, now),
            ]
        },
        ("node.k8s.io", "runtimeclasses") => {
            |class, now| vec![name(class), json!(at(class, "/handler")), created(class, now)]
        }
        ("apiregistration.k8s.io", "apiservices") => api_service,
        _ => return None,
    };
    Some(cells)
}

fn event_cells(event: &Value, message: &str, about: &str, now: Timestamp) -> Vec<Value> {
    let pick = |fields: &[&'static str]| {
        fields
            .iter()
            .map(|field| at(event, field))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    };
    let first = pick(&["/firstTimestamp", "/deprecatedFirstTimestamp", "/eventTime"]);
    let last = pick(&[
        "/series/lastObservedTime",
        "/lastTimestamp",
        "/deprecatedLastTimestamp",
        "/eventTime",
    ]);
    let times = [
        count(event, "/series/count"),
        count(event, "/count"),
        count(event, "/deprecatedCount"),
    ];
    let times = times.into_iter().find(|times| *times > 0).unwrap_or(1);
    let object = event.pointer(about).unwrap_or(&Value::Null);
    let target = match (at(object, "/kind").to_lowercase(), at(object, "/name")) {
        (kind, "") => kind,
        (kind, name) => format!("{kind}/{name}"),
    };
    let component = pick(&[
        "/source/component",
        "/deprecatedSource/component",
        "/reportingComponent",
        "/reportingController",
    ]);
    let instance = pick(&["/source/host", "/deprecatedSource/host", "/reportingInstance"]);
    let source: Vec<&str> = [component, instance]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect();
    vec![
        json!(age(last, now)),
        json!(at(event, "/type")),
        json!(at(event, "/reason")),
        json!(target),
        json!(at(object, "/fieldPath")),
        json!(source.join(", ")),
        json!(at(event, message).trim()),
        json!(age(first, now)),
        json!(times),
        name(event),
    ]
}

fn binding(binding: &Value, now: Timestamp) -> Vec<Value> {
    let subjects = items(binding, "/subjects");
    let of = |kind: &str| -> String {
        let found = subjects
            .iter()
            .filter(|subject| subject["kind"] == kind)
            .map(|subject| {
                let name = at(subject, "/name");
                if kind == "ServiceAccount" {
                    format!("{}/{name}", at(subject, "/namespace"))
                } else {
                    name.to_owned()
                }
            });
        found.collect::<Vec<_>>().join(", ")
    };
    let role = format!(
        "{}/{}",
        at(binding, "/roleRef/kind"),
        at(binding, "/roleRef/name")
    );
    vec![
        name(binding),
        json!(role),
        created(binding, now),
        json!(of("User")),
        json!(of("Group")),
        json!(of("ServiceAccount")),
    ]
}

fn budget(budget: &Value, now: Timestamp) -> Vec<Value> {
    let share = |field: &str| match &budget["spec"][field] {
        Value::String(text) => json!(text),
        Value::Number(number) => json!(number.to_string()),
        _ => json!("N/A"),
    };
    let allowed = json!(count(budget, "/status/disruptionsAllowed"));
    vec![
        name(budget),
        share("minAvailable"),
        share("maxUnavailable"),
        allowed,
        created(budget, now),
    ]
}

fn autoscaler(scaler: &Value, now: Timestamp) -> Vec<Value> {
    let target = format!(
        "{}/{}",
        at(scaler, "/spec/scaleTargetRef/kind"),
        at(scaler, "/spec/scaleTargetRef/name")
    );
    let least = scaler["spec"]["minReplicas"]
        .as_i64()
        .map_or("<unset>".to_owned(), |least| least.to_string());
    vec![
        name(scaler),
        json!(target),
        json!(targets(scaler)),
        json!(least),
        json!(count(scaler, "/spec/maxReplicas")),
        json!(count(scaler, "/status/currentReplicas")),
        created(scaler, now),
    ]
}

/// How many metrics are shown.
const MOST_METRICS: usize = 2;

fn targets(scaler: &Value) -> String {
    if let Some(wanted) = scaler["spec"]["targetCPUUtilizationPercentage"].as_i64() {
        let current = scaler["status"]["currentCPUUtilizationPercentage"].as_i64();
        return format!("cpu: {}/{wanted}%", percent(current));
    }
    let metrics = items(scaler, "/spec/metrics");
    let shown: Vec<String> = metrics
        .iter()
        .take(MOST_METRICS)
        .map(|metric| target(scaler, metric))
        .collect();
    match metrics.len() {
        0 => NONE.to_owned(),
        count if count > MOST_METRICS => format!("{} + {} more...", shown.join(", "), count - MOST_METRICS),
        _ => shown.join(", "),
    }
}

fn percent(current: Option<i64>) -> String {
    current.map_or("<unknown>".to_owned(), |current| format!("{current}%"))
}

fn target(scaler: &Value, metric: &Value) -> String {
    let resource = &metric["resource"];
    let name = at(resource, "/name");
    let current = items(scaler, "/status/currentMetrics")
        .iter()
        .find(|one| one["resource"]["name"] == resource["name"]);
    let current = current.map_or(&Value::Null, |one| &one["resource"]["current"]);
    if let Some(wanted) = resource["target"]["averageUtilization"].as_i64() {
        return format!(
            "{name}: {}/{wanted}%",
            percent(current["averageUtilization"].as_i64())
        );
    }
    if let Some(wanted) = resource["target"]["averageValue"].as_str() {
        return format!(
            "{name}: {}/{wanted}",
            current["averageValue"].as_str().unwrap_or("<unknown>")
        );
    }
    "<unknown type>".to_owned()
}

fn api_service(service: &Value, now: Timestamp) -> Vec<Value> {
    let backend = &service["spec"]["service"];
    let place = if backend.is_object() {
        format!("{}/{}", at(backend, "/namespace"), at(backend, "/name"))
    } else {
        "Local".to_owned()
    };
    let available = items(service, "/status/conditions")
        .iter()
        .find(|one| one["type"] == "Available");
    let state = available.map_or("Unknown".to_owned(), |one| match at(one, "/status") {
        "True" => "True".to_owned(),
        status => format!("{status} ({})", at(one, "/reason")),
    });
    vec![
        json!(service.name()),
        json!(place),
        or(&state, NONE),
        created(service, now),
    ]
}
