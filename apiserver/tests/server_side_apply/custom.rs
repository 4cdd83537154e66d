//! Ownership of custom objects.

use serde_json::json;

use crate::story::{Story, assert_refused, custom};

#[test]
fn each_endpoint_owns_its_part_under_an_entry_of_its_own() {
    let mut story = Story::custom(json!({"type": "object", "properties": {"a": {"type": "integer"}}}));
    story.apply("m1", json!({"spec": {"a": 1}, "status": {"phase": "ignored"}}));
    let status = json!({"spec": {"a": 2}, "status": {"phase": "P"}});
    story.try_apply("m1", "status", status, true).unwrap();
    story.owned(&[
        ("m1+", json!({"f:spec": {"f:a": {}}})),
        ("m1/status+", json!({"f:status": {"f:phase": {}}})),
    ]);
}

#[test]
fn a_custom_object_is_owned_by_its_schema() {
    custom()
        .apply(
            "m1",
            json!({"spec": {
                "size": 5, "ports": [{"n": "a", "p": 1}], "tags": ["x"], "any": {"q": {"r": [1]}},
                "whole": {"a": "b"}, "port": "http",
            }}),
        )
        .owned(&[(
            "m1+",
            json!({"f:spec": {
                "f:any": {"f:q": {".": {}, "f:r": {}}}, "f:size": {}, "f:tags": {"v:\"x\"": {}}, "f:whole": {},
                "f:port": {},
                "f:ports": {"k:{\"n\":\"a\",\"proto\":\"TCP\"}": {".": {}, "f:n": {}, "f:p": {}}},
            }}),
        )]);
}

#[test]
fn sets_and_map_lists_of_two_appliers_unite() {
    custom()
        .apply("m1", json!({"spec": {"ports": [{"n": "a", "p": 1}], "tags": ["x"], "any": {"q": 1}}}))
        .apply("m2", json!({"spec": {"ports": [{"n": "b", "p": 2}], "tags": ["y"], "any": {"r": 1}}}))
        .has(
            "/spec",
            json!({"ports": [{"n": "a", "p": 1}, {"n": "b", "p": 2}], "tags": ["x", "y"], "any": {"q": 1, "r": 1}}),
        );
}

#[test]
fn where_orders_disagree_the_applied_one_wins() {
    let check = |live: &[&str], applied: &[&str], expected: &[&str]| {
        custom()
            .create("m0", json!({"spec": {"tags": live}}))
            .force("m1", json!({"spec": {"tags": applied}}))
            .has("/spec/tags", json!(expected));
    };
    check(&["a", "b"], &["c"], &["a", "b", "c"]);
    check(&["a", "b"], &["b", "a"], &["b", "a"]);
    check(&["a", "b"], &["x", "b"], &["a", "x", "b"]);
    check(&["b", "a", "d", "c"], &["a", "b", "c"], &["a", "d", "b", "c"]);
    check(&["a", "b", "a"], &["a"], &["a", "b"]);
}

#[test]
fn an_object_whose_last_field_is_dropped_becomes_null() {
    custom()
        .apply("m1", json!({"spec": {"size": 1, "obj": {"x": 1}}}))
        .apply("m1", json!({"spec": {"size": 1, "obj": {}}}))
        .has("/spec", json!({"size": 1, "obj": null}));
}

#[test]
fn duplicates_of_a_live_set_are_owned_together_and_refused_in_a_configuration() {
    let mut story = custom();
    story
        .create("m0", json!({"spec": {"tags": ["x", "x", "y"]}}))
        .owned(&[(
            "m0",
            json!({"f:spec": {".": {}, "f:tags": {".": {}, "v:\"x\"": {}, "v:\"y\"": {}}}}),
        )]);
    assert_refused(
        story.refused("m1", json!({"spec": {"tags": ["x", "x"]}})),
        500,
        "failed to create typed patch object (/s; y.io/v1, Kind=W): .spec.tags: duplicate entries for key [=\"x\"]",
    );
}

#[test]
fn items_without_any_key_are_refused() {
    let spec = json!({"type": "object", "properties": {"l": {
        "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"],
        "items": {"type": "object", "properties": {"n": {"type": "string"}, "p": {"type": "integer"}}},
    }}});
    assert_refused(
        Story::custom(spec).refused("m1", json!({"spec": {"l": [{"p": 1}]}})),
        500,
        "failed to create typed patch object (/s; y.io/v1, Kind=W): .spec.l: element 0: associative list with keys \
         has an element that omits all key fields [\"n\"] (and doesn't have default values for any key fields)",
    );
}

#[test]
fn metadata_of_custom_objects_is_owned_as_of_all_objects() {
    let mut story = custom();
    story.create(
        "m0",
        json!({"metadata": {
            "name": "s", "labels": {"a": "b"}, "finalizers": ["x/y"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "1"}],
        }}),
    );
    story.owned(&[(
        "m0",
        json!({"f:metadata": {
            "f:finalizers": {".": {}, "v:\"x/y\"": {}}, "f:labels": {".": {}, "f:a": {}},
            "f:ownerReferences": {".": {}, "k:{\"uid\":\"1\"}": {}},
        }}),
    )]);
    assert_refused(
        story.refused("m1", json!({"metadata": {"name": "s", "bogus": 1}})),
        500,
        "failed to create typed patch object (/s; y.io/v1, Kind=W): .metadata.bogus: field not declared in schema",
    );
}

#[test]
fn a_list_that_became_atomic_is_owned_whole() {
    let list = |kind: &str| {
        json!({"type": "object", "properties": {"tags": {
            "type": "array", "x-kubernetes-list-type": kind, "items": {"type": "string"},
        }}})
    };
    let mut story = Story::custom(list("set"));
    story.apply("m1", json!({"spec": {"tags": ["x"]}}));
    story.resource = Story::custom(list("atomic")).resource;
    story
        .apply("m2", json!({"metadata": {"name": "s", "labels": {"a": "b"}}}))
        .owned(&[
            ("m1+", json!({"f:spec": {"f:tags": {}}})),
            ("m2+", json!({"f:metadata": {"f:labels": {"f:a": {}}}})),
        ]);
}
