//! The names of a custom kind.

use serde_json::{Map, Value, json};

use crate::registry::strategy::{Rules, name};

/// Fills in the names that follow from the kind.
pub(super) fn default(names: &mut Map<String, Value>) {
    let kind = names
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if kind.is_empty() {
        return;
    }
    let mut put = |field: &str, text: String| {
        if names
            .get(field)
            .is_none_or(|value| value.is_null() || value == "")
        {
            names.insert(field.to_owned(), json!(text));
        }
    };
    put("singular", kind.to_lowercase());
    put("listKind", format!("{kind}List"));
}

/// Checks the names.
pub(super) fn validate(rules: &mut Rules, names: &Value) {
    for field in ["plural", "singular"] {
        label(rules, &format!("spec.names.{field}"), &names[field]);
    }
    for field in ["kind", "listKind"] {
        kind(rules, &format!("spec.names.{field}"), &names[field]);
    }
    for (field, list) in [
        ("shortNames", &names["shortNames"]),
        ("categories", &names["categories"]),
    ] {
        for (index, text) in list.as_array().into_iter().flatten().enumerate() {
            label(rules, &format!("spec.names.{field}[{index}]"), text);
        }
    }
    if names["kind"].is_string() && names["kind"] != "" && names["kind"] == names["listKind"] {
        rules.invalid(
            "spec.names.listKind",
            &names["listKind"],
            "kind and listKind may not be the same",
        );
    }
}

fn label(rules: &mut Rules, field: &str, value: &Value) {
    match value.as_str().unwrap_or_default() {
        "" => rules.required(field, ""),
        text => rules.reasons(field, text, name::label_1035(text)),
    }
}

fn kind(rules: &mut Rules, field: &str, value: &Value) {
    let text = value.as_str().unwrap_or_default();
    if text.is_empty() {
        return rules.required(field, "");
    }
    let reasons = name::label_1035(&text.to_lowercase()).into_iter();
    rules.reasons(
        field,
        text,
        reasons.map(|reason| format!("may have mixed case, but should otherwise match: {reason}")),
    );
}
