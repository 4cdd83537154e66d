//! Roles and their bindings.

use serde_json::{Value, json};

use super::edit::{self, each, ensure, items, put, text, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) const ROLE: Hooks = Hooks {
    default: null_rules,
    prepare_create: no_rules,
    prepare_update: |new, _| no_rules(new),
    validate: |rules, value| {
        for (index, rule) in items(value, "/rules").iter().enumerate() {
            validate_rule(rules, &format!("rules[{index}]"), rule, true);
        }
    },
    ..NONE
};

pub(super) const CLUSTER_ROLE: Hooks = Hooks {
    default: null_rules,
    prepare_create: no_rules,
    prepare_update: |new, _| no_rules(new),
    validate: |rules, value| {
        for (index, rule) in items(value, "/rules").iter().enumerate() {
            validate_rule(rules, &format!("rules[{index}]"), rule, false);
        }
        let aggregation = &value["aggregationRule"];
        if aggregation.is_object() && items(aggregation, "/clusterRoleSelectors").is_empty() {
            let detail = "at least one clusterRoleSelector required if aggregationRule is non-nil";
            rules.required("aggregationRule.clusterRoleSelectors", detail);
        }
    },
    ..NONE
};

/// A role without rules says so.
fn null_rules(role: &mut Value) {
    edit::map(role).entry("rules").or_insert(Value::Null);
}

/// An empty list of rules is stored as none, though whoever wrote it owns it.
fn no_rules(role: &mut Value) {
    if role["rules"].as_array().is_some_and(Vec::is_empty) {
        role["rules"] = Value::Null;
    }
}

fn validate_rule(rules: &mut Rules, place: &str, rule: &Value, namespaced: bool) {
    let count = |field: &str| items(rule, &format!("/{field}")).len();
    if count("verbs") == 0 {
        rules.required(format!("{place}.verbs"), "verbs must contain at least one value");
    }
    if count("nonResourceURLs") > 0 {
        let field = format!("{place}.nonResourceURLs");
        if namespaced {
            rules.invalid(
                &field,
                &rule["nonResourceURLs"],
                "namespaced rules cannot apply to non-resource URLs",
            );
        }
        if count("apiGroups") + count("resources") + count("resourceNames") > 0 {
            let detail = "rules cannot apply to both regular resources and non-resource URLs";
            rules.invalid(&field, &rule["nonResourceURLs"], detail);
        }
        return;
    }
    if count("apiGroups") == 0 {
        rules.required(
            format!("{place}.apiGroups"),
            "resource rules must supply at least one api group",
        );
    }
    if count("resources") == 0 {
        rules.required(
            format!("{place}.resources"),
            "resource rules must supply at least one resource",
        );
    }
}

pub(super) const BINDING: Hooks = Hooks {
    default: |value| {
        let binding = edit::map(value);
        put(ensure(binding, "roleRef"), "apiGroup", GROUP);
        each(binding, "subjects", |subject| {
            if matches!(text(subject, "kind"), "User" | "Group") {
                put(subject, "apiGroup", GROUP);
            }
        });
    },
    validate: |rules, value| {
        let role = &value["roleRef"];
        rules.one_of("roleRef.apiGroup", text_at(role, "/apiGroup"), &[GROUP]);
        let namespaced = !text_at(value, "/metadata/namespace").is_empty();
        let kinds: &[&str] = if namespaced {
            &["Role", "ClusterRole"]
        } else {
            &["ClusterRole"]
        };
        rules.one_of("roleRef.kind", text_at(role, "/kind"), kinds);
        rules.require_text(value, "/roleRef/name");
        for (index, subject) in items(value, "/subjects").iter().enumerate() {
            validate_subject(rules, &format!("subjects[{index}]"), subject, namespaced);
        }
    },
    validate_update: |rules, new, old| {
        if new["roleRef"] != old["roleRef"] {
            let role = &new["roleRef"];
            let shown = json!({"APIGroup": role["apiGroup"], "Kind": role["kind"], "Name": role["name"]});
            rules.invalid("roleRef", &shown, "cannot change roleRef");
        }
    },
    ..NONE
};

fn validate_subject(rules: &mut Rules, place: &str, subject: &Value, namespaced: bool) {
    if text_at(subject, "/name").is_empty() {
        rules.required(format!("{place}.name"), "");
    }
    let group = text_at(subject, "/apiGroup");
    match text_at(subject, "/kind") {
        "ServiceAccount" => {
            if !group.is_empty() {
                rules.one_of(format!("{place}.apiGroup"), group, &[""]);
            }
            if !namespaced && text_at(subject, "/namespace").is_empty() {
                rules.required(format!("{place}.namespace"), "");
            }
        }
        "User" | "Group" => rules.one_of(format!("{place}.apiGroup"), group, &[GROUP]),
        other => rules.one_of(
            format!("{place}.kind"),
            other,
            &["ServiceAccount", "User", "Group"],
        ),
    }
}
