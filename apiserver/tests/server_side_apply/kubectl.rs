//! What is special to `kubectl apply`.

use krate_apiserver::fields;
use serde_json::json;

use crate::story::{assert_refused, config_map};

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

#[test]
fn kubectl_takes_over_what_the_annotation_records_and_keeps_it_current() {
    let mut story = config_map();
    let recorded = story.object(&json!({"data": {"a": "1", "b": "2"}})).to_string();
    story.create(
        "kubectl-client-side-apply",
        json!({
            "metadata": {"name": "s", "annotations": {LAST_APPLIED: recorded}},
            "data": {"a": "1", "b": "2"},
        }),
    );
    story.patch("upd", "", json!({"data": {"b": "3"}}));
    assert_eq!(story.refused("other", json!({"data": {"a": "9"}})).code, 409);
    assert_refused(
        story.refused("kubectl", json!({"data": {"a": "9", "b": "9"}})),
        409,
        "Apply failed with 1 conflict: conflict with \"upd\" using v1: .data.b",
    );
    story
        .apply("kubectl", json!({"data": {"a": "<9>"}}))
        .has("/data", json!({"a": "<9>", "b": "3"}));
    let annotations = &story.live.as_ref().unwrap()["metadata"]["annotations"];
    assert_eq!(
        annotations[LAST_APPLIED],
        "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"\\u003c9\\u003e\"},\"kind\":\"ConfigMap\",\
         \"metadata\":{\"name\":\"s\"}}\n"
    );
}

#[test]
fn the_annotation_records_a_configuration_as_it_was_applied() {
    let check = |metadata: serde_json::Value, recorded: &str| {
        let mut story = config_map();
        story.create(
            "kc",
            json!({"metadata": {"name": "s", "annotations": {LAST_APPLIED: "{}"}}}),
        );
        let mut config = story.object(&json!({"metadata": metadata}));
        if metadata.is_null() {
            config.as_object_mut().unwrap().remove("metadata");
        }
        let applied = story.write("kubectl", "", |writer, live| {
            fields::apply(writer, live, &config, true)
        });
        let applied = applied.unwrap();
        let expected = format!("{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"{recorded}}}\n");
        assert_eq!(applied["metadata"]["annotations"][LAST_APPLIED], expected);
    };
    check(json!(null), "");
    check(
        json!({"name": "s", "annotations": {LAST_APPLIED: "old", "a": "b"}}),
        r#","metadata":{"annotations":{"a":"b"},"name":"s"}"#,
    );
}

#[test]
fn an_annotation_that_grew_too_large_is_dropped() {
    let mut story = config_map();
    story.create(
        "kc",
        json!({"metadata": {"name": "s", "annotations": {LAST_APPLIED: "{}"}}}),
    );
    story
        .force("kubectl", json!({"data": {"a": "x".repeat(256 * 1024)}}))
        .has("/metadata/annotations", json!({}));
}
