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
    for field in ["plural", "singular", "kind", "listKind"] {
        let text = names[field].as_str().unwrap_or_default();
        let place = format!("spec.names.{field}");
        match field {
            _ if text.is_empty() => rules.required(place, ""),
            "kind" | "listKind" => kind(rules, &place, text),
            _ => label(rules, &place, text),
        }
    }
    for field in ["shortNames", "categories"] {
        let list = names[field].as_array().into_iter().flatten();
        for (index, text) in list.enumerate() {
            let place = format!("spec.names.{field}[{index}]");
            label(rules, &place, text.as_str().unwrap_or_default());
        }
    }
    if names["kind"].is_string() && names["kind"] != "" && names["kind"] == names["listKind"] {
        let detail = "kind and listKind may not be the same";
        rules.invalid("spec.names.listKind", &names["listKind"], detail);
    }
}

/// Checks a name that starts with a letter and has no dots; all that is wrong with it is told at once.
pub(super) fn label(rules: &mut Rules, field: &str, text: &str) {
    let reasons = name::label_1035(text);
    rules.reasons(field, text, (!reasons.is_empty()).then(|| reasons.join(",")));
}

fn kind(rules: &mut Rules, field: &str, text: &str) {
    let reasons = name::label_1035(&text.to_lowercase());
    let told = format!(
        "may have mixed case, but should otherwise match: {}",
        reasons.join(",")
    );
    rules.reasons(field, text, (!reasons.is_empty()).then_some(told));
}
