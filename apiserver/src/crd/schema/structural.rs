//! Whether a schema is structural: of every field it says, outside any alternative, what type it is.

use serde_json::{Value, json};

use super::{metadata, nested};
use crate::registry::strategy::Rules;
use crate::schema::Pattern;

/// Where a node is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Root,
    Item,
    Field,
}

/// Returns the first keyword, from the root down, that makes it impossible to say whether the schema is structural.
pub(super) fn unsupported(schema: &Value) -> Option<&'static str> {
    let fields = schema.as_object()?;
    let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let text = |name: &str| given(name).is_some_and(|value| value != "");
    let some = |name: &str| {
        let empty = |value: &Value| value.as_object().is_some_and(serde_json::Map::is_empty);
        given(name).is_some_and(|value| !empty(value))
    };
    let own = [
        ("id", text("id")),
        ("schema", text("$schema")),
        ("$ref", text("$ref")),
        ("patternProperties", some("patternProperties")),
        ("dependencies", some("dependencies")),
        ("additionalItems", given("additionalItems").is_some()),
        ("definitions", some("definitions")),
        ("items", schema["items"].is_array()),
        (
            "x-kubernetes-preserve-unknown-fields",
            schema["x-kubernetes-preserve-unknown-fields"] == false,
        ),
    ];
    let own = own.into_iter().find(|(_, found)| *found).map(|(name, _)| name);
    own.or_else(|| children(schema).find_map(unsupported))
}

fn children(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["allOf", "anyOf", "oneOf"].into_iter();
    let lists = lists.flat_map(|name| schema[name].as_array().into_iter().flatten());
    let fields = schema["properties"].as_object().into_iter().flatten();
    let single = ["not", "items", "additionalProperties"].map(|name| &schema[name]);
    lists.chain(fields.map(|(_, field)| field)).chain(single)
}

/// Checks a schema that has nothing unsupported.
pub(super) fn validate(rules: &mut Rules, place: &str, schema: &Value) {
    node(rules, place, schema, Level::Root);
    nested::complete(rules, place, schema);
}

fn node(rules: &mut Rules, place: &str, schema: &Value, level: Level) {
    if schema["type"] == "array" && !schema["items"].is_object() {
        rules.required(format!("{place}.items"), "must be specified");
    }
    below(rules, place, schema, level);
    int_or_string(rules, place, schema);
    let types = Types {
        any_of: nested::names_int_and_string(&schema["anyOf"]),
        all_of: nested::names_int_and_string(&schema["allOf"][0]["anyOf"]),
    };
    alternatives(rules, place, schema, types);
    kind(rules, place, schema, level);
    if level == Level::Root || schema["x-kubernetes-embedded-resource"] == true {
        metadata::types(rules, place, schema);
    }
    metadata::specifies(rules, place, schema, level);
    embedded(rules, place, schema);
}

fn below(rules: &mut Rules, place: &str, schema: &Value, level: Level) {
    if schema["items"].is_object() {
        node(rules, &format!("{place}.items"), &schema["items"], Level::Item);
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        node(rules, &format!("{place}.properties[{name}]"), field, Level::Field);
    }
    let values = &schema["additionalProperties"];
    let at = format!("{place}.additionalProperties");
    if !values.is_null() && level == Level::Root {
        rules.forbidden(&at, "must not be used at the root");
    }
    if values.is_object() {
        node(rules, &at, values, Level::Field);
    }
}

fn int_or_string(rules: &mut Rules, place: &str, schema: &Value) {
    if schema["x-kubernetes-int-or-string"] != true {
        return;
    }
    for name in [
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-embedded-resource",
    ] {
        if schema[name] == true {
            let detail = "must be false if x-kubernetes-int-or-string is true";
            rules.invalid(format!("{place}.{name}"), &json!(true), detail);
        }
    }
}

/// Where alternatives may name the types of an integer or a string.
#[derive(Clone, Copy, Default)]
pub(super) struct Types {
    /// In `anyOf`.
    pub(super) any_of: bool,
    /// In `anyOf` of the first of `allOf`.
    all_of: bool,
}

/// Checks the alternatives of a schema, and its pattern.
pub(super) fn alternatives(rules: &mut Rules, place: &str, schema: &Value, types: Types) {
    for (key, index, one) in nested::each(schema) {
        let within = Types {
            any_of: types.all_of && key == "allOf" && index == 0,
            all_of: false,
        };
        if !(types.any_of && key == "anyOf") {
            nested::validate(rules, &nested::place(place, key, index), one, within);
        }
    }
    pattern(rules, place, schema);
}

fn pattern(rules: &mut Rules, place: &str, schema: &Value) {
    let source = schema["pattern"].as_str().unwrap_or_default();
    if source.is_empty() {
        return;
    }
    if let Some(error) = Pattern::new(source).error() {
        let detail = format!("must be a valid regular expression, but isn't: {error}");
        rules.invalid(format!("{place}.pattern"), &json!(source), &detail);
    }
}

fn kind(rules: &mut Rules, place: &str, schema: &Value, level: Level) {
    let field = format!("{place}.type");
    let kind = schema["type"].as_str().unwrap_or_default();
    let untyped = [
        "x-kubernetes-int-or-string",
        "x-kubernetes-preserve-unknown-fields",
    ];
    let may_be_untyped = untyped.iter().any(|extension| schema[*extension] == true);
    if schema["x-kubernetes-embedded-resource"] == true && kind != "object" {
        let detail = "must be object if x-kubernetes-embedded-resource is true";
        match kind {
            "" => rules.required(&field, detail),
            _ => rules.invalid(&field, &json!(kind), detail),
        }
    } else if kind.is_empty() && !may_be_untyped {
        let detail = match level {
            Level::Root => "must not be empty at the root",
            Level::Item => "must not be empty for specified array items",
            Level::Field => "must not be empty for specified object fields",
        };
        rules.required(&field, detail);
    }
    if level == Level::Root && !kind.is_empty() && kind != "object" {
        rules.invalid(field, &json!(kind), "must be object at the root");
    }
}

fn embedded(rules: &mut Rules, place: &str, schema: &Value) {
    if schema["x-kubernetes-embedded-resource"] != true {
        return;
    }
    if !schema["additionalProperties"].is_null() {
        let detail = "must not be used if x-kubernetes-embedded-resource is set";
        rules.forbidden(format!("{place}.additionalProperties"), detail);
    }
    let fields = schema["properties"].as_object().map_or(0, serde_json::Map::len);
    if fields == 0 && schema["x-kubernetes-preserve-unknown-fields"] != true {
        let detail = "must not be empty if x-kubernetes-embedded-resource is true without \
            x-kubernetes-preserve-unknown-fields";
        rules.required(format!("{place}.properties"), detail);
    }
}
