//! Inside `allOf`, `anyOf`, `oneOf` and `not`: values are restricted, nothing is specified.

use serde_json::{Value, json};

use super::structural::{self, Types};
use crate::registry::strategy::Rules;

/// Returns the alternatives of a schema: their keyword, index and schema.
pub(super) fn each(schema: &Value) -> impl Iterator<Item = (&'static str, usize, &Value)> {
    let lists = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|key| {
        let list = schema[key].as_array().into_iter().flatten().enumerate();
        list.map(move |(index, one)| (key, index, one))
    });
    let not = Some(&schema["not"]).filter(|not| not.is_object());
    lists.chain(not.map(|not| ("not", 0, not)))
}

/// Returns the path of an alternative.
pub(super) fn place(above: &str, key: &str, index: usize) -> String {
    match key {
        "not" => format!("{above}.not"),
        _ => format!("{above}.{key}[{index}]"),
    }
}

/// Whether these are the one pair of alternatives that may name types.
pub(super) fn names_int_and_string(any_of: &Value) -> bool {
    *any_of == json!([{"type": "integer"}, {"type": "string"}])
}

/// What specifies, and what is said of it.
const BANNED: [(&str, &str); 13] = [
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    ("title", "must be empty to be structural"),
    ("type", "must be empty to be structural"),
    ("x-kubernetes-embedded-resource", "must be false to be structural"),
    ("x-kubernetes-int-or-string", "must be false to be structural"),
    ("x-kubernetes-list-map-keys", "must be empty to be structural"),
    ("x-kubernetes-list-type", "must be undefined to be structural"),
    ("x-kubernetes-map-type", "must be undefined to be structural"),
    (
        "x-kubernetes-preserve-unknown-fields",
        "must be false to be structural",
    ),
    ("x-kubernetes-validations", "must be empty to be structural"),
];

/// Checks an alternative.
pub(super) fn validate(rules: &mut Rules, place: &str, schema: &Value, types: Types) {
    structural::alternatives(rules, place, schema, types);
    for (field, detail) in BANNED {
        let value = &schema[field];
        let empty = value.as_array().is_some_and(Vec::is_empty);
        if !value.is_null() && *value != false && *value != "" && !empty {
            rules.forbidden(format!("{place}.{field}"), detail);
        }
    }
    if schema["items"].is_object() {
        validate(
            rules,
            &format!("{place}.items"),
            &schema["items"],
            Types::default(),
        );
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}.properties[{name}]");
        validate(rules, &place, field, Types::default());
        if name == "metadata" {
            rules.forbidden(place, "must not be specified in a nested context");
        }
    }
}

/// Checks that all alternatives speak of what is specified outside of them; that of the root alone, as the real server
/// does.
pub(super) fn complete(rules: &mut Rules, place: &str, schema: &Value) {
    specified(rules, (place, Some(schema)), (place, schema));
}

/// A place with the schema that specifies it, and one with a schema that restricts it.
fn specified(rules: &mut Rules, (at, outside): (&str, Option<&Value>), (from, inside): (&str, &Value)) {
    for (key, index, one) in each(inside) {
        restricted(rules, (at, outside), (&place(from, key, index), one));
    }
}

fn restricted(rules: &mut Rules, (at, outside): (&str, Option<&Value>), (from, inside): (&str, &Value)) {
    let Some(outside) = outside else {
        return rules.required(at, &format!("because it is defined in {from}"));
    };
    specified(rules, (at, Some(outside)), (from, inside));
    if inside["items"].is_object() {
        let items = Some(&outside["items"]).filter(|items| items.is_object());
        let places = (format!("{at}.items"), format!("{from}.items"));
        restricted(rules, (&places.0, items), (&places.1, &inside["items"]));
    }
    for (name, field) in inside["properties"].as_object().into_iter().flatten() {
        let declared = Some(&outside["properties"][name]).filter(|field| field.is_object());
        let places = (
            format!("{at}.properties[{name}]"),
            format!("{from}.properties[{name}]"),
        );
        restricted(rules, (&places.0, declared), (&places.1, field));
    }
}
