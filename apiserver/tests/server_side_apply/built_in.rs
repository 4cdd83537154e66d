//! Ownership of built-in kinds.

use krate_apiserver::fields;
use serde_json::{Value, json};

use crate::story::{Story, assert_refused, config_map, deployment};

#[test]
fn an_applier_owns_exactly_what_it_applies() {
    config_map()
        .apply("m1", json!({"data": {"a": "1", "b": "2"}}))
        .owned(&[("m1+", json!({"f:data": {"f:a": {}, "f:b": {}}}))]);
}

#[test]
fn a_different_value_conflicts_and_force_takes_the_field() {
    let mut story = config_map();
    story.apply("m1", json!({"data": {"a": "1", "b": "2"}}));
    let conflict = story.refused("m2", json!({"data": {"a": "X", "c": "3"}}));
    assert_eq!(
        conflict.to_status(),
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 409,
            "reason": "Conflict", "message": "Apply failed with 1 conflict: conflict with \"m1\": .data.a",
            "details": {"causes": [{
                "reason": "FieldManagerConflict", "message": "conflict with \"m1\"", "field": ".data.a",
            }]},
        })
    );
    story.force("m2", json!({"data": {"a": "X", "c": "3"}})).owned(&[
        ("m1+", json!({"f:data": {"f:b": {}}})),
        ("m2+", json!({"f:data": {"f:a": {}, "f:c": {}}})),
    ]);
}

#[test]
fn conflicts_with_several_managers_are_grouped() {
    let mut story = config_map();
    story
        .apply("m2", json!({"data": {"a": "X", "c": "3"}}))
        .patch("m3", "", json!({"data": {"c": "upd"}}));
    assert_refused(
        story.refused("m4", json!({"data": {"c": "9", "a": "9"}})),
        409,
        "Apply failed with 2 conflicts: conflicts with \"m2\":\n- .data.a\nconflicts with \"m3\" using v1:\n- .data.c",
    );
}

#[test]
fn a_field_dropped_by_its_only_owner_goes_and_a_shared_one_stays() {
    config_map()
        .apply("m1", json!({"data": {"a": "1", "b": "2"}}))
        .apply("m2", json!({"data": {"a": "1"}}))
        .apply("m1", json!({"data": {}}))
        .has("/data", json!({"a": "1"}))
        .owned(&[
            ("m2+", json!({"f:data": {"f:a": {}}})),
            ("m1+", json!({"f:data": {}})),
        ]);
}

#[test]
fn an_apply_that_changes_nothing_leaves_the_time() {
    let mut story = config_map();
    story.apply("m1", json!({"data": {"a": "1"}}));
    let before = story.live.clone();
    story.apply("m1", json!({"data": {"a": "1"}}));
    assert_eq!(story.live, before);
    // Who comes to own a field without changing it has no time at all.
    story.apply("m2", json!({"data": {"a": "1"}}));
    let entries = &story.live.as_ref().unwrap()["metadata"]["managedFields"];
    assert_eq!(
        (&entries[0]["manager"], entries[0].get("time")),
        (&json!("m2"), None)
    );
}

#[test]
fn an_update_takes_what_it_changes_from_appliers() {
    config_map()
        .apply("m2", json!({"data": {"a": "X", "c": "3"}}))
        .patch("m3", "", json!({"data": {"c": "upd"}}))
        .owned(&[
            ("m2+", json!({"f:data": {"f:a": {}}})),
            ("m3", json!({"f:data": {"f:c": {}}})),
        ]);
}

#[test]
fn a_created_object_is_owned_with_its_maps_but_not_its_structs() {
    config_map()
        .create("kc", json!({"data": {"a": "1"}}))
        .owned(&[("kc", json!({"f:data": {".": {}, "f:a": {}}}))]);
    let mut story = Story::of("apps", "v1", "deployments");
    story.create("kc", deployment()).owned(&[(
        "kc",
        json!({"f:spec": {
            "f:replicas": {}, "f:selector": {},
            "f:template": {"f:metadata": {"f:labels": {".": {}, "f:a": {}}}, "f:spec": {"f:containers": {
                "k:{\"name\":\"c1\"}": {
                    ".": {}, "f:env": {".": {}, "k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}},
                    "f:image": {}, "f:name": {},
                    "f:ports": {".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {
                        ".": {}, "f:containerPort": {},
                    }},
                    "f:resources": {},
                },
            }}},
        }}),
    )]);
}

#[test]
fn keys_of_map_lists_are_filled_in_and_selectors_are_owned_whole() {
    Story::of("apps", "v1", "deployments").apply("m1", deployment()).owned(&[(
        "m1+",
        json!({"f:spec": {
            "f:replicas": {}, "f:selector": {},
            "f:template": {"f:metadata": {"f:labels": {"f:a": {}}}, "f:spec": {"f:containers": {
                "k:{\"name\":\"c1\"}": {
                    ".": {}, "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}},
                    "f:image": {}, "f:name": {},
                    "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {".": {}, "f:containerPort": {}}},
                },
            }}},
        }}),
    )]);
}

#[test]
fn conflicts_name_list_items_by_their_keys() {
    let mut story = Story::of("apps", "v1", "deployments");
    story.apply("m1", deployment());
    let rival = json!({"spec": {
        "replicas": 3,
        "template": {"spec": {"containers": [{"name": "c1", "image": "i2"}]}},
    }});
    assert_refused(
        story.refused("m2", rival),
        409,
        "Apply failed with 2 conflicts: conflicts with \"m1\":\n- .spec.replicas\n\
         - .spec.template.spec.containers[name=\"c1\"].image",
    );
}

#[test]
fn items_are_appended_and_dropped_by_their_applier_alone() {
    let containers = |items: Value| json!({"spec": {"template": {"spec": {"containers": items}}}});
    let names = |story: &mut Story, expected: Value| {
        let live = story.live.as_ref().unwrap();
        let containers = live["spec"]["template"]["spec"]["containers"].as_array().unwrap();
        let names: Value = containers
            .iter()
            .map(|container| container["name"].clone())
            .collect();
        assert_eq!(names, expected);
    };
    let mut story = Story::of("apps", "v1", "deployments");
    story.apply("m1", deployment());
    story.apply(
        "m2",
        containers(json!([{"name": "c2", "image": "i2"}, {"name": "c3", "image": "i3"}])),
    );
    names(&mut story, json!(["c1", "c2", "c3"]));
    story.apply(
        "m2",
        containers(json!([{"name": "c3", "image": "i3"}, {"name": "c0", "image": "i0"}])),
    );
    names(&mut story, json!(["c1", "c3", "c0"]));
}

#[test]
fn what_does_not_fit_the_schema_is_refused_whatever_the_validation() {
    let check = |body: Value, mistake: &str| {
        let message =
            format!("failed to create typed patch object (/s; apps/v1, Kind=Deployment): {mistake}");
        assert_refused(
            Story::of("apps", "v1", "deployments").refused("m", body),
            500,
            &message,
        );
    };
    let containers = |items: Value| json!({"spec": {"template": {"spec": {"containers": items}}}});
    check(json!({"bogus": 1}), ".bogus: field not declared in schema");
    check(
        json!({"metadata": {"name": "s", "bogus": 1}}),
        ".metadata.bogus: field not declared in schema",
    );
    check(
        json!({"spec": {"replicas": "x"}}),
        ".spec.replicas: expected numeric (int or float), got string",
    );
    check(
        containers(json!([{"name": "c1"}, {"name": "c1"}])),
        ".spec.template.spec.containers: duplicate entries for key [name=\"c1\"]",
    );
    check(
        containers(json!("x")),
        ".spec.template.spec.containers: expected list, got &{x}",
    );
    check(
        json!({"spec": {"paused": 1, "selector": [1]}}),
        "errors:\n  .spec.paused: expected boolean, got &{1}\n  .spec.selector: expected map, got &{[1]}",
    );
    check(
        json!({"metadata": {"name": "s", "labels": {"a": 1}}}),
        ".metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}",
    );
    check(
        json!({"metadata": {"name": "s", "labels": {"a": {"b": [true]}}}}),
        ".metadata.labels.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\
         \"b\":[]interface {}{true}}}",
    );
}

#[test]
fn only_a_configuration_of_the_kind_without_owners_is_applied() {
    let check = |config: Value, message: &str| {
        let refused = config_map().write("m", "", |writer, live| {
            fields::apply(writer, live, &config, false)
        });
        assert_refused(refused.unwrap_err(), 400, message);
    };
    check(json!({"data": {}}), "invalid object type: /, Kind=");
    check(
        json!({"apiVersion": "v1", "kind": "Secret"}),
        "invalid object type: /v1, Kind=Secret",
    );
    check(
        json!({"apiVersion": "z.io/v2", "kind": "K"}),
        "invalid object type: z.io/v2, Kind=K",
    );
    check(
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"managedFields": []}}),
        "metadata.managedFields must be nil",
    );
}

#[test]
fn cleared_owners_stay_away_until_the_first_apply() {
    let mut story = config_map();
    story.create("kc", json!({"data": {"a": "1"}}));
    story
        .patch("kc", "", json!({"metadata": {"managedFields": [{}]}}))
        .owned(&[]);
    story.patch("kc", "", json!({"data": {"b": "2"}})).owned(&[]);
    assert_refused(
        story.refused("ap", json!({"data": {"a": "9"}})),
        409,
        "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.a",
    );
    story.apply("ap", json!({"data": {"a": "1"}})).owned(&[
        ("ap+", json!({"f:data": {"f:a": {}}})),
        (
            "before-first-apply",
            json!({"f:data": {".": {}, "f:a": {}, "f:b": {}}}),
        ),
    ]);
    story
        .patch("kc", "", json!({"metadata": {"managedFields": []}}))
        .owned(&[]);
}

#[test]
fn an_object_with_nothing_but_a_name_is_owned_by_nobody() {
    config_map().create("kc", json!({})).owned(&[]);
}

#[test]
fn owners_sent_with_an_update_are_taken_unless_malformed() {
    let entry = json!({
        "manager": "z", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:data": {"f:a": {}}},
    });
    let mut story = config_map();
    story.create("kc", json!({"data": {"a": "1"}}));
    story
        .patch(
            "kc",
            "",
            json!({"metadata": {"managedFields": [{"manager": "z"}]}}),
        )
        .owned(&[("kc", json!({"f:data": {".": {}, "f:a": {}}}))]);
    story
        .patch("kc", "status", json!({"metadata": {"managedFields": [entry]}}))
        .owned(&[("kc", json!({"f:data": {".": {}, "f:a": {}}}))]);
    story
        .patch("kc", "", json!({"metadata": {"managedFields": [entry]}}))
        .owned(&[("z+", json!({"f:data": {"f:a": {}}}))]);
}

#[test]
fn more_than_ten_updaters_are_merged_into_one() {
    let mut story = config_map();
    story.create("m", json!({"data": {"k": "v"}}));
    for index in 0..12 {
        story.patch(
            &format!("u{index}"),
            "",
            json!({"data": {format!("{index}"): "v"}}),
        );
    }
    let entries = story.live.as_ref().unwrap()["metadata"]["managedFields"]
        .as_array()
        .unwrap();
    assert_eq!(entries.len(), 10);
    assert_eq!(entries[0]["manager"], "ancient-changes");
    assert_eq!(
        entries[0]["fieldsV1"],
        json!({"f:data": {".": {}, "f:k": {}, "f:0": {}, "f:1": {}, "f:2": {}}})
    );
}

#[test]
fn what_a_struct_has_from_the_start_is_owned_by_nobody() {
    let check = |(group, plural): (&str, &str), body: Value, expected: Value| {
        Story::of(group, "v1", plural)
            .create("kc", body)
            .owned(&[("kc", expected)]);
    };
    check(
        ("", "events"),
        json!({
            "involvedObject": {}, "source": {}, "count": 1, "eventTime": null, "firstTimestamp": null,
            "reportingComponent": "", "reportingInstance": "",
        }),
        json!({"f:count": {}}),
    );
    check(
        ("rbac.authorization.k8s.io", "clusterroles"),
        json!({"aggregationRule": {"clusterRoleSelectors": []}, "rules": null}),
        json!({"f:aggregationRule": {".": {}, "f:clusterRoleSelectors": {}}}),
    );
    check(
        ("", "services"),
        json!({"spec": {"externalName": "a.b"}, "status": {"loadBalancer": {}}}),
        json!({"f:spec": {"f:externalName": {}}}),
    );
}
