//! The validation rules in a schema: written right, and then, if all else is right too, compiled against it.

use serde_json::{Value, json};

use super::path;
use crate::cel::{self, Checked};
use crate::registry::strategy::Rules;
use crate::schema::{Definitions, Node, Schema};
use crate::status::FieldError;

const REASONS: [&str; 4] = [
    "FieldValueDuplicate",
    "FieldValueForbidden",
    "FieldValueInvalid",
    "FieldValueRequired",
];

/// Checks the rules in the schemas of all versions.
pub(super) fn validate(rules: &mut Rules, crd: &Value) {
    for (index, version) in path::distinct(crd, "schema") {
        let place = format!("{}.openAPIV3Schema", path::of(crd, index, "schema", "validation"));
        each(
            &version["schema"]["openAPIV3Schema"],
            &place,
            Above::ROOT,
            &mut |found| {
                written(rules, &found);
            },
        );
    }
    // What is not written right is not compiled.
    if !rules.is_empty() {
        return;
    }
    for (index, version) in path::distinct(crd, "schema") {
        let place = format!("{}.openAPIV3Schema", path::of(crd, index, "schema", "validation"));
        let whole = &version["schema"]["openAPIV3Schema"];
        each(whole, &place, Above::ROOT, &mut |found| {
            compiled(rules, &found, std::ptr::eq(found.schema, whole));
        });
    }
}

/// A rule in a schema.
pub(super) struct Found<'a> {
    /// Of the rule.
    pub(super) place: String,
    pub(super) rule: &'a Value,
    /// The node the rule is at.
    pub(super) schema: &'a Value,
    /// How often the node can be in an object by the limits above it; `None` if one sets none.
    pub(super) times: Option<u64>,
    /// The list whose items cannot be told from each other, if the node is in one.
    uncorrelatable: Option<&'a str>,
}

/// What a node is in.
#[derive(Clone, Copy)]
pub(super) struct Above<'a> {
    uncorrelatable: Option<&'a str>,
    times: Option<u64>,
}

impl Above<'_> {
    pub(super) const ROOT: Above<'static> = Above {
        uncorrelatable: None,
        times: Some(1),
    };
}

/// Calls `visit` with each rule in a schema.
pub(super) fn each(schema: &Value, place: &str, above: Above<'_>, visit: &mut dyn FnMut(Found<'_>)) {
    let rules = schema["x-kubernetes-validations"].as_array();
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        visit(Found {
            place: format!("{place}.x-kubernetes-validations[{index}]"),
            rule,
            schema,
            times: above.times,
            uncorrelatable: above.uncorrelatable,
        });
    }
    for (name, child) in schema["properties"].as_object().into_iter().flatten() {
        each(child, &format!("{place}.properties[{name}]"), above, visit);
    }
    let within = |limit: &str| Above {
        times: above
            .times
            .zip(schema[limit].as_u64())
            .map(|(times, most)| times.saturating_mul(most)),
        ..above
    };
    let values = &schema["additionalProperties"];
    if values.is_object() {
        let place = format!("{place}.additionalProperties");
        each(values, &place, within("maxProperties"), visit);
    }
    if schema["items"].is_object() {
        let told_apart = schema["x-kubernetes-list-type"] == "map";
        let above = Above {
            uncorrelatable: above.uncorrelatable.or((!told_apart).then_some(place)),
            ..within("maxItems")
        };
        each(&schema["items"], &format!("{place}.items"), above, visit);
    }
}

fn written(rules: &mut Rules, found: &Found<'_>) {
    let Found { place, rule, .. } = found;
    if rule["rule"].as_str().unwrap_or_default().trim().is_empty() {
        rules.required(format!("{place}.rule"), "rule is not specified");
    }
    if let Some(message) = rule["message"].as_str().filter(|message| !message.is_empty()) {
        let field = format!("{place}.message");
        if message.trim().is_empty() {
            rules.invalid(field, &rule["message"], "must be non-empty if specified");
        } else if message.trim().contains('\n') {
            rules.invalid(field, &rule["message"], "must not contain line breaks");
        }
    }
    let expression = rule["messageExpression"].as_str().filter(|text| !text.is_empty());
    if expression.is_some_and(|text| text.trim().is_empty()) {
        rules.required(
            format!("{place}.messageExpression"),
            "messageExpression must be non-empty if specified",
        );
    }
    if let Some(reason) = rule["reason"].as_str() {
        rules.one_of(format!("{place}.reason"), reason, &REASONS);
    }
    if let Some(path) = rule["fieldPath"].as_str().filter(|path| !path.is_empty())
        && !leads_somewhere(found.schema, path)
    {
        rules.invalid(format!("{place}.fieldPath"), &json!(path), "must be a valid path");
    }
}

/// Whether a path such as `.a.b` names a declared field.
fn leads_somewhere(schema: &Value, path: &str) -> bool {
    let mut place = schema;
    let mut rest = path;
    while !rest.is_empty() {
        let name = if let Some(after) = rest.strip_prefix("['") {
            let Some((name, after)) = after.split_once("']") else {
                return false;
            };
            rest = after;
            name
        } else if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            rest = &after[end..];
            &after[..end]
        } else {
            return false;
        };
        place = match (&place["properties"][name], &place["additionalProperties"]) {
            (Value::Null, values @ Value::Object(_)) => values,
            (property, _) => property,
        };
        if place.is_null() {
            return false;
        }
    }
    true
}

fn compiled(rules: &mut Rules, found: &Found<'_>, whole: bool) {
    let text = &found.rule["rule"];
    let schema = Schema::parse(found.schema);
    let definitions = Definitions::new();
    let compiled = schema.validations.iter().find(|rule| rule.is(found.rule));
    if let Some(list) = found.uncorrelatable
        && compiled.is_some_and(|rule| rule.is_about_changes())
    {
        let detail =
            format!("oldSelf cannot be used on the uncorrelatable portion of the schema within {list}");
        rules.invalid(format!("{}.rule", found.place), text, &detail);
        return;
    }
    let checked = Checked {
        rule: found.rule,
        node: Node::new(&schema, &definitions),
        whole,
    };
    for (field, why) in cel::check(&checked) {
        let message = format!("Invalid value: {}: {why}", quoted(found.rule));
        rules.push(FieldError::new(
            "FieldValueInvalid",
            format!("{}.{field}", found.place),
            message,
        ));
    }
}

/// A rule as the real server prints it.
fn quoted(rule: &Value) -> String {
    let text = |field: &str| json!(rule[field].as_str().unwrap_or_default()).to_string();
    let whole = format!(
        "{{\"Rule\":{},\"Message\":{},\"MessageExpression\":{},\"Reason\":{},\"FieldPath\":{},\"OptionalOldSelf\":{}}}",
        text("rule"),
        text("message"),
        text("messageExpression"),
        rule["reason"],
        text("fieldPath"),
        rule["optionalOldSelf"],
    );
    whole
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
