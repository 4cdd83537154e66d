//! What a CRD says of formats that the server does not know: nothing is refused, the client is warned.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rules::versions;
use crate::schema::text_formats;

/// Returns a warning for each format that no version had before and the server does not know.
pub(crate) fn warnings(new: &Value, old: Option<&Value>) -> Vec<String> {
    let before = old.map(unknown).unwrap_or_default();
    unknown(new)
        .difference(&before)
        .map(|format| format!("unrecognized format \"{format}\""))
        .collect()
}

fn unknown(crd: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for version in versions(crd) {
        collect(&version["schema"]["openAPIV3Schema"], &mut found);
    }
    found
}

fn collect<'a>(schema: &'a Value, found: &mut BTreeSet<&'a str>) {
    let format = schema["format"].as_str().unwrap_or_default();
    if !format.is_empty() && !is_known(schema["type"].as_str().unwrap_or_default(), format) {
        found.insert(format);
    }
    for keyword in [
        "properties",
        "items",
        "additionalProperties",
        "not",
        "allOf",
        "anyOf",
        "oneOf",
    ] {
        match &schema[keyword] {
            Value::Object(named) if keyword == "properties" => {
                named.values().for_each(|schema| collect(schema, found));
            }
            Value::Array(several) => several.iter().for_each(|schema| collect(schema, found)),
            one if one.is_object() => collect(one, found),
            _ => {}
        }
    }
}

fn is_known(kind: &str, format: &str) -> bool {
    match kind {
        // The server leaves dashes out before it compares.
        "" | "string" => {
            let plain = format.replace('-', "");
            text_formats().any(|name| name.replace('-', "") == plain)
        }
        "integer" => ["int32", "int64"].contains(&format),
        "number" => ["double", "float"].contains(&format),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn crd(of_a: &Value, of_b: &Value) -> Value {
        let properties = json!({"a": of_a, "b": {"type": "array", "items": of_b}});
        let schema = json!({"type": "object", "properties": properties});
        json!({"spec": {"versions": [{"schema": {"openAPIV3Schema": schema}}]}})
    }

    #[test]
    fn a_format_is_known_for_some_types_only() {
        for (kind, format, is_known) in [
            ("string", "date-time", true),
            ("string", "d-a-t-e", true),
            ("string", "Date-Time", false),
            ("string", "int64", false),
            ("string", "binary", false),
            ("string", "k8s-short-name", true),
            ("integer", "int64", true),
            ("integer", "uint32", false),
            ("integer", "double", false),
            ("number", "double", true),
            ("number", "int32", false),
            ("array", "date", false),
        ] {
            let schema = json!({"type": kind, "format": format});
            let told = warnings(&crd(&schema, &Value::Null), None);
            let expected: Vec<String> = match is_known {
                true => Vec::new(),
                false => vec![format!("unrecognized format \"{format}\"")],
            };
            assert_eq!(told, expected, "{kind} {format}");
        }
    }

    #[test]
    fn each_is_told_once_and_only_when_it_is_new() {
        let (old, new) = (
            json!({"type": "string", "format": "old"}),
            json!({"anyOf": [{"format": "date"}, {"not": {"format": "new"}}]}),
        );
        let (before, after) = (crd(&old, &old), crd(&old, &new));
        assert_eq!(warnings(&before, None), [r#"unrecognized format "old""#]);
        assert_eq!(warnings(&after, Some(&before)), [r#"unrecognized format "new""#]);
    }
}
