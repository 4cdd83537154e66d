//! Defaults an API server takes: none that its own schema refuses.
//!
//! Serde fills in a default when it reads, whatever the schema says, so nothing is lost where one is left out.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use serde_json::{Map, Value};

/// The format of ISO 8601, and the mark `#[x_kube(format = "duration")]` sets for Kubernetes'.
const DURATION: &str = "duration";
pub(super) const KUBERNETES_FORMAT: &str = "x-krate-format";

/// JSON Schema's `duration` is that of ISO 8601; an API server means Go's `1h30m`, and would refuse the other.
pub(super) fn settle_format(keywords: &Map<String, Value>, props: &mut JSONSchemaProps) {
    if props.format.as_deref() == Some(DURATION) && !keywords.contains_key(KUBERNETES_FORMAT) {
        props.format = None;
    }
}

/// Makes the defaults of a schema and of all inside it such that the API server takes them.
pub(super) fn settle(props: &mut JSONSchemaProps) {
    for (_, field) in props.properties.iter_mut().flatten() {
        settle(field);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut props.items {
        settle(items);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &mut props.additional_properties {
        settle(values);
    }
    if let Some(JSON(mut default)) = props.default.take() {
        drop_nulls(&mut default, props);
        props.default = holds(&default, props).then_some(JSON(default));
    }
}

/// None is written as null, which the server drops unless null is a value of its own.
fn drop_nulls(value: &mut Value, props: &JSONSchemaProps) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                !value.is_null() || part(props, name).is_none_or(|part| part.nullable == Some(true))
            });
            for (name, value) in fields.iter_mut() {
                if let Some(part) = part(props, name) {
                    drop_nulls(value, part);
                }
            }
        }
        Value::Array(items) => {
            if let Some(JSONSchemaPropsOrArray::Schema(schema)) = &props.items {
                items.iter_mut().for_each(|item| drop_nulls(item, schema));
            }
        }
        _ => {}
    }
}

/// The schema of a field, or of a value of a map.
fn part<'p>(props: &'p JSONSchemaProps, name: &str) -> Option<&'p JSONSchemaProps> {
    let named = props.properties.as_ref().and_then(|fields| fields.get(name));
    let value = match &props.additional_properties {
        Some(JSONSchemaPropsOrBool::Schema(values)) => Some(values.as_ref()),
        _ => None,
    };
    named.or(value)
}

/// Whether a value keeps the bounds a schema sets; types are looked at elsewhere.
fn holds(value: &Value, props: &JSONSchemaProps) -> bool {
    let within = match value {
        Value::Null => return props.nullable == Some(true),
        Value::String(text) => text_holds(text, props),
        Value::Number(number) => number.as_f64().is_none_or(|number| number_holds(number, props)),
        Value::Array(items) => {
            let schema = match &props.items {
                Some(JSONSchemaPropsOrArray::Schema(schema)) => Some(schema),
                _ => None,
            };
            is_within(items.len(), props.min_items, props.max_items)
                && items
                    .iter()
                    .all(|item| schema.is_none_or(|schema| holds(item, schema)))
        }
        Value::Object(fields) => {
            let required = props.required.iter().flatten();
            is_within(fields.len(), props.min_properties, props.max_properties)
                && required.into_iter().all(|name| fields.contains_key(name))
                && fields
                    .iter()
                    .all(|(name, value)| part(props, name).is_none_or(|part| holds(value, part)))
        }
        Value::Bool(_) => true,
    };
    let listed = props.enum_.as_ref();
    let known = listed.is_none_or(|values| values.iter().any(|JSON(one)| one == value));
    within && known && alternatives_hold(value, props)
}

fn alternatives_hold(value: &Value, props: &JSONSchemaProps) -> bool {
    let count =
        |alternatives: &Vec<JSONSchemaProps>| alternatives.iter().filter(|one| holds(value, one)).count();
    props.one_of.as_ref().is_none_or(|list| count(list) == 1)
        && props.any_of.as_ref().is_none_or(|list| count(list) > 0)
        && props.all_of.as_ref().is_none_or(|list| count(list) == list.len())
        && props.not.as_ref().is_none_or(|not| !holds(value, not))
}

fn text_holds(text: &str, props: &JSONSchemaProps) -> bool {
    // No regex engine is linked for this: a text that is given is trusted, and none at all is what serde reads anyway.
    let matches = props.pattern.is_none() || !text.is_empty();
    is_within(text.chars().count(), props.min_length, props.max_length) && matches
}

fn number_holds(number: f64, props: &JSONSchemaProps) -> bool {
    let above = props
        .minimum
        .is_none_or(|bound| number > bound || (number == bound && props.exclusive_minimum != Some(true)));
    let below = props
        .maximum
        .is_none_or(|bound| number < bound || (number == bound && props.exclusive_maximum != Some(true)));
    above && below
}

fn is_within(count: usize, least: Option<i64>, most: Option<i64>) -> bool {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    least.is_none_or(|least| count >= least) && most.is_none_or(|most| count <= most)
}
