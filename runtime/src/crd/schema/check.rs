//! The structural rules, as a kube-apiserver applies them to a schema.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use serde_json::Value;

use super::SchemaProblem;
use super::convert::path;

/// Returns what keeps a schema from being structural; nothing if an API server accepts it.
#[must_use]
pub fn check_structural(root: &JSONSchemaProps) -> Vec<SchemaProblem> {
    let mut checker = Checker {
        path: Vec::new(),
        problems: Vec::new(),
    };
    checker.node(root);
    checker.problems
}

struct Checker<'a> {
    path: Vec<&'a str>,
    problems: Vec<SchemaProblem>,
}

impl<'a> Checker<'a> {
    fn node(&mut self, props: &'a JSONSchemaProps) {
        self.kind(props);
        self.fields(props);
        self.list(props);
        self.default(props);
        self.pattern(props);
        for (name, field) in props.properties.iter().flatten() {
            self.within(name, field);
        }
        if let Some(JSONSchemaPropsOrBool::Schema(values)) = &props.additional_properties {
            self.within("*", values);
        }
        if let Some(JSONSchemaPropsOrArray::Schema(items)) = &props.items {
            self.within("[]", items);
        }
        for validation in alternatives(props) {
            self.validation(validation, props);
        }
    }

    fn within(&mut self, step: &'a str, props: &'a JSONSchemaProps) {
        self.path.push(step);
        self.node(props);
        self.path.pop();
    }

    fn kind(&mut self, props: &JSONSchemaProps) {
        let int_or_string = props.x_kubernetes_int_or_string == Some(true);
        let free = int_or_string || props.x_kubernetes_preserve_unknown_fields == Some(true);
        match props.type_.as_deref() {
            None if !free => self.problem("the value has no type"),
            Some(_) if int_or_string => self.problem("an int-or-string has no type of its own"),
            Some(kind) if !TYPES.contains(&kind) => self.problem(&format!("`{kind}` is no type")),
            _ => {}
        }
        if props.ref_path.is_some() {
            self.problem("a structural schema has no `$ref`");
        }
        if props.unique_items == Some(true) {
            self.problem("`uniqueItems` is forbidden: use list type `set`");
        }
    }

    fn fields(&mut self, props: &JSONSchemaProps) {
        let named = props.properties.as_ref().is_some_and(|it| !it.is_empty());
        if named && props.additional_properties.is_some() {
            self.problem("a map has no named fields: use a struct or a map, not both");
        }
        if props.x_kubernetes_embedded_resource == Some(true) && props.type_.as_deref() != Some("object") {
            self.problem("an embedded resource is an object");
        }
        if props.x_kubernetes_preserve_unknown_fields == Some(false) {
            self.problem("`x-kubernetes-preserve-unknown-fields` is true or absent");
        }
    }

    fn list(&mut self, props: &JSONSchemaProps) {
        if props.type_.as_deref() != Some("array") {
            if props.x_kubernetes_list_type.is_some() {
                self.problem("only a list has a list type");
            }
            return;
        }
        let Some(JSONSchemaPropsOrArray::Schema(items)) = &props.items else {
            self.problem("the items of the list have no schema");
            return;
        };
        match props.x_kubernetes_list_type.as_deref() {
            None | Some("atomic") => {}
            Some("set") => self.set(items),
            Some("map") => self.map_list(props.x_kubernetes_list_map_keys.as_deref(), items),
            Some(other) => self.problem(&format!("`{other}` is no list type: use atomic, set or map")),
        }
    }

    fn set(&mut self, items: &JSONSchemaProps) {
        let atomic = match items.type_.as_deref() {
            Some("object") => items.x_kubernetes_map_type.as_deref() == Some("atomic"),
            Some("array") => matches!(items.x_kubernetes_list_type.as_deref(), None | Some("atomic")),
            _ => true,
        };
        if !atomic || items.nullable == Some(true) {
            self.problem("items of a set are scalars or atomic, and not null");
        }
    }

    fn map_list(&mut self, keys: Option<&[String]>, items: &JSONSchemaProps) {
        let keys = keys.unwrap_or_default();
        if keys.is_empty() {
            self.problem("a map list names its keys");
        }
        for key in keys {
            let Some(field) = items.properties.as_ref().and_then(|fields| fields.get(key)) else {
                self.problem(&format!(
                    "the key `{key}` of the map list is no field of its items"
                ));
                continue;
            };
            let required = items.required.iter().flatten().any(|name| name == key);
            if !required && field.default.is_none() {
                self.problem(&format!(
                    "the key `{key}` of the map list is neither required nor defaulted"
                ));
            }
            if !matches!(
                field.type_.as_deref(),
                Some("string" | "integer" | "boolean" | "number")
            ) {
                self.problem(&format!("the key `{key}` of the map list is no scalar"));
            }
        }
    }

    fn default(&mut self, props: &JSONSchemaProps) {
        if let Some(JSON(default)) = &props.default {
            let mut faults = Vec::new();
            fit(default, props, "the default", &mut faults);
            for fault in faults {
                self.problem(&fault);
            }
        }
    }

    fn pattern(&mut self, props: &JSONSchemaProps) {
        let around = ["(?=", "(?!", "(?<=", "(?<!"];
        if let Some(pattern) = &props.pattern
            && around.iter().any(|it| pattern.contains(it))
        {
            self.problem(&format!(
                "the pattern `{pattern}` looks around, which RE2 does not know"
            ));
        }
    }

    /// A schema under `oneOf`, `anyOf` or `allOf` only restricts what is described outside.
    fn validation(&mut self, props: &'a JSONSchemaProps, outside: &'a JSONSchemaProps) {
        let says = [
            ("type", props.type_.is_some()),
            ("default", props.default.is_some()),
            ("description", props.description.is_some()),
            ("title", props.title.is_some()),
            ("nullable", props.nullable.is_some()),
            ("additionalProperties", props.additional_properties.is_some()),
            (
                "x-kubernetes-preserve-unknown-fields",
                props.x_kubernetes_preserve_unknown_fields.is_some(),
            ),
            ("x-kubernetes-list-type", props.x_kubernetes_list_type.is_some()),
            (
                "x-kubernetes-validations",
                props.x_kubernetes_validations.is_some(),
            ),
        ];
        // Kubernetes itself spells int-or-string as alternatives of types.
        let exempt = outside.x_kubernetes_int_or_string == Some(true);
        for (keyword, said) in says {
            if said && !exempt {
                self.problem(&format!("`{keyword}` has no place in an alternative"));
            }
        }
        for (name, field) in props.properties.iter().flatten() {
            match outside.properties.as_ref().and_then(|fields| fields.get(name)) {
                Some(described) => self.validation(field, described),
                None => self.problem(&format!(
                    "the alternative's field `{name}` is not described outside"
                )),
            }
        }
        for nested in alternatives(props) {
            self.validation(nested, outside);
        }
    }

    fn problem(&mut self, message: &str) {
        self.problems.push(SchemaProblem {
            path: path(&self.path),
            message: message.to_owned(),
        });
    }
}

const TYPES: [&str; 6] = ["object", "array", "string", "integer", "number", "boolean"];

fn alternatives(props: &JSONSchemaProps) -> impl Iterator<Item = &JSONSchemaProps> {
    let lists = [&props.one_of, &props.any_of, &props.all_of];
    let listed = lists.into_iter().flatten().flatten();
    listed.chain(props.not.as_deref())
}

/// Compares a default with the schema it is the default of.
fn fit(value: &Value, props: &JSONSchemaProps, place: &str, faults: &mut Vec<String>) {
    if value.is_null() && props.nullable == Some(true) {
        return;
    }
    let kind = props.type_.as_deref();
    let fits = match kind {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    if !fits {
        faults.push(format!(
            "{place} `{value}` is no {}: give `#[schemars(default)]` or leave the field required",
            kind.unwrap_or("such value")
        ));
        return;
    }
    let known = props.enum_.as_ref();
    if known.is_some_and(|values| !values.contains(&JSON(value.clone()))) {
        faults.push(format!("{place} `{value}` is none of the allowed values"));
    }
    fit_parts(value, props, place, faults);
}

fn fit_parts(value: &Value, props: &JSONSchemaProps, place: &str, faults: &mut Vec<String>) {
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(JSONSchemaPropsOrArray::Schema(items)) = &props.items {
            fit(item, items, &format!("{place}'s item {index}"), faults);
        }
    }
    let open = props.x_kubernetes_preserve_unknown_fields == Some(true);
    for (name, field) in value.as_object().into_iter().flatten() {
        let place = format!("{place}'s field `{name}`");
        let described = props.properties.as_ref().and_then(|fields| fields.get(name));
        match (described, &props.additional_properties) {
            (Some(described), _) => fit(field, described, &place, faults),
            (None, Some(JSONSchemaPropsOrBool::Schema(values))) => fit(field, values, &place, faults),
            (None, None) if !open && props.type_.as_deref() == Some("object") => {
                faults.push(format!("{place} is not described, so it would be pruned"));
            }
            _ => {}
        }
    }
}
