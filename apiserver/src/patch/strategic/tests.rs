#![expect(clippy::needless_pass_by_value, reason = "reads better with literals")]

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::registry::Resource;

fn resource(group: &str, version: &str, plural: &str) -> Arc<Resource> {
    let registry = crate::registry::Registry::new();
    registry
        .lookup(group, version, plural)
        .expect("the kind is built in")
}

fn deployment(pod_spec: Value) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "template": {"spec": pod_spec},
        },
    })
}

fn patched(live: &Value, patch: &Value) -> Result<Value> {
    let resource = resource("apps", "v1", "deployments");
    apply(resource.node().unwrap(), live, patch)
}

/// Patches the pod of a deployment and shows the pod.
fn pod(live: Value, patch: Value) -> Result<Value> {
    let patch = json!({"spec": {"template": {"spec": patch}}});
    let patched = patched(&deployment(live), &patch)?;
    Ok(patched["spec"]["template"]["spec"].clone())
}

fn names(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["name"].as_str().unwrap()).collect()
}

fn two_containers() -> Value {
    json!({"containers": [
        {"name": "c1", "image": "i1", "env": [{"name": "E1", "value": "1"}]},
        {"name": "c2", "image": "i2"},
    ]})
}

#[test]
fn lists_with_a_merge_key_merge_by_it() {
    let check = |patch: Value, expected: Value| {
        let pod = pod(two_containers(), json!({"containers": patch})).unwrap();
        let shown: Vec<Value> = pod["containers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|container| json!([container["name"], container["image"]]))
            .collect();
        assert_eq!(json!(shown), expected, "{patch}");
    };
    check(
        json!([{"name": "c1", "image": "new"}]),
        json!([["c1", "new"], ["c2", "i2"]]),
    );
    check(
        json!([{"name": "c3", "image": "i3"}]),
        json!([["c3", "i3"], ["c1", "i1"], ["c2", "i2"]]),
    );
    check(
        json!([{"name": "c1", "image": "new"}, {"name": "c2", "$patch": "delete"}]),
        json!([["c1", "new"]]),
    );
    check(
        json!([{"$patch": "replace"}, {"name": "c9", "image": "i9"}]),
        json!([["c9", "i9"]]),
    );
}

#[test]
fn an_item_keeps_what_the_patch_does_not_name() {
    let patch = json!({"containers": [{"name": "c1", "image": null, "env": [{"name": "E2", "value": "2"}]}]});
    let pod = pod(two_containers(), patch).unwrap();
    let container = &pod["containers"][0];
    assert_eq!(names(&container["env"]), ["E2", "E1"]);
    assert_eq!(container.get("image"), None);
}

#[test]
fn set_element_order_orders_a_merged_list() {
    let check = |order: &[&str], patch: &[&str], expected: &[&str]| {
        let item = |name: &&str| json!({"name": name});
        let patch = json!({
            "$setElementOrder/containers": order.iter().map(item).collect::<Value>(),
            "containers": patch.iter().map(item).collect::<Value>(),
        });
        let pod = pod(two_containers(), patch).unwrap();
        assert_eq!(names(&pod["containers"]), expected, "{order:?}");
    };
    check(&["c2", "c1"], &[], &["c2", "c1"]);
    check(&["c1", "c3", "c2"], &["c3"], &["c1", "c3", "c2"]);
    check(&["c3", "c2"], &["c3"], &["c3", "c1", "c2"]);
}

#[test]
fn an_order_the_patch_does_not_follow_is_refused() {
    let patch = json!({
        "$setElementOrder/containers": [{"name": "c1"}, {"name": "c2"}],
        "containers": [{"name": "c2"}, {"name": "c1"}],
    });
    let error = pod(two_containers(), patch).unwrap_err();
    assert_eq!(error.code, 500);
    assert!(
        error
            .message
            .starts_with("The order in patch list:\n[map[name:c2] map[name:c1]]\n doesn't match")
    );
}

#[test]
fn retain_keys_drops_the_fields_it_does_not_name() {
    let strategy = |patch: Value| {
        let live = deployment(two_containers());
        patched(&live, &json!({"spec": {"strategy": patch}}))
            .map(|patched| patched["spec"]["strategy"].clone())
    };
    assert_eq!(
        strategy(json!({"$retainKeys": ["type"], "type": "Recreate"})),
        Ok(json!({"type": "Recreate"}))
    );
    assert_eq!(
        strategy(json!({"$retainKeys": ["rollingUpdate"], "type": "Recreate"})),
        Err(Error::bad_request("invalid patch format of retainKeys"))
    );
}

#[test]
fn lists_of_scalars_merge_as_sets_and_lose_items_by_directive() {
    let finalizers = |live: Value, patch: Value| {
        let mut object = deployment(two_containers());
        object["metadata"]["finalizers"] = live;
        patched(&object, &json!({"metadata": patch})).map(|patched| patched["metadata"]["finalizers"].clone())
    };
    let live = || json!(["a/1", "a/2", "a/3"]);
    assert_eq!(
        finalizers(live(), json!({"finalizers": ["a/4", "a/2"]})),
        Ok(json!(["a/4", "a/1", "a/2", "a/3"]))
    );
    assert_eq!(
        finalizers(live(), json!({"$deleteFromPrimitiveList/finalizers": ["a/2"]})),
        Ok(json!(["a/1", "a/3"]))
    );
    assert_eq!(
        finalizers(live(), json!({"$setElementOrder/finalizers": ["a/3", "a/1"]})),
        Ok(json!(["a/2", "a/3", "a/1"]))
    );
    assert_eq!(
        finalizers(live(), json!({"finalizers": [["x"]]}))
            .unwrap_err()
            .code,
        500
    );
    assert_eq!(
        finalizers(json!([["x"]]), json!({"finalizers": ["y"]})),
        Err(Error::rejected_patch())
    );
}

#[test]
fn objects_are_replaced_and_deleted_by_directive() {
    let labels = |patch: Value| {
        let mut object = deployment(two_containers());
        object["metadata"]["labels"] = json!({"a": "1"});
        patched(&object, &json!({"metadata": {"labels": patch}}))
            .map(|patched| patched["metadata"]["labels"].clone())
    };
    assert_eq!(labels(json!({"b": "2"})), Ok(json!({"a": "1", "b": "2"})));
    assert_eq!(
        labels(json!({"$patch": "replace", "b": "2"})),
        Ok(json!({"b": "2"}))
    );
    assert_eq!(labels(json!({"$patch": "delete"})), Ok(json!({})));
    assert_eq!(
        labels(json!({"$patch": "foo"})),
        Err(Error::untyped(
            500,
            "unknown patch type: foo in map: map[$patch:foo]"
        ))
    );
}

#[test]
fn mistakes_are_told_as_the_server_tells_them() {
    let check = |patch: Value, code: u16, message: &str| {
        let error = patched(&deployment(two_containers()), &patch).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (code, message), "{patch}");
    };
    let containers = |item: Value| json!({"spec": {"template": {"spec": {"containers": [item]}}}});
    check(
        containers(json!({"image": "new"})),
        500,
        "map: map[image:new] does not contain declared merge key: name",
    );
    check(
        json!({"metadata": {"labels": {"s": {"a": 1}}}}),
        422,
        r#" "" is invalid: patch: Invalid value: "map[metadata:map[labels:map[s:map[a:1]]]]": unrecognized type: string"#,
    );
    check(
        json!({"metadata": {"labels": {"x": 1}}}),
        422,
        r#" "" is invalid: patch: Invalid value: "map[metadata:map[labels:map[x:1]]]": cannot convert int64 to string"#,
    );
    check(
        json!({"metadata": {"finalizers": "x"}}),
        422,
        r#" "" is invalid: patch: Invalid value: "map[metadata:map[finalizers:x]]": cannot restore slice from string"#,
    );
    check(
        json!({"metadata": {"labels": ["x"]}}),
        422,
        r#" "" is invalid: patch: Invalid value: "map[metadata:map[labels:[x]]]": cannot restore map from slice"#,
    );
    check(
        json!({"spec": {"replicas": "1"}}),
        422,
        r#" "" is invalid: patch: Invalid value: "map[spec:map[replicas:1]]": unrecognized type: int32"#,
    );
    check(
        json!([]),
        400,
        "json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
}

#[test]
fn an_empty_patch_changes_nothing() {
    let live = deployment(two_containers());
    assert_eq!(patched(&live, &json!({})), Ok(live.clone()));
    assert_eq!(patched(&live, &json!(null)), Ok(live.clone()));
}

proptest! {
    #[test]
    fn patching_with_the_object_itself_changes_nothing(
        containers in prop::collection::btree_map("[a-d]", prop::collection::btree_map("[A-C]", "[xy]", 0..3), 0..4),
        labels in prop::collection::btree_map("[ab]", "[xy]", 0..3),
        finalizers in prop::collection::btree_set("[ab]/[xy]", 0..3),
    ) {
        let env = |(name, value)| json!({"name": name, "value": value});
        let container = |(name, vars): (String, std::collections::BTreeMap<String, String>)| {
            json!({"name": name, "env": vars.into_iter().map(env).collect::<Value>()})
        };
        let mut live = deployment(json!({"containers": containers.into_iter().map(container).collect::<Value>()}));
        live["metadata"]["labels"] = json!(labels);
        live["metadata"]["finalizers"] = json!(finalizers);
        prop_assert_eq!(patched(&live, &live), Ok(live.clone()));
    }
}
