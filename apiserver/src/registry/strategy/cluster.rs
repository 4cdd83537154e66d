//! Smaller kinds: leases, events, priority and runtime classes, limits, API services.

use serde_json::{Value, json};

use super::edit::{self, Fields, each, ensure, inside, put, text, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;
use crate::object::Meta as _;
use crate::schema::quantity::Quantity;

pub(super) const LEASE: Hooks = Hooks {
    default: |value| {
        ensure(edit::map(value), "spec");
    },
    validate: |rules, value| {
        let seconds = &value["spec"]["leaseDurationSeconds"];
        if seconds.as_i64().is_some_and(|seconds| seconds < 1) {
            rules.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0");
        }
        rules.not_negative(value, "/spec/leaseTransitions");
    },
    ..NONE
};

pub(super) const EVENT: Hooks = Hooks {
    default: |value| {
        let event = edit::map(value);
        for time in ["eventTime", "firstTimestamp", "lastTimestamp"] {
            event.entry(time).or_insert(Value::Null);
        }
        for field in ["reportingComponent", "reportingInstance"] {
            event.entry(field).or_insert(json!(""));
        }
        ensure(event, "source");
    },
    validate: |rules, value| {
        let about = text_at(value, "/involvedObject/namespace");
        let home = if about.is_empty() { "default" } else { about };
        // What is in no namespace is told of in the default one.
        if value.namespace() != about && !(about.is_empty() && value.namespace() == home) {
            rules.invalid(
                "involvedObject.namespace",
                &json!(about),
                "does not match event.namespace",
            );
        }
    },
    ..NONE
};

pub(super) const NEW_EVENT: Hooks = Hooks {
    default: |value| {
        let event = edit::map(value);
        for time in ["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "eventTime"] {
            event.entry(time).or_insert(Value::Null);
        }
        ensure(event, "deprecatedSource");
    },
    validate: |rules, value| {
        if value["eventTime"].is_null() {
            return new_event_without_time(rules, value);
        }
        for field in ["/reportingController", "/reportingInstance", "/action", "/reason"] {
            rules.require_text(value, field);
        }
        event_type(rules, value);
    },
    ..NONE
};

fn new_event_without_time(rules: &mut Rules, value: &Value) {
    rules.required("eventTime", "");
    event_type(rules, value);
}

fn event_type(rules: &mut Rules, value: &Value) {
    let kind = text_at(value, "/type");
    if !matches!(kind, "Normal" | "Warning") {
        rules.invalid("type", &json!(kind), &format!("has invalid value: {kind}"));
    }
}

pub(super) const LIMIT_RANGE: Hooks = Hooks {
    default: |value| {
        each(ensure(edit::map(value), "spec"), "limits", |limit| {
            if text(limit, "type") == "Container" {
                default_limit(limit);
            }
        });
    },
    validate: |rules, value| {
        for (index, limit) in edit::items(value, "/spec/limits").iter().enumerate() {
            validate_limit(rules, &format!("spec.limits[{index}]"), limit);
        }
    },
    ..NONE
};

fn validate_limit(rules: &mut Rules, place: &str, limit: &Value) {
    for (name, least) in edit::entries(limit, "/min") {
        let number = |field: &str| limit[field][name].as_str().and_then(Quantity::parse);
        let Some(min) = number("min") else { continue };
        for (field, what, shown) in [
            ("max", "max value", ("min", least)),
            (
                "defaultRequest",
                "default request value",
                ("defaultRequest", &limit["defaultRequest"][name]),
            ),
            ("default", "default value", ("default", least)),
        ] {
            let Some(other) = number(field).filter(|other| min.compare(*other).is_gt()) else {
                continue;
            };
            let detail = format!(
                "min value {} is greater than {what} {}",
                min.canonical(),
                other.canonical()
            );
            rules.invalid(format!("{place}.{}[{name}]", shown.0), shown.1, &detail);
        }
    }
}

pub(super) const RESOURCE_QUOTA: Hooks = Hooks {
    validate: |rules, value| {
        const STANDARD: [&str; 12] = [
            "cpu",
            "memory",
            "ephemeral-storage",
            "storage",
            "pods",
            "services",
            "replicationcontrollers",
            "resourcequotas",
            "secrets",
            "configmaps",
            "persistentvolumeclaims",
            "services.nodeports",
        ];
        for (name, amount) in edit::entries(value, "/spec/hard") {
            let field = format!("spec.hard[{name}]");
            let prefixed = ["requests.", "limits.", "services.", "count/"]
                .iter()
                .any(|prefix| name.starts_with(prefix));
            if !STANDARD.contains(&name.as_str()) && !prefixed && !name.contains('/') {
                rules.invalid(
                    &field,
                    &json!(name),
                    "must be a standard resource type or fully qualified",
                );
                rules.invalid(&field, &json!(name), "must be a standard resource for quota");
            }
            if amount
                .as_str()
                .and_then(Quantity::parse)
                .is_some_and(Quantity::is_negative)
            {
                rules.invalid(&field, amount, "must be greater than or equal to 0");
            }
        }
    },
    ..NONE
};

/// A container that says nothing gets the most it may have, and asks for what it gets.
fn default_limit(limit: &mut Fields) {
    for (to, from) in [
        ("default", "max"),
        ("defaultRequest", "default"),
        ("defaultRequest", "min"),
    ] {
        let Some(source) = limit.get(from).and_then(Value::as_object).cloned() else {
            continue;
        };
        let target = ensure(limit, to);
        for (name, amount) in source {
            target.entry(name).or_insert(amount);
        }
    }
}

pub(super) const PRIORITY_CLASS: Hooks = Hooks {
    default: |value| put(edit::map(value), "preemptionPolicy", "PreemptLowerPriority"),
    validate: |rules, value| {
        let system = value.name().starts_with("system-");
        if !system
            && value["value"]
                .as_i64()
                .is_some_and(|number| number > 1_000_000_000)
        {
            rules.forbidden(
                "value",
                "maximum allowed value of a user defined priority is 1000000000",
            );
        }
    },
    validate_update: |rules, new, old| {
        if new["value"] != old["value"] {
            rules.forbidden("value", "may not be changed in an update.");
        }
        rules.immutable(new, old, "/preemptionPolicy");
    },
    ..NONE
};

pub(super) const RUNTIME_CLASS: Hooks = Hooks {
    validate: |rules, value| rules.require_text(value, "/handler"),
    validate_update: |rules, new, old| rules.immutable(new, old, "/handler"),
    ..NONE
};

pub(super) const API_SERVICE: Hooks = Hooks {
    default: |value| {
        inside(ensure(edit::map(value), "spec"), "service", |service| {
            put(service, "port", 443);
        });
    },
    validate: |rules, value| {
        let (version, group) = (text_at(value, "/spec/version"), text_at(value, "/spec/group"));
        let expected = format!("{version}.{group}");
        if value.name() != expected {
            let detail = "must be `spec.version+\".\"+spec.group`: ";
            rules.invalid(
                "metadata.name",
                &json!(value.name()),
                &format!("{detail}{expected:?}"),
            );
        }
    },
    ..NONE
};
