//! Inputs and answers of a real server, mistakes sorted.

use serde_json::json;

use super::*;
use crate::schema::Definitions;

/// `errors` are written `Reason | field | message`, reasons without `FieldValue`.
fn check(schema: Value, value: Value, errors: &[&str]) {
    check_update(schema, None, value, errors);
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "calls read better without ampersands"
)]
fn check_update(schema: Value, old: Option<Value>, value: Value, errors: &[&str]) {
    let schema = Schema::parse(&schema);
    let definitions = Definitions::new();
    let found = validate(&value, Node::new(&schema, &definitions), old.as_ref(), "spec");
    let short = |error: &FieldError| {
        let reason = error.reason.trim_start_matches("FieldValue");
        format!("{reason} | {} | {}", error.field, error.message)
    };
    let found: Vec<String> = found.iter().map(short).collect();
    assert_eq!(found, errors, "{value}");
}

#[test]
fn a_wrong_type_is_named_both_ways() {
    for (schema, value, error) in [
        (
            json!({"type": "object"}),
            json!("x"),
            r#"must be of type object: "string""#,
        ),
        (
            json!({"type": "object"}),
            json!([1]),
            r#"must be of type object: "array""#,
        ),
        (
            json!({"type": "integer"}),
            json!("3"),
            r#"must be of type integer: "string""#,
        ),
        (
            json!({"type": "boolean"}),
            json!(1),
            r#"must be of type boolean: "integer""#,
        ),
        (
            json!({"x-kubernetes-int-or-string": true}),
            json!(1.5),
            r#"must be of type integer,string: "number""#,
        ),
        (
            json!({"type": "string"}),
            json!(null),
            r#"must be of type string: "null""#,
        ),
    ] {
        let found = error.split('"').nth(1).unwrap();
        let error = format!("TypeInvalid | spec | Invalid value: {found:?}: spec in body {error}");
        check(schema, value, &[&error]);
    }
}

#[test]
fn numbers_have_bounds_factors_and_sizes() {
    let bounds = json!({"type": "integer", "minimum": 1, "maximum": 10});
    check(
        bounds.clone(),
        json!(0),
        &["Invalid | spec | Invalid value: 0: spec in body should be greater than or equal to 1"],
    );
    check(
        bounds,
        json!(11),
        &["Invalid | spec | Invalid value: 11: spec in body should be less than or equal to 10"],
    );
    let open = json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true, "maximum": 5, "exclusiveMaximum": true});
    check(
        open.clone(),
        json!(1),
        &["Invalid | spec | Invalid value: 1: spec in body should be greater than 1"],
    );
    check(
        open,
        json!(5),
        &["Invalid | spec | Invalid value: 5: spec in body should be less than 5"],
    );
    check(
        json!({"type": "number", "multipleOf": 0.5}),
        json!(0.3),
        &["Invalid | spec | Invalid value: 0.3: spec in body should be a multiple of 0.5"],
    );
    check(
        json!({"type": "integer", "format": "int32"}),
        json!(99_999_999_999_i64),
        &[
            "Invalid | <nil> | Invalid value: \"\": Checked value must be of type integer with format int32 in spec",
        ],
    );
    check(
        json!({"type": "integer", "format": "int64"}),
        json!(1.5),
        &[
            "Invalid | <nil> | Invalid value: \"\": Checked value must be of type integer with format int64 in spec",
            "TypeInvalid | spec | Invalid value: \"float64\": spec in body must be of type int64: \"float64\"",
        ],
    );
}

#[test]
fn strings_have_lengths_patterns_and_formats() {
    check(
        json!({"type": "string", "maxLength": 2}),
        json!("abc"),
        &["TooLong | spec | Too long: may not be more than 2 bytes"],
    );
    check(
        json!({"type": "string", "minLength": 2, "pattern": "^[a-z]+$"}),
        json!("X"),
        &["Invalid | spec | Invalid value: \"X\": spec in body should be at least 2 chars long"],
    );
    check(
        json!({"type": "string", "format": "date-time"}),
        json!("notdate"),
        &[
            "TypeInvalid | spec | Invalid value: \"notdate\": spec in body must be of type date-time: \"notdate\"",
        ],
    );
    check(json!({"type": "string", "format": "nope"}), json!("x"), &[]);
    check(
        json!({"type": "string", "format": "date"}),
        json!(1),
        &["TypeInvalid | spec | Invalid value: \"int64\": spec in body must be of type date: \"int64\""],
    );
    check(
        json!({"type": "string", "pattern": "^[a-z]+$"}),
        json!("X"),
        &["Invalid | spec | Invalid value: \"X\": spec in body should match '^[a-z]+$'"],
    );
}

#[test]
fn an_enumeration_is_told_even_if_the_type_is_wrong() {
    let schema = json!({"type": "integer", "enum": [1, 2]});
    check(
        schema.clone(),
        json!(3),
        &["NotSupported | spec | Unsupported value: 3: supported values: \"1\", \"2\""],
    );
    check(
        schema,
        json!("x"),
        &[
            "TypeInvalid | spec | Invalid value: \"string\": spec in body must be of type integer: \"string\"",
            "NotSupported | spec | Unsupported value: \"x\": supported values: \"1\", \"2\"",
        ],
    );
}

#[test]
fn counts_are_limited() {
    let list = json!({"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer"}});
    check(
        list.clone(),
        json!([]),
        &["Invalid | spec | Invalid value: 0: spec in body should have at least 1 items"],
    );
    check(
        list,
        json!([1, 2, 3]),
        &["TooMany | spec | Too many: 3: must have at most 2 items"],
    );
    let map = json!({"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": "integer"}});
    check(
        map.clone(),
        json!({}),
        &["Invalid | spec | Invalid value: 0: spec in body should have at least 1 properties"],
    );
    check(
        map,
        json!({"a": 1, "b": 2}),
        &["TooMany | spec | Too many: 2: must have at most 1 item"],
    );
}

#[test]
fn sets_and_map_lists_hold_each_key_once() {
    let set = json!({"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "integer"}});
    check(
        set.clone(),
        json!([1, 2, 1, 1]),
        &["Duplicate | spec[2] | Duplicate value: 1"],
    );
    let map = json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "j"],
        "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}, "j": {"type": "integer"}}}});
    check(
        map,
        json!([{"k": "a", "j": 3}, {"k": "a", "j": 3}, {"j": 1}]),
        &[
            "Duplicate | spec[1] | Duplicate value: {\"j\":3,\"k\":\"a\"}",
            "Required | spec[2].k | Required value",
        ],
    );
}

#[test]
fn combinations_tell_the_nearest_alternative() {
    let fields = json!({"a": {"type": "string"}, "b": {"type": "integer"}});
    let with = |key: &str, list: Value| json!({"type": "object", "properties": fields, key: list});
    let either = json!([{"required": ["a"]}, {"required": ["b"], "properties": {"b": {"minimum": 5}}}]);
    check(
        with("anyOf", either.clone()),
        json!({}),
        &[
            "Invalid | <nil> | Invalid value: \"\": \"spec\" must validate at least one schema (anyOf)",
            "Required | spec.a | Required value",
        ],
    );
    check(
        with("anyOf", either.clone()),
        json!({"b": 3}),
        &[
            "Invalid | <nil> | Invalid value: \"\": \"spec\" must validate at least one schema (anyOf)",
            "Invalid | spec.b | Invalid value: 3: spec.b in body should be greater than or equal to 5",
        ],
    );
    check(
        with("oneOf", either.clone()),
        json!({"a": "1", "b": 5}),
        &[
            "Invalid | <nil> | Invalid value: \"\": \"spec\" must validate one and only one schema (oneOf). Found 2 valid alternatives",
        ],
    );
    check(
        with("allOf", json!([{"required": ["a"]}, {"required": ["b"]}])),
        json!({"a": "1"}),
        &[
            "Invalid | <nil> | Invalid value: \"\": \"spec\" must validate all the schemas (allOf)",
            "Required | spec.b | Required value",
        ],
    );
    check(
        json!({"type": "string", "not": {"enum": ["x"]}}),
        json!("x"),
        &["Invalid | <nil> | Invalid value: \"\": \"spec\" must not validate the schema (not)"],
    );
}

#[test]
fn an_embedded_resource_says_what_it_is() {
    check(
        json!({"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}),
        json!({"foo": 1}),
        &[
            "Required | spec.apiVersion | Required value",
            "Required | spec.kind | Required value",
        ],
    );
}

#[test]
fn an_update_is_not_blamed_for_what_it_did_not_change() {
    let schema = json!({"type": "object", "properties": {
        "size": {"type": "integer", "minimum": 5},
        "mode": {"type": "string"},
        "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"],
                  "items": {"type": "object", "properties": {"n": {"type": "string"}, "p": {"type": "integer", "minimum": 5}}}},
        "atomic": {"type": "array", "items": {"type": "integer", "minimum": 5}},
    }});
    let old = json!({"size": 2, "mode": "A", "ports": [{"n": "a", "p": 1}], "atomic": [1]});
    let with = |field: &str, value: Value| {
        let mut new = old.clone();
        new[field] = value;
        new
    };
    check_update(schema.clone(), Some(old.clone()), with("mode", json!("B")), &[]);
    check_update(
        schema.clone(),
        Some(old.clone()),
        with("size", json!(3)),
        &["Invalid | spec.size | Invalid value: 3: spec.size in body should be greater than or equal to 5"],
    );
    check_update(
        schema.clone(),
        Some(old.clone()),
        with("ports", json!([{"n": "b", "p": 6}, {"n": "a", "p": 1}])),
        &[],
    );
    check_update(
        schema,
        Some(old.clone()),
        with("atomic", json!([1, 6])),
        &[
            "Invalid | spec.atomic[0] | Invalid value: 1: spec.atomic[0] in body should be greater than or equal to 5",
        ],
    );
}
