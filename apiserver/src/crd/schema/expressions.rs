//! The validation rules in a schema: written right, and then compiled against it, with what they may cost.

use serde_json::{Value, json};

use super::super::shown;
use super::keywords::{Above, Walk};
use crate::cel::{self, Arrays, Checked, Place, resolve};
use crate::registry::strategy::Rules;
use crate::schema::{Definitions, Node, Schema};
use crate::status::FieldError;

const REASONS: [&str; 4] = [
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

fn rules_of<'v>(schema: &'v Value, place: &str) -> impl Iterator<Item = (String, &'v Value)> {
    let rules = schema["x-kubernetes-validations"]
        .as_array()
        .into_iter()
        .flatten();
    rules
        .enumerate()
        .map(move |(index, rule)| (format!("{place}.x-kubernetes-validations[{index}]"), rule))
}

/// Checks how the rules of a node are written.
pub(super) fn written(rules: &mut Rules, place: &str, schema: &Value) {
    for (place, rule) in rules_of(schema, place) {
        message(rules, &place, rule);
        let expression = rule["messageExpression"].as_str().unwrap_or_default();
        if !expression.is_empty() && expression.trim().is_empty() {
            let detail = "messageExpression must be non-empty if specified";
            rules.required(format!("{place}.messageExpression"), detail);
        }
        if let Some(reason) = rule["reason"].as_str() {
            rules.one_of(format!("{place}.reason"), reason, &REASONS);
        }
        let path = rule["fieldPath"].as_str().unwrap_or_default();
        if !path.is_empty() {
            field_path(rules, format!("{place}.fieldPath"), path, schema);
        }
    }
}

fn has_lines(text: &str) -> bool {
    text.contains(['\n', '\r'])
}

fn message(rules: &mut Rules, place: &str, rule: &Value) {
    let text = rule["rule"].as_str().unwrap_or_default().trim();
    let message = rule["message"].as_str().unwrap_or_default();
    let field = format!("{place}.message");
    if text.is_empty() {
        rules.required(format!("{place}.rule"), "rule is not specified");
    } else if !message.is_empty() && message.trim().is_empty() {
        rules.invalid(field, &json!(message), "must be non-empty if specified");
    } else if has_lines(message.trim()) {
        rules.invalid(field, &json!(message), "must not contain line breaks");
    } else if has_lines(text) && message.trim().is_empty() {
        rules.required(field, "message must be specified if rule contains line breaks");
    }
}

fn field_path(rules: &mut Rules, field: String, path: &str, schema: &Value) {
    if path.trim().is_empty() {
        rules.invalid(&field, &json!(path), "must be non-empty if specified");
    }
    if has_lines(path) {
        rules.invalid(&field, &json!(path), "must not contain line breaks");
    }
    let (parsed, definitions) = (Schema::parse(schema), Definitions::new());
    if resolve(Node::new(&parsed, &definitions), path, Arrays::Allowed).is_err() {
        rules.invalid(field, &json!(path), "must be a valid path");
    }
}

/// Compiles the rules of a node.
pub(super) fn compiled(walk: &mut Walk, place: &str, schema: &Value, above: Above<'_>) {
    let Some(node) = above.node.filter(|node| !node.schema().validations.is_empty()) else {
        return;
    };
    let whole = above.whole || node.schema().embedded_resource;
    if !Place::of(node, whole).is_seen() {
        let detail = "Internal error: internal error: failed to construct type information for x-kubernetes-validations \
            rules: unable to convert structural schema to CEL declarations";
        let field = format!("{place}.x-kubernetes-validations");
        return walk
            .compiled
            .push(FieldError::new("InternalError", field, detail));
    }
    for ((place, source), rule) in rules_of(schema, place).zip(&node.schema().validations) {
        let checked = Checked {
            rule: source,
            node,
            whole,
        };
        let told = cel::check(&checked);
        let wrong = told.as_ref().map(|(field, _)| *field);
        if wrong != Some("rule") {
            let (cost, message) = rule.costs(Place::of(node, whole));
            let times = above
                .times
                .unwrap_or_else(|| Place::of(node, whole).cardinality());
            spend(walk, "rule", &place, cost.saturating_mul(times));
            if let Some(cost) = message.filter(|_| wrong.is_none()) {
                spend(walk, "messageExpression", &place, cost);
            }
        }
        let uses_old = rule.is_about_changes() && wrong != Some("rule");
        if let Some((field, why)) = told {
            let field = format!("{place}.{field}");
            walk.compiled
                .push(shown::invalid(field, &shown::rule(source), &why));
        }
        past(&mut walk.compiled, &place, source, uses_old, above.uncorrelatable);
    }
}

/// What a rule says of the state before.
fn past(rules: &mut Rules, place: &str, rule: &Value, uses_old: bool, uncorrelatable: Option<&str>) {
    let optional = &rule["optionalOldSelf"];
    if !uses_old && !optional.is_null() {
        let detail = "may not be set if oldSelf is not used in rule";
        rules.invalid(format!("{place}.optionalOldSelf"), optional, detail);
    }
    if let Some(list) = uncorrelatable.filter(|_| uses_old) {
        let detail =
            format!("oldSelf cannot be used on the uncorrelatable portion of the schema within {list}");
        rules.invalid(format!("{place}.rule"), &rule["rule"], &detail);
    }
}

fn spend(walk: &mut Walk, field: &str, place: &str, cost: u64) {
    let place = format!("{place}.{field}");
    let told = walk.budget.spend(field, &place, cost);
    if let Some(detail) = told.filter(|_| !walk.unchanged) {
        walk.compiled.forbidden(place, &detail);
    }
}

/// Says what all rules of the schema cost too much together.
pub(super) fn settle(walk: &mut Walk, place: &str) {
    if let Some((dearest, detail)) = std::mem::take(&mut walk.budget).overdrawn() {
        for place in dearest {
            let detail =
                "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
            walk.compiled.forbidden(place, detail);
        }
        walk.compiled.forbidden(place, &detail);
    }
}
