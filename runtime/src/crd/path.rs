//! Paths of columns, selectable fields and the scale, followed in the schema.
//!
//! The derive has checked them against every type whose shape it knows; here the rest is known too.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};

use super::{Declaration, SchemaProblem};

/// Returns what is wrong with the paths of a declaration.
pub(super) fn problems(declaration: &Declaration, schema: &JSONSchemaProps) -> Vec<SchemaProblem> {
    let mut problems = Vec::new();
    let mut check = |path: &str, types: &[&str], what: &str| {
        if let Some(message) = problem(path, types, schema) {
            problems.push(SchemaProblem {
                path: path.to_owned(),
                message: format!("{what} {message}"),
            });
        }
    };
    for column in declaration.columns {
        let types: &[&str] = match column.type_ {
            "integer" | "number" => &["integer", "number"],
            "boolean" => &["boolean"],
            "date" => &["string"],
            _ => &[],
        };
        check(column.json_path, types, "the column's path");
    }
    for path in declaration.selectable {
        check(path, &["string", "boolean", "integer"], "the selectable field");
    }
    if let Some(scale) = declaration.scale {
        check(scale.spec_replicas_path, &["integer"], "the scale's path");
        check(scale.status_replicas_path, &["integer"], "the scale's path");
        let selector = scale.label_selector_path;
        selector
            .into_iter()
            .for_each(|path| check(path, &["string"], "the selector's path"));
    }
    problems
}

/// Follows a path of plain names; how others are read is kubectl's own.
fn problem(path: &str, types: &[&str], schema: &JSONSchemaProps) -> Option<String> {
    let names: Vec<&str> = path.strip_prefix('.')?.split('.').collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let every_object = ["metadata", "apiVersion", "kind"];
    if names
        .iter()
        .any(|name| name.is_empty() || !name.chars().all(plain))
        || names.first().is_some_and(|first| every_object.contains(first))
    {
        return None;
    }
    let mut place = schema;
    for name in names {
        place = match step(place, name) {
            Step::To(next) => next,
            Step::Anywhere => return None,
            Step::Nowhere => return Some(format!("leads nowhere: there is no field `{name}`")),
        };
    }
    let found = place.type_.as_deref()?;
    let fits = types.is_empty() || types.contains(&found);
    (!fits).then(|| {
        format!(
            "leads to a value of type {found}, and has to be {}",
            types.join(" or ")
        )
    })
}

enum Step<'a> {
    To(&'a JSONSchemaProps),
    Anywhere,
    Nowhere,
}

fn step<'a>(place: &'a JSONSchemaProps, name: &str) -> Step<'a> {
    if let Some(field) = place.properties.as_ref().and_then(|fields| fields.get(name)) {
        return Step::To(field);
    }
    let open = place.x_kubernetes_preserve_unknown_fields == Some(true);
    match (&place.additional_properties, &place.items) {
        (Some(JSONSchemaPropsOrBool::Schema(values)), _) => Step::To(values),
        (Some(JSONSchemaPropsOrBool::Bool(true)), _) => Step::Anywhere,
        (_, Some(JSONSchemaPropsOrArray::Schema(_))) => Step::Nowhere,
        _ if open || place.type_.is_none() => Step::Anywhere,
        _ => Step::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_value_of_its_type() {
        let schema = serde_json::json!({"type": "object", "properties": {
            "size": {"type": "integer"},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "names": {"type": "array", "items": {"type": "string"}},
            "raw": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        }});
        let schema: JSONSchemaProps = serde_json::from_value(schema).unwrap();
        let check = |path: &str, types: &[&str], expected: Option<&str>| {
            assert_eq!(problem(path, types, &schema).as_deref(), expected, "{path}");
        };
        check(".size", &["integer"], None);
        check(".labels.app", &["string"], None);
        check(".raw.anything.at.all", &["integer"], None);
        check(".names[0]", &["integer"], None);
        check(".metadata.name", &[], None);
        check("..name", &[], None);
        check(".labels..name", &["integer"], None);
        check(".sise", &[], Some("leads nowhere: there is no field `sise`"));
        check(".names.a", &[], Some("leads nowhere: there is no field `a`"));
        check(
            ".size",
            &["string", "boolean"],
            Some("leads to a value of type integer, and has to be string or boolean"),
        );
    }
}
