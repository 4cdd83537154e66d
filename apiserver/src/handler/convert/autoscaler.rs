//! Horizontal pod autoscalers: the first version knows one metric, the share of CPU.

use serde_json::{Value, json};

use crate::object::map_mut;

const SPEC_V1: &str = "targetCPUUtilizationPercentage";
const STATUS_V1: &str = "currentCPUUtilizationPercentage";

/// Shows the CPU metric as the number of the first version.
pub(super) fn to_v1(value: &mut Value) {
    collapse(
        value,
        "spec",
        "metrics",
        SPEC_V1,
        &["resource", "target", "averageUtilization"],
    );
    collapse(
        value,
        "status",
        "currentMetrics",
        STATUS_V1,
        &["resource", "current", "averageUtilization"],
    );
}

/// Stores the number of the first version as a metric.
pub(super) fn to_v2(value: &mut Value) {
    expand(
        value,
        "spec",
        "metrics",
        SPEC_V1,
        |share| json!({"name": "cpu", "target": {"type": "Utilization", "averageUtilization": share}}),
    );
    expand(
        value,
        "status",
        "currentMetrics",
        STATUS_V1,
        |share| json!({"name": "cpu", "current": {"averageUtilization": share}}),
    );
}

fn collapse(value: &mut Value, part: &str, metrics: &str, number: &str, path: &[&str]) {
    let Some(part) = value.get_mut(part).and_then(Value::as_object_mut) else {
        return;
    };
    let list = part.remove(metrics);
    let list = list.as_ref().and_then(Value::as_array);
    let cpu = list
        .into_iter()
        .flatten()
        .find(|metric| metric["resource"]["name"] == "cpu");
    let share = cpu.and_then(|cpu| path.iter().try_fold(cpu, |value, step| value.get(step)));
    if let Some(share) = share {
        part.insert(number.to_owned(), share.clone());
    }
}

fn expand(value: &mut Value, part: &str, metrics: &str, number: &str, resource: impl Fn(Value) -> Value) {
    let Some(part) = value.get_mut(part) else {
        return;
    };
    let part = map_mut(part);
    if let Some(share) = part.remove(number) {
        part.insert(
            metrics.to_owned(),
            json!([{"type": "Resource", "resource": resource(share)}]),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_cpu_survives_both_ways() {
        let v1 = json!({"spec": {"maxReplicas": 3, "targetCPUUtilizationPercentage": 70}, "status": {}});
        let mut value = v1.clone();
        to_v2(&mut value);
        assert_eq!(
            value["spec"]["metrics"],
            json!([{"type": "Resource", "resource": {
                "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70},
            }}])
        );
        to_v1(&mut value);
        assert_eq!(value, v1);
    }
}
