//! Horizontal pod autoscalers and disruption budgets.

use serde_json::{Value, json};

use super::edit::{self, Fields, ensure, put, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;
use super::workload::share;

pub(super) const V1: Hooks = Hooks {
    default: |value| put(ensure(edit::map(value), "spec"), "minReplicas", 1),
    prepare_create: |value| {
        ensure(edit::map(value), "status");
    },
    validate: validate_scaler,
    ..NONE
};

pub(super) const V2: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "minReplicas", 1);
        if spec
            .get("metrics")
            .and_then(Value::as_array)
            .is_none_or(Vec::is_empty)
        {
            spec.insert("metrics".into(), json!([cpu_metric(80)]));
        }
        if spec.get("behavior").is_some_and(Value::is_object) {
            default_behavior(ensure(spec, "behavior"));
        }
        null_metrics(value);
    },
    prepare_create: |value| {
        put(ensure(edit::map(value), "status"), "desiredReplicas", 0);
        null_metrics(value);
    },
    validate: validate_scaler,
    ..NONE
};

/// A status without metrics says so.
fn null_metrics(scaler: &mut Value) {
    edit::inside(edit::map(scaler), "status", |status| {
        status.entry("currentMetrics").or_insert(Value::Null);
    });
}

/// The metric that older versions have as a number.
pub(crate) fn cpu_metric(percent: i64) -> Value {
    json!({"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent}}})
}

fn default_behavior(behavior: &mut Fields) {
    let up = ensure(behavior, "scaleUp");
    put(up, "stabilizationWindowSeconds", 0);
    put(up, "selectPolicy", "Max");
    up.entry("policies").or_insert(json!([
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ]));
    let down = ensure(behavior, "scaleDown");
    put(down, "selectPolicy", "Max");
    down.entry("policies")
        .or_insert(json!([{"type": "Percent", "value": 100, "periodSeconds": 15}]));
}

fn validate_scaler(rules: &mut Rules, value: &Value) {
    let spec = &value["spec"];
    let most = spec["maxReplicas"].as_i64().unwrap_or_default();
    if most < 1 {
        rules.required("spec.maxReplicas", "must be set and greater than 0");
    }
    if spec["minReplicas"].as_i64().is_some_and(|least| most < least) {
        rules.invalid(
            "spec.maxReplicas",
            &json!(most),
            "must be greater than or equal to `minReplicas`",
        );
    }
    for field in ["/spec/scaleTargetRef/kind", "/spec/scaleTargetRef/name"] {
        rules.require_text(value, field);
    }
    if !text_at(spec, "/scaleTargetRef/apiVersion").contains('/') {
        let version = json!(text_at(spec, "/scaleTargetRef/apiVersion"));
        rules.invalid(
            "spec.scaleTargetRef.apiVersion",
            &version,
            "apiVersion must specify API group",
        );
    }
}

pub(super) const DISRUPTION_BUDGET: Hooks = Hooks {
    prepare_create: |value| {
        let status = ensure(edit::map(value), "status");
        for field in [
            "currentHealthy",
            "desiredHealthy",
            "disruptionsAllowed",
            "expectedPods",
        ] {
            put(status, field, 0);
        }
    },
    validate: |rules, value| {
        let spec = &value["spec"];
        let (least, most) = (&spec["minAvailable"], &spec["maxUnavailable"]);
        if !least.is_null() && !most.is_null() {
            let shown = json!({
                "MinAvailable": least, "Selector": spec["selector"], "MaxUnavailable": most,
                "UnhealthyPodEvictionPolicy": spec["unhealthyPodEvictionPolicy"],
            });
            rules.invalid(
                "spec",
                &shown,
                "minAvailable and maxUnavailable cannot be both set",
            );
        }
        for (field, number) in [("minAvailable", least), ("maxUnavailable", most)] {
            share(rules, &format!("spec.{field}"), number, 100);
        }
    },
    ..NONE
};
