//! How lists and maps are merged: their types and keys.

use serde_json::{Value, json};

use super::super::shown;
use crate::registry::strategy::Rules;

const LIST: &str = "x-kubernetes-list-type";
const MAP: &str = "x-kubernetes-map-type";
const KEYS: &str = "x-kubernetes-list-map-keys";

/// Checks the types of a list or map.
pub(super) fn validate(rules: &mut Rules, place: &str, schema: &Value) {
    let list = schema[LIST].as_str();
    if let Some(kind) = schema[MAP].as_str() {
        of_type(rules, place, schema, "object", MAP);
        rules.one_of(format!("{place}.{MAP}"), kind, &["atomic", "granular"]);
    }
    if let Some(kind) = list {
        of_type(rules, place, schema, "array", LIST);
        rules.one_of(format!("{place}.{LIST}"), kind, &["atomic", "set", "map"]);
    }
    let keys: Vec<&str> = schema[KEYS]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if !keys.is_empty() && list != Some("map") {
        let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
        match list {
            None => rules.required(format!("{place}.{LIST}"), detail),
            Some(kind) => rules.invalid(format!("{place}.{LIST}"), &json!(kind), detail),
        }
    }
    match list {
        Some("set") => {
            if schema["type"] == "array" {
                set(rules, place, &schema["items"]);
            }
            not_null(rules, place, &schema["items"], "set");
        }
        Some("map") => {
            map(rules, place, schema, &keys);
            not_null(rules, place, &schema["items"], "map");
            told_apart(rules, place, &schema["items"], &keys);
        }
        _ => {}
    }
}

fn of_type(rules: &mut Rules, place: &str, schema: &Value, kind: &str, extension: &str) {
    let field = format!("{place}.type");
    let detail = format!("must be {kind} if {extension} is specified");
    match schema["type"].as_str().unwrap_or_default() {
        "" => rules.required(field, &detail),
        found if found != kind => rules.invalid(field, &json!(found), &detail),
        _ => {}
    }
}

/// Of lists and objects in a set, the real server shows the list type, whichever is wrong.
fn set(rules: &mut Rules, place: &str, items: &Value) {
    let wrong = match items["type"].as_str() {
        Some("array") => Some(LIST).filter(|_| !items[LIST].is_null() && items[LIST] != "atomic"),
        Some("object") => Some(MAP).filter(|_| items[MAP] != "atomic"),
        _ => None,
    };
    if let Some(extension) = wrong {
        let detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
        rules.invalid(format!("{place}.items.{extension}"), &items[LIST], detail);
    }
}

fn not_null(rules: &mut Rules, place: &str, items: &Value, kind: &str) {
    if items["nullable"] == true {
        let detail = format!("cannot be nullable when x-kubernetes-list-type is {kind}");
        rules.forbidden(format!("{place}.items.nullable"), &detail);
    }
}

fn map(rules: &mut Rules, place: &str, schema: &Value, keys: &[&str]) {
    if keys.is_empty() {
        let detail = "must not be empty if x-kubernetes-list-type is map";
        rules.required(format!("{place}.{KEYS}"), detail);
    }
    let field = format!("{place}.items");
    let items = &schema["items"];
    match items {
        Value::Null => rules.required(field, "must have a schema if x-kubernetes-list-type is map"),
        Value::Array(_) => {
            let detail = "must only have a single schema if x-kubernetes-list-type is map";
            rules.push(shown::invalid(field, &shown::items(items), detail));
        }
        _ if items["type"] == "object" => map_keys(rules, place, items, keys),
        _ => {
            let detail = "must be object if parent array's x-kubernetes-list-type is map";
            let kind = items["type"].as_str().unwrap_or_default();
            rules.invalid(format!("{field}.type"), &json!(kind), detail);
        }
    }
}

fn map_keys(rules: &mut Rules, place: &str, items: &Value, keys: &[&str]) {
    let field = format!("{place}.{KEYS}");
    for (index, key) in keys.iter().enumerate() {
        let property = &items["properties"][*key];
        if property.is_null() {
            rules.invalid(
                &field,
                &json!(keys),
                "entries must all be names of item properties",
            );
        }
        if matches!(property["type"].as_str(), Some("object" | "array")) {
            let field = format!("{place}.items.properties[{key}].type");
            let detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
            // The real server shows the type of the item, not that of the key.
            rules.invalid(field, &items["type"], detail);
        }
        if keys[..index].contains(key) {
            rules.invalid(&field, &json!(keys), "must not contain duplicate entries");
        }
    }
}

/// Items have all their keys, so that they can be told from each other.
fn told_apart(rules: &mut Rules, place: &str, items: &Value, keys: &[&str]) {
    let required = items["required"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    for key in keys {
        let property = &items["properties"][*key];
        let place = format!("{place}.items.properties[{key}]");
        if property.is_object() && property["default"].is_null() && !required.contains(&json!(key)) {
            let detail = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            rules.required(format!("{place}.default"), detail);
        }
        if property["nullable"] == true {
            let detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            rules.forbidden(format!("{place}.nullable"), detail);
        }
    }
}
