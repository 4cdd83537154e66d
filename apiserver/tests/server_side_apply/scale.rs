//! Ownership of the replica count through the scale subresource.

use krate_apiserver::fields::{self, Writer};
use krate_apiserver::status::Result;
use serde_json::{Value, json};

use crate::story::{Story, assert_refused, deployment};

/// Writes the count through `/scale` as the handler does; an apply if `force` is given.
fn scale(story: &mut Story, manager: &str, replicas: u8, force: Option<bool>) -> Result<()> {
    let kind = fields::scale_kind(&story.resource);
    let object = story.live.as_mut().expect("the object exists");
    let entries = object["metadata"]["managedFields"].take();
    let scale = |replicas: &Value| {
        json!({
            "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "s", "uid": "u"},
            "spec": {"replicas": replicas},
        })
    };
    let mut live = scale(&object["spec"]["replicas"]);
    if let Some(entries) = fields::scale_to_subresource(&story.resource, Some(&entries)) {
        live["metadata"]["managedFields"] = entries;
    }
    let writer = Writer {
        resource: &kind,
        manager,
        subresource: "scale",
        now: "2026-01-01T00:01:00Z",
    };
    let new = scale(&json!(replicas));
    let written = match force {
        Some(force) => fields::apply(writer, Some(&live), &new, force),
        None => Ok(fields::update(writer, Some(&live), new)),
    };
    let entries = match &written {
        Ok(written) => {
            object["spec"]["replicas"] = json!(replicas);
            let sent = written["metadata"].get("managedFields");
            fields::scale_to_parent(&story.resource, Some(&entries), sent).unwrap_or_default()
        }
        Err(_) => entries,
    };
    object["metadata"]["managedFields"] = entries;
    written.map(drop)
}

fn count() -> Value {
    json!({"f:spec": {"f:replicas": {}}})
}

fn template() -> Value {
    json!({"f:spec": {"f:template": {"f:spec": {"f:hostname": {}}}}})
}

/// A deployment whose count belongs to `m1`, among other fields.
fn scaled() -> Story {
    let mut story = Story::of("apps", "v1", "deployments");
    let body = json!({"spec": {"replicas": 1, "template": {"spec": {"hostname": "h"}}}});
    story.apply("m1", body);
    story
}

#[test]
fn scaling_takes_the_count_from_its_owner() {
    let mut story = scaled();
    scale(&mut story, "hpa", 3, None).unwrap();
    story
        .has("/spec/replicas", json!(3))
        .owned(&[("m1+", template()), ("hpa/scale", count())]);
}

#[test]
fn applying_another_count_conflicts_with_its_owner() {
    let mut story = scaled();
    assert_refused(
        scale(&mut story, "hpa", 3, Some(false)).unwrap_err(),
        409,
        "Apply failed with 1 conflict: conflict with \"m1\": .spec.replicas",
    );
    scale(&mut story, "hpa", 3, Some(true)).unwrap();
    story.owned(&[("hpa/scale+", count()), ("m1+", template())]);
}

#[test]
fn a_count_nobody_owns_is_of_before_the_first_apply() {
    let mut story = Story::of("apps", "v1", "deployments");
    story.live = Some(story.object(&deployment()));
    assert_refused(
        scale(&mut story, "hpa", 3, Some(false)).unwrap_err(),
        409,
        "Apply failed with 1 conflict: conflict with \"before-first-apply\" with subresource \"scale\" using \
         autoscaling/v1: .spec.replicas",
    );
}

#[test]
fn the_same_count_leaves_an_applier_in_place_and_splits_the_entry_of_an_updater() {
    let mut story = scaled();
    scale(&mut story, "hpa", 1, None).unwrap();
    story.owned(&[(
        "m1+",
        json!({"f:spec": {"f:replicas": {}, "f:template": {"f:spec": {"f:hostname": {}}}}}),
    )]);
    let mut story = Story::of("apps", "v1", "deployments");
    story.create(
        "kc",
        json!({"spec": {"replicas": 1, "template": {"spec": {"hostname": "h"}}}}),
    );
    scale(&mut story, "hpa", 1, None).unwrap();
    story.owned(&[
        ("kc", count()),
        (
            "kc",
            json!({"f:spec": {"f:template": {"f:spec": {"f:hostname": {}}}}}),
        ),
    ]);
}
