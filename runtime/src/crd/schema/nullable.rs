//! Null beside a list of allowed values.
//!
//! An API server refuses null wherever there is an `enum`, even if the value is nullable and null is listed. So an
//! optional enum says it in another way.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSON, JSONSchemaProps};

/// A null field that is not nullable is dropped by the API server before it validates, which is what None means.
pub(super) fn settle_field(props: &mut JSONSchemaProps) {
    if props.enum_.is_some() {
        props.nullable = None;
    }
}

/// In a list or a map nothing can be dropped; a pattern, unlike an enum, is not asked about null.
pub(super) fn settle_element(props: &mut JSONSchemaProps) {
    if props.nullable != Some(true) {
        return;
    }
    let Some(values) = props.enum_.take() else { return };
    let names: Option<Vec<&str>> = values.iter().map(|JSON(value)| value.as_str()).collect();
    if let Some(names) = names {
        let names: Vec<String> = names.into_iter().map(escaped).collect();
        props.pattern = Some(format!("^({})$", names.join("|")));
    }
}

fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && c != '_' && c.is_ascii() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
