//! Deployments, replica sets, stateful sets and daemon sets.

use serde_json::{Value, json};

use super::edit::{self, ensure, put, text, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;
use super::{pod, pod_rules, selector, volume};
use crate::status::FieldError;

pub(super) const DEPLOYMENT: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "replicas", 1);
        put(spec, "revisionHistoryLimit", 10);
        put(spec, "progressDeadlineSeconds", 600);
        let strategy = ensure(spec, "strategy");
        put(strategy, "type", "RollingUpdate");
        if text(strategy, "type") == "RollingUpdate" {
            let rolling = ensure(strategy, "rollingUpdate");
            put(rolling, "maxSurge", "25%");
            put(rolling, "maxUnavailable", "25%");
        }
        pod::default_template(spec);
    },
    validate: |rules, value| {
        scaled(rules, value, "deployment");
        strategy(rules, &value["spec"]["strategy"]);
        for field in ["/spec/minReadySeconds", "/spec/revisionHistoryLimit"] {
            rules.not_negative(value, field);
        }
        rules.not_negative(value, "/spec/progressDeadlineSeconds");
    },
    validate_update: |rules, new, old| rules.immutable(new, old, "/spec/selector"),
    ..NONE
};

pub(super) const REPLICA_SET: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "replicas", 1);
        pod::default_template(spec);
    },
    validate: |rules, value| {
        scaled(rules, value, "ReplicaSet");
        rules.not_negative(value, "/spec/minReadySeconds");
    },
    validate_update: |rules, new, old| rules.immutable(new, old, "/spec/selector"),
    ..NONE
};

pub(super) const REPLICATION_CONTROLLER: Hooks = Hooks {
    default: |value| {
        let labels = value
            .pointer("/spec/template/metadata/labels")
            .filter(|labels| labels.is_object())
            .cloned();
        let fields = edit::map(value);
        if let Some(labels) = labels {
            let metadata = ensure(fields, "metadata");
            metadata.entry("labels").or_insert(labels.clone());
            ensure(fields, "spec").entry("selector").or_insert(labels);
        }
        let spec = ensure(fields, "spec");
        put(spec, "replicas", 1);
        pod::default_template(spec);
    },
    validate: |rules, value| {
        rules.not_negative(value, "/spec/replicas");
        pod_rules::validate_template(rules, "spec.template", &value["spec"]["template"]);
    },
    ..NONE
};

pub(super) const STATEFUL_SET: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "replicas", 1);
        spec.entry("serviceName").or_insert(json!(""));
        put(spec, "podManagementPolicy", "OrderedReady");
        put(spec, "revisionHistoryLimit", 10);
        let update = ensure(spec, "updateStrategy");
        put(update, "type", "RollingUpdate");
        if text(update, "type") == "RollingUpdate" {
            put(ensure(update, "rollingUpdate"), "partition", 0);
        }
        let retention = ensure(spec, "persistentVolumeClaimRetentionPolicy");
        put(retention, "whenDeleted", "Retain");
        put(retention, "whenScaled", "Retain");
        edit::each(spec, "volumeClaimTemplates", |claim| {
            put(claim, "apiVersion", "v1");
            put(claim, "kind", "PersistentVolumeClaim");
            volume::default_claim_spec(ensure(claim, "spec"));
            put(ensure(claim, "status"), "phase", "Pending");
        });
        pod::default_template(spec);
    },
    prepare_create: |value| {
        let status = ensure(edit::map(value), "status");
        put(status, "availableReplicas", 0);
    },
    validate: |rules, value| {
        let spec = &value["spec"];
        let policy = text_at(spec, "/podManagementPolicy");
        if !matches!(policy, "OrderedReady" | "Parallel") {
            rules.invalid(
                "spec.podManagementPolicy",
                &json!(policy),
                "must be 'OrderedReady' or 'Parallel'",
            );
        }
        let update = text_at(spec, "/updateStrategy/type");
        if !matches!(update, "RollingUpdate" | "OnDelete") {
            let shown = json!({"Type": update, "RollingUpdate": spec["updateStrategy"]["rollingUpdate"]});
            rules.invalid(
                "spec.updateStrategy",
                &shown,
                "must be 'RollingUpdate' or 'OnDelete'",
            );
        }
        scaled(rules, value, "StatefulSet");
    },
    validate_update: |rules, new, old| {
        const FREE: [&str; 8] = [
            "replicas",
            "ordinals",
            "template",
            "updateStrategy",
            "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy",
            "minReadySeconds",
            "terminatingReplicas",
        ];
        if without(&new["spec"], &FREE) != without(&old["spec"], &FREE) {
            let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and \
                'minReadySeconds' are forbidden";
            rules.forbidden("spec", detail);
        }
    },
    ..NONE
};

const GENERATION: &str = "deprecated.daemonset.template.generation";

pub(super) const DAEMON_SET: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "revisionHistoryLimit", 10);
        let update = ensure(spec, "updateStrategy");
        put(update, "type", "RollingUpdate");
        if text(update, "type") == "RollingUpdate" {
            let rolling = ensure(update, "rollingUpdate");
            put(rolling, "maxSurge", 0);
            put(rolling, "maxUnavailable", 1);
        }
        pod::default_template(spec);
    },
    prepare_create: |value| {
        let annotations = ensure(edit::metadata(value), "annotations");
        annotations.insert(GENERATION.to_owned(), json!("1"));
    },
    prepare_update: |new, old| {
        let annotation = |value: &Value| {
            value["metadata"]["annotations"][GENERATION]
                .as_str()
                .and_then(|text| text.parse::<i64>().ok())
        };
        let moved = new["spec"]["template"] != old["spec"]["template"];
        let count = annotation(old).unwrap_or(1) + i64::from(moved);
        let annotations = ensure(edit::metadata(new), "annotations");
        annotations.insert(GENERATION.to_owned(), json!(count.to_string()));
    },
    validate: |rules, value| {
        let spec = &value["spec"];
        selector::validate(rules, "spec.selector", &spec["selector"]);
        template_matches(rules, spec);
        pod_rules::validate_template(rules, "spec.template", &spec["template"]);
        always_restarts(rules, spec);
        rules.not_negative(value, "/spec/minReadySeconds");
    },
    validate_update: |rules, new, old| rules.immutable(new, old, "/spec/selector"),
    ..NONE
};

fn without(spec: &Value, names: &[&str]) -> Value {
    let mut spec = spec.clone();
    if let Some(fields) = spec.as_object_mut() {
        fields.retain(|name, _| !names.contains(&name.as_str()));
    }
    spec
}

/// The rules of what has replicas, a selector and a template.
fn scaled(rules: &mut Rules, value: &Value, what: &str) {
    let spec = &value["spec"];
    rules.not_negative(value, "/spec/replicas");
    if spec["selector"].is_object() {
        selector::validate(rules, "spec.selector", &spec["selector"]);
        if selector::is_empty(&spec["selector"]) {
            rules.invalid(
                "spec.selector",
                &spec["selector"],
                &format!("empty selector is invalid for {}", what.to_lowercase()),
            );
        }
    } else {
        rules.required("spec.selector", "");
    }
    if selector::is_valid(&spec["selector"]) {
        template_matches(rules, spec);
    } else {
        rules.invalid("spec.selector", &spec["selector"], "invalid label selector");
    }
    pod_rules::validate_template(rules, "spec.template", &spec["template"]);
    always_restarts(rules, spec);
}

fn template_matches(rules: &mut Rules, spec: &Value) {
    let labels = spec.pointer("/template/metadata/labels").unwrap_or(&Value::Null);
    if (!spec["selector"].is_object() || !selector::is_empty(&spec["selector"]))
        && !selector::matches(&spec["selector"], labels)
    {
        let detail = "`selector` does not match template `labels`";
        rules.invalid("spec.template.metadata.labels", labels, detail);
    }
}

fn always_restarts(rules: &mut Rules, spec: &Value) {
    let policy = text_at(spec, "/template/spec/restartPolicy");
    if matches!(policy, "OnFailure" | "Never") {
        rules.one_of("spec.template.spec.restartPolicy", policy, &["Always"]);
    }
}

fn strategy(rules: &mut Rules, strategy: &Value) {
    let field = "spec.strategy";
    let rolling = &strategy["rollingUpdate"];
    match text_at(strategy, "/type") {
        "Recreate" if rolling.is_object() => {
            rules.forbidden(
                "spec.strategy.rollingUpdate",
                "may not be specified when strategy `type` is 'Recreate'",
            );
        }
        "Recreate" => {}
        "RollingUpdate" => {
            let surge = share(
                rules,
                "spec.strategy.rollingUpdate.maxSurge",
                &rolling["maxSurge"],
                u64::MAX,
            );
            let unavailable = "spec.strategy.rollingUpdate.maxUnavailable";
            if share(rules, unavailable, &rolling["maxUnavailable"], 100) == Some(0) && surge == Some(0) {
                rules.invalid(
                    unavailable,
                    &rolling["maxUnavailable"],
                    "may not be 0 when `maxSurge` is 0",
                );
            }
        }
        other => {
            let shown = json!({"Type": other, "RollingUpdate": rolling});
            rules.push(FieldError::not_supported(
                field,
                &shown,
                &["Recreate", "RollingUpdate"],
            ));
        }
    }
}

/// Checks a number or percentage and returns it.
pub(super) fn share(rules: &mut Rules, field: &str, value: &Value, most_percent: u64) -> Option<u64> {
    const FORM: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or \
        '93%', regex used for validation is '[0-9]+%')";
    match value {
        Value::String(text) => {
            let Some(percent) = text
                .strip_suffix('%')
                .and_then(|digits| digits.parse::<u64>().ok())
            else {
                rules.invalid(field, value, FORM);
                return None;
            };
            if percent > most_percent {
                rules.invalid(field, value, "must not be greater than 100%");
            }
            Some(percent)
        }
        Value::Number(number) if number.as_i64().is_some_and(|number| number < 0) => {
            rules.invalid(field, value, "must be greater than or equal to 0");
            None
        }
        other => other.as_u64(),
    }
}
