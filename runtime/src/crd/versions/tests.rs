//! Which definitions are versions of one kind, and what an error says where they are not.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};

use super::{Conversion, Definition, merge};

/// A version of `zoos.example.com` as JSON; the first stays as it is, others are changed by the tests.
fn version(name: &str, spec: Value) -> Value {
    let schema = json!({"type": "object", "properties": {"metadata": {"type": "object"}, "spec": spec}});
    json!({
        "metadata": {"name": "zoos.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"kind": "Zoo", "plural": "zoos", "singular": "zoo", "shortNames": ["z"]},
            "versions": [{
                "name": name, "served": true, "storage": name == "v1",
                "schema": {"openAPIV3Schema": schema},
            }],
        },
    })
}

/// The definition of a type called after its version.
fn definition(crd: &Value) -> Definition {
    let name = crd["spec"]["versions"][0]["name"].as_str().unwrap();
    let read: CustomResourceDefinition = serde_json::from_value(crd.clone()).unwrap();
    Definition::new(format!("{name}::Zoo"), read)
}

fn spec() -> Value {
    json!({"type": "object", "properties": {"size": {"type": "integer"}}})
}

/// Changes `v1beta1` and merges it with `v1`.
fn merged(
    change: impl FnOnce(&mut Value),
    conversion: Conversion,
) -> Result<CustomResourceDefinition, String> {
    let mut other = version("v1beta1", spec());
    change(&mut other);
    let versions = [definition(&other), definition(&version("v1", spec()))];
    merge(&versions, conversion).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Value), expected: &str) {
    assert_eq!(merged(change, Conversion::ByWebhook).unwrap_err(), expected);
}

#[test]
fn versions_become_one_definition_the_most_preferred_first() {
    let names = ["v1beta2", "v1", "v2alpha1", "v1beta10"];
    let versions: Vec<Definition> = names
        .iter()
        .map(|name| definition(&version(name, spec())))
        .collect();
    let crd = merge(&versions, Conversion::None).unwrap();
    let names: Vec<&str> = crd
        .spec
        .versions
        .iter()
        .map(|version| version.name.as_str())
        .collect();
    assert_eq!(names, ["v1", "v1beta10", "v1beta2", "v2alpha1"]);
    assert_eq!(crd.spec.conversion.unwrap().strategy, "None");
}

#[test]
fn a_single_version_says_nothing_about_conversion() {
    let one = definition(&version("v1", spec()));
    let crd = merge(&[one.clone(), one.clone()], Conversion::None).unwrap();
    assert_eq!(&crd, one.crd());
}

#[test]
fn what_a_definition_says_once_is_the_same_in_all_versions() {
    for (pointer, value, expected) in [
        (
            "/spec/scope",
            json!("Cluster"),
            "scope, `Cluster` and `Namespaced`",
        ),
        (
            "/spec/names/singular",
            json!("zoom"),
            "singular, `zoom` and `zoo`",
        ),
        ("/spec/names/plural", json!("zooz"), "plural, `zooz` and `zoos`"),
        ("/spec/names/kind", json!("Zoom"), "kind, `Zoom` and `Zoo`"),
        (
            "/spec/names/shortNames",
            json!(["z", "zz"]),
            "shortname, `z`, `zz` and `z`",
        ),
        (
            "/spec/group",
            json!("example.org"),
            "group, `example.org` and `example.com`",
        ),
    ] {
        let error = merged(
            |other| *other.pointer_mut(pointer).unwrap() = value,
            Conversion::ByWebhook,
        );
        let error = error.unwrap_err();
        assert!(
            error.starts_with("versions v1beta1 (`v1beta1::Zoo`) and v1 (`v1::Zoo`) of Zoo"),
            "{error}"
        );
        let end = format!(" differ in {expected}: write the same in the `#[kube(..)]` of both");
        assert!(
            error.ends_with(&end) || error.contains("of Zoom differ in kind"),
            "{error}"
        );
    }
}

#[test]
fn annotations_of_all_versions_are_kept_unless_they_contradict() {
    let annotate = |value: &'static str| {
        move |other: &mut Value| other["metadata"]["annotations"] = json!({"example.com/a": value})
    };
    let crd = merged(annotate("1"), Conversion::None).unwrap();
    assert_eq!(crd.metadata.annotations.unwrap()["example.com/a"], "1");
    let (mut one, mut other) = (version("v1", spec()), version("v1beta1", spec()));
    annotate("1")(&mut one);
    annotate("2")(&mut other);
    let error = merge(&[definition(&one), definition(&other)], Conversion::None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "versions v1 (`v1::Zoo`) and v1beta1 (`v1beta1::Zoo`) of Zoo differ in the annotation `example.com/a`, `1` and `2`: write it in the `#[kube(..)]` of one only"
    );
}

#[test]
fn exactly_one_version_is_stored_and_some_are_served() {
    refused(
        |other| other["spec"]["versions"][0]["storage"] = json!(true),
        "versions v1 (`v1::Zoo`) and v1beta1 (`v1beta1::Zoo`) of Zoo are both stored: add `storage = false` to the `#[kube(..)]` of all but one",
    );
    let beta = |name: &str| definition(&version(name, spec()));
    let error = merge(&[beta("v1beta1"), beta("v1beta2")], Conversion::None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no version of Zoo is stored: remove `storage = false` from the `#[kube(..)]` of v1beta2 (`v1beta2::Zoo`) or v1beta1 (`v1beta1::Zoo`)"
    );
    let mut unserved = version("v1", spec());
    unserved["spec"]["versions"][0]["served"] = json!(false);
    let error = merge(&[definition(&unserved)], Conversion::None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no version of Zoo is served: remove `served = false` from the `#[kube(..)]` of v1 (`v1::Zoo`)"
    );
}

#[test]
fn a_version_comes_from_one_type() {
    refused(
        |other| other["spec"]["versions"][0]["name"] = json!("v1"),
        "version v1 of Zoo comes from two types, `v1::Zoo` and `v1::Zoo`: remove one, or give it another `version` in `#[kube(..)]`",
    );
}

/// Merges versions whose `spec.field` is described in two ways, and returns what keeps them apart.
fn apart(stored: Value, other: Value) -> Vec<String> {
    let spec = |field: Value| json!({"type": "object", "properties": {"field": field}});
    let versions = [
        definition(&version("v1", spec(stored))),
        definition(&version("v2", spec(other))),
    ];
    assert!(merge(&versions, Conversion::ByWebhook).is_ok());
    let Err(error) = merge(&versions, Conversion::None) else {
        return Vec::new();
    };
    let text = error.to_string();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("versions v1 (`v1::Zoo`) and v2 (`v2::Zoo`) of Zoo differ, and nothing converts them:")
    );
    assert_eq!(
        lines.next_back(),
        Some(
            "help: give both the same fields, or derive `Spoke` and add `.webhook(Webhook::conversion::<v1::Zoo>().spoke::<v2::Zoo>())`"
        )
    );
    lines
        .map(|line| line.trim().replacen("`spec.field", "`", 1))
        .collect()
}

#[track_caller]
fn check(stored: Value, other: Value, expected: &[&str]) {
    assert_eq!(apart(stored.clone(), other.clone()), expected, "{stored} {other}");
}

#[test]
fn versions_with_room_for_each_other_need_no_conversion() {
    check(
        json!({"type": "integer", "minimum": 1, "maximum": 9, "description": "a"}),
        json!({"type": "integer", "default": 3}),
        &[],
    );
    check(
        json!({"type": "string", "pattern": "a", "x-kubernetes-validations": [{"rule": "self != ''"}]}),
        json!({"type": "string", "maxLength": 3}),
        &[],
    );
    check(
        json!({"type": "array", "items": {"type": "string"}}),
        json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "atomic"}),
        &[],
    );
    // The stored version fills it in whenever an object is read.
    check(
        json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "default": ""}}}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        &[],
    );
}

#[test]
fn versions_without_room_for_each_other_are_refused() {
    check(
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "properties": {"b": {"type": "string"}}}),
        &[
            "`.a` is only in v1: writes in v2 drop it",
            "`.b` is only in v2: writes in v1 drop it",
        ],
    );
    check(
        json!({"type": "string"}),
        json!({"type": "integer"}),
        &["`` is of type string in v1 and integer in v2"],
    );
    check(
        json!({"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),
        json!({"type": "array", "items": {"type": "string", "enum": ["b", "c"]}}),
        &["`[]` may be `a` in v1 only", "`[]` may be `c` in v2 only"],
    );
    check(
        json!({"type": "string"}),
        json!({"type": "string", "enum": ["a"]}),
        &["`` may be anything in v1, and one of few values in v2"],
    );
    check(
        json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        &["`.a` must be there in v1, and may be left out in v2"],
    );
    // A default of a version that is not stored fills in nothing that was written in the stored one.
    check(
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "default": ""}}}),
        &["`.a` must be there in v2, and may be left out in v1"],
    );
    check(
        json!({"type": "string", "nullable": true}),
        json!({"type": "string"}),
        &["`` may be null in v1 only"],
    );
    check(
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
        json!({"type": "object"}),
        &["`` is a map in v1, and has no entries in v2"],
    );
    check(
        json!({"type": "object", "additionalProperties": {"type": "string"}}),
        json!({"type": "object", "additionalProperties": {"type": "integer"}}),
        &["`.*` is of type string in v1 and integer in v2"],
    );
    check(
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"a": {"type": "string"}}}),
        json!({"type": "object"}),
        &[
            "`` keeps fields that are not described in v1, and drops them in v2",
            "`.a` is only in v1: writes in v2 drop it",
        ],
    );
    check(
        json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}),
        json!({"type": "array", "items": {"type": "string"}}),
        &[
            "`` is merged otherwise by server-side apply: `x-kubernetes-list-type` is `set` in v1 and `atomic` in v2",
        ],
    );
}

#[test]
fn an_error_ends_somewhere() {
    let fields: serde_json::Map<String, Value> = (0..12)
        .map(|index| (format!("field{index:02}"), json!({"type": "string"})))
        .collect();
    let told = apart(
        json!({"type": "object", "properties": fields}),
        json!({"type": "object"}),
    );
    assert_eq!(
        (told.len(), told.last().map(String::as_str)),
        (11, Some("and 2 more"))
    );
}
