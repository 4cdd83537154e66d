//! Null beside a list of allowed values.
//!
//! An API server refuses null wherever there is an `enum`, even if the value is nullable and null is listed. So an
//! optional enum says it in another way.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSON, JSONSchemaProps};

use super::convert::anything;

/// A null field that is not nullable is dropped by the API server before it validates, which is what None means.
///
/// A required field may not be dropped: null is a value of its own there.
pub(super) fn settle_field(props: &mut JSONSchemaProps, required: bool) {
    if required {
        settle_element(props);
        if is_anything(props) {
            props.nullable = Some(true);
        }
    } else if props.enum_.is_some() {
        props.nullable = None;
    }
}

/// Whether nothing at all is said of the value, so that it may be null, too.
fn is_anything(props: &JSONSchemaProps) -> bool {
    let said = JSONSchemaProps {
        description: None,
        title: None,
        ..props.clone()
    };
    said == anything()
}

/// In a list or a map nothing can be dropped; a pattern, unlike an enum, is not asked about null.
pub(super) fn settle_element(props: &mut JSONSchemaProps) {
    if props.nullable != Some(true) {
        return;
    }
    let Some(values) = props.enum_.take() else { return };
    props.pattern = props.pattern.take().or_else(|| pattern_of(&values));
}

/// Returns a pattern that only the given texts match, if all of the values are texts.
pub(super) fn pattern_of(values: &[JSON]) -> Option<String> {
    let names: Option<Vec<&str>> = values.iter().map(|JSON(value)| value.as_str()).collect();
    let names: Vec<String> = names?.into_iter().map(escaped).collect();
    Some(format!("^({})$", names.join("|")))
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
