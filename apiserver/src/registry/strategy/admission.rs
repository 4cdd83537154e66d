//! Webhook configurations and admission policies.

use serde_json::{Value, json};

use super::edit::{self, Fields, each, ensure, inside, items, put, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;
use super::{name, webhook};
use crate::cel::Condition;

pub(super) const VALIDATING_WEBHOOKS: Hooks = Hooks {
    default: |value| each(edit::map(value), "webhooks", default_webhook),
    validate: validate_webhooks,
    ..NONE
};

pub(super) const MUTATING_WEBHOOKS: Hooks = Hooks {
    default: |value| {
        each(edit::map(value), "webhooks", |webhook| {
            default_webhook(webhook);
            put(webhook, "reinvocationPolicy", "Never");
        });
    },
    validate: validate_webhooks,
    ..NONE
};

pub(super) const VALIDATING_POLICY: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "failurePolicy", "Fail");
        inside(spec, "matchConstraints", |constraints| {
            put(constraints, "matchPolicy", "Equivalent");
            ensure(constraints, "namespaceSelector");
            ensure(constraints, "objectSelector");
            for list in ["resourceRules", "excludeResourceRules"] {
                each(constraints, list, |rule| put(rule, "scope", "*"));
            }
        });
    },
    prepare_create: |value| {
        ensure(edit::map(value), "status");
    },
    ..NONE
};

fn default_webhook(webhook: &mut Fields) {
    put(webhook, "failurePolicy", "Fail");
    put(webhook, "matchPolicy", "Equivalent");
    put(webhook, "timeoutSeconds", 10);
    ensure(webhook, "namespaceSelector");
    ensure(webhook, "objectSelector");
    each(webhook, "rules", |rule| put(rule, "scope", "*"));
    inside(webhook, "clientConfig", |client| {
        inside(client, "service", |service| put(service, "port", 443));
    });
}

fn validate_webhooks(rules: &mut Rules, value: &Value) {
    for (index, webhook) in items(value, "/webhooks").iter().enumerate() {
        validate_webhook(rules, &format!("webhooks[{index}]"), webhook);
    }
}

fn validate_webhook(rules: &mut Rules, place: &str, webhook: &Value) {
    webhook_name(rules, place, text_at(webhook, "/name"));
    for (index, rule) in items(webhook, "/rules").iter().enumerate() {
        for field in ["operations", "apiGroups", "apiVersions", "resources"] {
            if items(rule, &format!("/{field}")).is_empty() {
                rules.required(format!("{place}.rules[{index}].{field}"), "");
            }
        }
        webhook_rule(rules, &format!("{place}.rules[{index}]"), rule);
    }
    rules.one_of(
        format!("{place}.failurePolicy"),
        text_at(webhook, "/failurePolicy"),
        &["Fail", "Ignore"],
    );
    rules.one_of(
        format!("{place}.matchPolicy"),
        text_at(webhook, "/matchPolicy"),
        &["Equivalent", "Exact"],
    );
    match text_at(webhook, "/sideEffects") {
        "" => rules.required(
            format!("{place}.sideEffects"),
            "must specify one of None, NoneOnDryRun",
        ),
        effects => rules.one_of(format!("{place}.sideEffects"), effects, &["None", "NoneOnDryRun"]),
    }
    let timeout = &webhook["timeoutSeconds"];
    if timeout
        .as_i64()
        .is_some_and(|seconds| !(1..=30).contains(&seconds))
    {
        let detail = "the timeout value must be between 1 and 30 seconds";
        rules.invalid(format!("{place}.timeoutSeconds"), timeout, detail);
    }
    webhook::client(rules, &format!("{place}.clientConfig"), &webhook["clientConfig"]);
    conditions(
        rules,
        &format!("{place}.matchConditions"),
        items(webhook, "/matchConditions"),
    );
    review_versions(
        rules,
        &format!("{place}.admissionReviewVersions"),
        &webhook["admissionReviewVersions"],
    );
}

/// Checks what a rule names.
fn webhook_rule(rules: &mut Rules, place: &str, rule: &Value) {
    const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    let alone = |list: &[Value], whole: &str| list.len() > 1 && list.iter().any(|one| one == whole);
    let operations = items(rule, "/operations");
    if alone(operations, "*") {
        rules.invalid(
            format!("{place}.operations"),
            &rule["operations"],
            "if '*' is present, must not specify other operations",
        );
    }
    for (index, operation) in operations.iter().enumerate() {
        rules.one_of(
            format!("{place}.operations[{index}]"),
            text_at(operation, ""),
            &OPERATIONS,
        );
    }
    for (field, noun) in [("apiGroups", "API groups"), ("apiVersions", "API versions")] {
        if alone(items(rule, &format!("/{field}")), "*") {
            let detail = format!("if '*' is present, must not specify other {noun}");
            rules.invalid(format!("{place}.{field}"), &rule[field], &detail);
        }
    }
    if alone(items(rule, "/resources"), "*/*") {
        rules.invalid(
            format!("{place}.resources"),
            &rule["resources"],
            "if '*/*' is present, must not specify other resources",
        );
    }
}

fn webhook_name(rules: &mut Rules, place: &str, text: &str) {
    let field = format!("{place}.name");
    if text.is_empty() {
        return rules.required(field, "");
    }
    rules.reasons(&field, text, name::subdomain(text));
    if text.split('.').count() < 3 {
        rules.invalid(
            field,
            &json!(text),
            "should be a domain with at least three segments separated by dots",
        );
    }
}

/// Checks what has to hold of a write.
fn conditions(rules: &mut Rules, place: &str, conditions: &[Value]) {
    for (index, condition) in conditions.iter().enumerate() {
        let text = text_at(condition, "/expression");
        let field = format!("{place}[{index}].expression");
        if text.trim().is_empty() {
            rules.required(field, "");
        } else if let Some(why) = Condition::complaint(text) {
            rules.invalid(field, &condition["expression"], &why);
        }
        let field = format!("{place}[{index}].name");
        let called = text_at(condition, "/name");
        if called.is_empty() {
            rules.required(field, "");
        } else if conditions[..index].iter().any(|one| one["name"] == called) {
            rules.duplicate(field, &condition["name"]);
        }
    }
}

fn review_versions(rules: &mut Rules, place: &str, versions: &Value) {
    let list = items(versions, "");
    if list.is_empty() {
        rules.required(place, "must specify one of v1, v1beta1");
    } else if !list.iter().any(|version| version == "v1" || version == "v1beta1") {
        rules.invalid(place, versions, "must include at least one of v1, v1beta1");
    }
}
