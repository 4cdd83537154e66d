//! Label selectors of workloads.

use serde_json::{Map, Value, json};

use super::edit::{entries, items, text_at};
use super::metadata;
use super::rule::Rules;

/// Checks a label selector.
pub(super) fn validate(rules: &mut Rules, field: &str, selector: &Value) {
    metadata::label_map(rules, &format!("{field}.matchLabels"), &selector["matchLabels"]);
    for (index, expression) in items(selector, "/matchExpressions").iter().enumerate() {
        let place = format!("{field}.matchExpressions[{index}]");
        let values = items(expression, "/values");
        match text_at(expression, "/operator") {
            "In" | "NotIn" if values.is_empty() => {
                rules.required(
                    format!("{place}.values"),
                    "must be specified when `operator` is 'In' or 'NotIn'",
                );
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                rules.forbidden(format!("{place}.values"), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => rules.invalid(
                format!("{place}.operator"),
                &json!(other),
                "not a valid selector operator",
            ),
        }
    }
}

/// Returns whether every operator of the selector is known and has values if it needs some.
pub(super) fn is_valid(selector: &Value) -> bool {
    let mut rules = Rules::default();
    validate(&mut rules, "", selector);
    rules.into_errors().is_empty()
}

/// Returns whether the selector says nothing.
pub(super) fn is_empty(selector: &Value) -> bool {
    entries(selector, "/matchLabels").next().is_none() && items(selector, "/matchExpressions").is_empty()
}

/// Returns whether labels meet a selector; a missing selector meets nothing.
pub(super) fn matches(selector: &Value, labels: &Value) -> bool {
    let none = Map::new();
    let labels = labels.as_object().unwrap_or(&none);
    let all_labels = entries(selector, "/matchLabels").all(|(key, value)| labels.get(key) == Some(value));
    let all_expressions = items(selector, "/matchExpressions").iter().all(|expression| {
        let found = labels.get(text_at(expression, "/key"));
        let listed = found.is_some_and(|value| items(expression, "/values").contains(value));
        match text_at(expression, "/operator") {
            "In" => listed,
            "NotIn" => !listed,
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            _ => false,
        }
    });
    selector.is_object() && all_labels && all_expressions
}
