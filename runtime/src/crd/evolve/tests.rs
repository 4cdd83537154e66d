//! Changes and whom they hurt, as tables.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};

use super::evolve;

/// A definition with this schema for `spec.field`.
fn with_field(field: Value) -> CustomResourceDefinition {
    let mut crd = definition();
    let schema =
        json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {"field": field}}}});
    crd["spec"]["versions"][0]["schema"] = json!({"openAPIV3Schema": schema});
    serde_json::from_value(crd).unwrap()
}

fn definition() -> Value {
    json!({
        "metadata": {"name": "zoos.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"kind": "Zoo", "plural": "zoos", "singular": "zoo", "shortNames": ["z"]},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object"}},
                "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}},
                "selectableFields": [{"jsonPath": ".spec.size"}],
                "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
            }],
        },
    })
}

fn shown(old: &CustomResourceDefinition, new: &CustomResourceDefinition) -> Vec<String> {
    evolve(old, new).iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(old: Value, new: Value, expected: &[&str]) {
    let found = shown(&with_field(old.clone()), &with_field(new.clone()));
    let expected: Vec<String> = expected
        .iter()
        .map(|line| line.replacen(": ", ": v1: `spec.field`: ", 1))
        .collect();
    assert_eq!(found, expected, "{old} -> {new}");
}

#[test]
fn what_only_opens_up_hurts_nobody() {
    for (old, new) in [
        (
            json!({"type": "integer", "minimum": 3}),
            json!({"type": "integer", "minimum": 1}),
        ),
        (
            json!({"type": "string", "maxLength": 3}),
            json!({"type": "string"}),
        ),
        (
            json!({"type": "string", "pattern": "a"}),
            json!({"type": "string", "title": "b"}),
        ),
        (
            json!({"type": "object", "required": ["a"]}),
            json!({"type": "object"}),
        ),
        (
            json!({"type": "object"}),
            json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        ),
        (
            json!({"type": "array"}),
            json!({"type": "array", "x-kubernetes-list-type": "atomic"}),
        ),
        (
            json!({"type": "string"}),
            json!({"type": "string", "minLength": 0}),
        ),
        (
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
        ),
    ] {
        check(old, new, &[]);
    }
}

#[test]
fn bounds_and_patterns_that_close_in_hurt_who_creates() {
    let string = json!({"type": "string"});
    check(
        json!({"type": "integer", "minimum": 1, "maximum": 9}),
        json!({"type": "integer", "minimum": 2, "maximum": 8}),
        &[
            "tightening: `maximum` changes from 9 to 8",
            "tightening: `minimum` changes from 1 to 2",
        ],
    );
    check(
        string.clone(),
        json!({"type": "string", "maxLength": 5}),
        &["tightening: `maxLength` is 5 from now on"],
    );
    check(
        string.clone(),
        json!({"type": "string", "pattern": "^a$"}),
        &["tightening: `pattern` is `^a$` from now on"],
    );
    check(
        string.clone(),
        json!({"type": "string", "enum": ["a", "b"]}),
        &["tightening: only `a`, `b` are allowed from now on"],
    );
    check(
        json!({"type": "string", "enum": ["a", "b"]}),
        json!({"type": "string", "enum": ["b", "c"]}),
        &[
            "tightening: `a` no longer allowed",
            "notable: `c` become allowed: readers have to expect them",
        ],
    );
    check(
        string,
        json!({"type": "string", "x-kubernetes-validations": [{"rule": "self != 'a'"}]}),
        &["tightening: the rule `self != 'a'` is new: what was accepted may be refused"],
    );
}

#[test]
fn what_loses_or_refuses_stored_values_breaks() {
    check(
        json!({"type": "string"}),
        json!({"type": "integer"}),
        &[
            "breaking: the type changes from string to integer: stored values no longer fit. Add a field beside it, or make the change in a new version that is converted",
        ],
    );
    check(
        json!({"type": "integer"}),
        json!({"x-kubernetes-int-or-string": true}),
        &[
            "breaking: the type changes from integer to int-or-string: old clients cannot read the new values. Add a field beside it, or make the change in a new version that is converted",
        ],
    );
    check(
        json!({"type": "object"}),
        json!({"type": "object", "required": ["a"]}),
        &[
            "breaking: `a` becomes required: objects without it are refused. Give it a default, or leave it optional",
        ],
    );
    check(
        json!({"type": "string", "default": "a"}),
        json!({"type": "string", "default": "b"}),
        &[
            "breaking: what is left out becomes \"b\", and was \"a\". Keep the default, or make the change in a new version that is converted",
        ],
    );
    check(
        json!({"type": "array", "items": {"type": "string"}}),
        json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}),
        &[
            "breaking: `x-kubernetes-list-type` changes from the default to `set`: server-side apply merges and owns it otherwise. Keep it, or make the change in a new version that is converted",
        ],
    );
    check(
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
        json!({"type": "object"}),
        &[
            "breaking: fields that are not described are dropped from now on. Describe all that are in use, or keep the attribute",
        ],
    );
    check(
        json!({"type": "string", "x-new": 1}),
        json!({"type": "string", "x-new": 2}),
        &[],
    );
}

#[test]
fn what_readers_have_to_expect_is_notable() {
    check(
        json!({"type": "integer", "format": "int32"}),
        json!({"type": "integer", "format": "int64"}),
        &["notable: larger numbers become allowed: readers have to expect them"],
    );
    check(
        json!({"type": "string", "description": "a"}),
        json!({"type": "string", "description": "b"}),
        &["notable: it is described otherwise"],
    );
    check(
        json!({"type": "string"}),
        json!({"type": "string", "nullable": true, "default": "a"}),
        &[
            "notable: what is left out becomes \"a\"",
            "notable: null becomes allowed: readers have to expect it",
        ],
    );
}

#[test]
fn what_was_free_and_is_described_hurts_who_creates() {
    check(
        json!({"type": "array"}),
        json!({"type": "array", "items": {"type": "string"}}),
        &["tightening: the items of the list were free, and are described now"],
    );
    check(
        json!({"type": "object", "additionalProperties": true}),
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
        &["tightening: the values of the map were free, and are described now"],
    );
    let kept = |fields: Value| {
        with_field(json!({
            "type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": fields,
        }))
    };
    assert_eq!(
        shown(&kept(json!({})), &kept(json!({"a": {"type": "string"}}))),
        ["tightening: v1: `spec.field.a`: the field was free, and is described now"]
    );
}

#[test]
fn a_field_that_goes_takes_its_values_along() {
    let old = with_field(
        json!({"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}),
    );
    let new = with_field(json!({"type": "array", "items": {"type": "object"}}));
    assert_eq!(
        shown(&old, &new),
        [
            "breaking: v1: `spec.field[].name`: the field is gone: its values are dropped with the next write of each object. Keep it, or make the change in a new version that is converted"
        ]
    );
}

/// Changes the definition at a pointer and compares.
#[track_caller]
fn check_definition(pointer: &str, value: Value, expected: &[&str]) {
    let (old, mut new) = (definition(), definition());
    *new.pointer_mut(pointer).unwrap() = value;
    let old = serde_json::from_value(old).unwrap();
    let new = serde_json::from_value(new).unwrap();
    assert_eq!(shown(&old, &new), expected, "{pointer}");
}

#[test]
fn names_scope_and_subresources_are_promises() {
    check_definition(
        "/spec/scope",
        json!("Cluster"),
        &[
            "breaking: the scope changes from `Namespaced` to `Cluster`: that is another resource. Change it back, or make another kind",
        ],
    );
    check_definition(
        "/spec/names/shortNames",
        json!([]),
        &["notable: the short name `z` is gone: scripts may use it"],
    );
    check_definition(
        "/spec/versions/0/served",
        json!(false),
        &[
            "breaking: v1: the version is no longer served: its clients get 404. Keep it, and call it `deprecated`, until nobody uses it",
        ],
    );
    check_definition(
        "/spec/versions/0/subresources",
        json!({"status": {}}),
        &[
            "breaking: v1: the scale subresource is gone: `kubectl scale` and autoscalers fail. Keep `scale` in `#[kube(..)]`",
        ],
    );
    check_definition(
        "/spec/versions/0/selectableFields",
        json!([]),
        &[
            "breaking: v1: `.spec.size` is no longer selectable: field selectors on it are refused. Keep it `selectable`",
        ],
    );
    check_definition(
        "/spec/versions/0/additionalPrinterColumns",
        json!([]),
        &["notable: v1: the column `Size` is gone"],
    );
}

#[test]
fn a_version_objects_are_stored_in_stays() {
    check_definition(
        "/spec/versions/0/name",
        json!("v2"),
        &[
            "breaking: objects may be stored as `v1`: keep the version, unserved, until they are rewritten and it is gone from `status.storedVersions`",
            "breaking: v1: the served version is gone: its clients get 404. Keep it, and call it `deprecated`, until nobody uses it",
        ],
    );
}

/// Adds a version with this schema for `spec`, and compares.
#[track_caller]
fn check_second(conversion: Value, spec: Value, expected: &[&str]) {
    let (mut old, mut new) = (definition(), definition());
    let schema = |spec: &Value| json!({"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}});
    for crd in [&mut old, &mut new] {
        crd["spec"]["versions"][0]["schema"] =
            schema(&json!({"type": "object", "properties": {"size": {"type": "integer"}}}));
    }
    new["spec"]["conversion"] = conversion;
    let second = json!({"name": "v2", "served": true, "storage": false, "schema": schema(&spec)});
    new["spec"]["versions"].as_array_mut().unwrap().push(second);
    let old = serde_json::from_value(old).unwrap();
    let new = serde_json::from_value(new).unwrap();
    assert_eq!(shown(&old, &new), expected);
}

#[test]
fn a_new_version_has_room_for_what_is_stored_or_is_converted() {
    let same = json!({"type": "object", "properties": {"size": {"type": "integer"}}});
    let other = json!({"type": "object", "properties": {"replicas": {"type": "integer"}}});
    check_second(Value::Null, same, &[]);
    check_second(
        Value::Null,
        other.clone(),
        &[
            "breaking: `spec.size`: is only in v1: writes in v2 drop it, and nothing converts them. Declare a conversion, or give both the same fields",
            "breaking: `spec.replicas`: is only in v2: writes in v1 drop it, and nothing converts them. Declare a conversion, or give both the same fields",
        ],
    );
    let webhook = json!({"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"]}});
    check_second(webhook, other, &[]);
}

#[test]
fn where_objects_are_stored_may_change_and_is_told() {
    let mut old = definition();
    let mut second = old["spec"]["versions"][0].clone();
    second["name"] = json!("v2");
    second["storage"] = json!(false);
    old["spec"]["versions"].as_array_mut().unwrap().push(second);
    let mut new = old.clone();
    new["spec"]["versions"][0]["storage"] = json!(false);
    new["spec"]["versions"][1]["storage"] = json!(true);
    new["spec"]["versions"][0]["deprecated"] = json!(true);
    let old = serde_json::from_value(old).unwrap();
    let new = serde_json::from_value(new).unwrap();
    assert_eq!(
        shown(&old, &new),
        [
            "notable: v1: the version becomes deprecated: its clients are warned",
            "notable: v2: objects are stored in this version from now on: rewrite those that are there before another one goes",
        ]
    );
}
