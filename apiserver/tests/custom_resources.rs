//! Custom resources: from the CRD to its objects and back.

mod common;

use common::World;
use serde_json::{Value, json};

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const FOOS: &str = "/apis/x.io/v1/namespaces/default/foos";

fn version(name: &str, storage: bool) -> Value {
    json!({
        "name": name, "served": true, "storage": storage,
        "schema": {"openAPIV3Schema": {
            "type": "object",
            "properties": {
                "spec": {"type": "object", "properties": {
                    "size": {"type": "integer", "minimum": 1},
                    "mode": {"type": "string", "default": "A"},
                    "replicas": {"type": "integer"},
                }},
                "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            },
        }},
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
        },
        "selectableFields": [{"jsonPath": ".spec.mode"}],
    })
}

fn definition(versions: &[Value]) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "foos.x.io"},
        "spec": {
            "group": "x.io", "scope": "Namespaced", "versions": versions,
            "names": {"plural": "foos", "kind": "Foo"},
        },
    })
}

async fn world() -> World {
    let world = World::new().await;
    let created = world
        .post(CRDS, &definition(&[version("v1", true)]).to_string())
        .await;
    assert_eq!(created.code, 201, "{:?}", created.body);
    assert_eq!(created.json()["status"]["conditions"], Value::Null);
    world
}

fn foo(name: &str, spec: &Value) -> String {
    json!({"apiVersion": "x.io/v1", "kind": "Foo", "metadata": {"name": name}, "spec": spec}).to_string()
}

#[tokio::test(start_paused = true)]
async fn a_kind_is_served_as_soon_as_its_definition_is_answered() {
    let world = world().await;
    let crd = world.get(&format!("{CRDS}/foos.x.io")).await.json();
    let conditions = crd["status"]["conditions"].as_array().unwrap();
    let types: Vec<_> = conditions
        .iter()
        .map(|one| (one["type"].clone(), one["status"].clone()))
        .collect();
    assert_eq!(
        types,
        [
            (json!("NamesAccepted"), json!("True")),
            (json!("Established"), json!("True"))
        ]
    );
    let list = world.get(FOOS).await.json();
    assert_eq!((&list["kind"], &list["items"]), (&json!("FooList"), &json!([])));
    assert_eq!(world.get("/apis/x.io/v2/foos").await.body, "404 page not found\n");
}

#[tokio::test(start_paused = true)]
async fn objects_are_pruned_defaulted_and_checked() {
    let world = world().await;
    let created = world.post(FOOS, &foo("a", &json!({"size": 2, "bogus": 1}))).await;
    assert_eq!(created.warnings(), ["299 - \"unknown field \\\"spec.bogus\\\"\""]);
    let object = created.json();
    assert_eq!(object["spec"], json!({"size": 2, "mode": "A"}));
    assert_eq!(object["metadata"]["generation"], 1);
    let refused = world.post(FOOS, &foo("b", &json!({"size": 0}))).await;
    assert_eq!(
        refused.message(),
        "Foo.x.io \"b\" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1"
    );
    let strict = world
        .post(
            &format!("{FOOS}?fieldValidation=Strict"),
            &foo("b", &json!({"bogus": 0})),
        )
        .await;
    assert_eq!(strict.code, 400);
    let list = world.get(&format!("{FOOS}?fieldSelector=spec.mode%3DA")).await;
    assert_eq!(list.json()["items"][0]["kind"], "Foo");
}

#[tokio::test(start_paused = true)]
async fn the_body_says_what_it_is() {
    let world = world().await;
    let cases = [
        (
            json!({"apiVersion": "x.io/v1", "metadata": {"name": "a"}}),
            400,
            "the object provided is unrecognized (must be of type Foo): Object 'Kind' is missing in '{\"apiVersion\":\"x.io/v1\",\"metadata\":{\"name\":\"a\"}}' ({\"apiVersion\":\"x.io/v1\",\"metad ...)",
        ),
        (
            json!({"apiVersion": "x.io/v2", "kind": "Foo", "metadata": {"name": "a"}}),
            400,
            "the API version in the data (x.io/v2) does not match the expected API version (x.io/v1)",
        ),
        (
            json!({"apiVersion": "x.io/v1", "kind": "Bar", "metadata": {"name": "a"}}),
            422,
            "Bar.x.io \"a\" is invalid: kind: Invalid value: \"Bar\": must be Foo",
        ),
    ];
    for (body, code, message) in cases {
        let answer = world.post(FOOS, &body.to_string()).await;
        assert_eq!((answer.code, answer.message().as_str()), (code, message));
    }
}

#[tokio::test(start_paused = true)]
async fn status_and_spec_are_written_apart() {
    let world = world().await;
    let path = format!("{FOOS}/a");
    let created = world.post(FOOS, &foo("a", &json!({"size": 2}))).await.version();
    let status =
        r#"{"metadata":{"labels":{"l":"1"}},"spec":{"size":9},"status":{"phase":"Up","replicas":7}}"#;
    let by_status = world.merge(&format!("{path}/status"), status).await.json();
    assert_eq!(by_status["spec"]["size"], 2);
    assert_eq!(by_status["metadata"].get("labels"), None);
    assert_eq!(
        (
            &by_status["status"]["phase"],
            &by_status["metadata"]["generation"]
        ),
        (&json!("Up"), &json!(1))
    );
    let by_main = world
        .merge(&path, r#"{"spec":{"size":3},"status":{"phase":"Down"}}"#)
        .await
        .json();
    assert_eq!(
        (&by_main["status"]["phase"], &by_main["metadata"]["generation"]),
        (&json!("Up"), &json!(2))
    );
    let same = world.merge(&path, r#"{"spec":{"size":3}}"#).await;
    assert_eq!(same.version(), created + 2);
    let labels = world
        .merge(&path, r#"{"metadata":{"labels":{"l":"1"}}}"#)
        .await
        .json();
    assert_eq!(labels["metadata"]["generation"], 2);
    let unconditional = world.put(&path, &foo("a", &json!({"size": 4}))).await;
    assert_eq!(
        unconditional.message(),
        "foos.x.io \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update"
    );
    let strategic = world
        .send("PATCH", &path, "application/strategic-merge-patch+json", "{}")
        .await;
    assert_eq!(strategic.code, 415);
}

#[tokio::test(start_paused = true)]
async fn the_replica_count_is_reached_through_scale() {
    let world = world().await;
    let scale = format!("{FOOS}/a/scale");
    world.post(FOOS, &foo("a", &json!({"size": 2}))).await;
    let absent = world.get(&scale).await;
    assert_eq!(
        (absent.code, absent.message().as_str()),
        (
            500,
            "Internal error occurred: the spec replicas field \".spec.replicas\" does not exist"
        )
    );
    let set = world.merge(&scale, r#"{"spec":{"replicas":3}}"#).await.json();
    assert_eq!(
        (&set["kind"], &set["spec"], &set["status"]),
        (&json!("Scale"), &json!({"replicas": 3}), &json!({"replicas": 0}))
    );
    let object = world.get(&format!("{FOOS}/a")).await.json();
    assert_eq!(
        (&object["spec"]["replicas"], &object["metadata"]["generation"]),
        (&json!(3), &json!(2))
    );
    let body =
        r#"{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"a"},"spec":{"replicas":-1}}"#;
    assert_eq!(
        world.put(&scale, body).await.message(),
        "Foo.x.io \"a\" is invalid: .spec.replicas: Invalid value: -1: should be a non-negative integer"
    );
}

#[tokio::test(start_paused = true)]
async fn every_version_shows_the_same_objects() {
    let world = world().await;
    world.post(FOOS, &foo("a", &json!({"size": 2}))).await;
    let current = world.get(&format!("{CRDS}/foos.x.io")).await.json();
    let mut next = definition(&[version("v1", true), version("v2", false)]);
    next["metadata"] = current["metadata"].clone();
    assert_eq!(
        world
            .put(&format!("{CRDS}/foos.x.io"), &next.to_string())
            .await
            .code,
        200
    );
    let object = world.get(&format!("{}/a", FOOS.replace("v1", "v2"))).await.json();
    assert_eq!(
        (&object["apiVersion"], &object["spec"]["size"]),
        (&json!("x.io/v2"), &json!(2))
    );
    let events = world
        .watch(&format!("{}?watch=1&timeoutSeconds=1", FOOS.replace("v1", "v2")))
        .await;
    assert_eq!(events[0]["object"]["apiVersion"], "x.io/v2");
}

#[tokio::test(start_paused = true)]
async fn a_schema_that_changed_shows_in_what_was_stored_before() {
    let world = world().await;
    let before = world.post(FOOS, &foo("a", &json!({"size": 2}))).await.version();
    let mut next = version("v1", true);
    let spec = &mut next["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
    spec["color"] = json!({"type": "string", "default": "red"});
    spec.as_object_mut().unwrap().remove("size");
    let patch = json!({"spec": {"versions": [next]}});
    assert_eq!(
        world
            .merge(&format!("{CRDS}/foos.x.io"), &patch.to_string())
            .await
            .code,
        200
    );
    let object = world.get(&format!("{FOOS}/a")).await;
    assert_eq!(object.json()["spec"], json!({"mode": "A", "color": "red"}));
    assert_eq!(object.version(), before);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_definition_takes_its_objects_along_but_waits_for_finalizers() {
    let world = world().await;
    world.post(FOOS, &foo("free", &json!({"size": 2}))).await;
    let held = json!({
        "apiVersion": "x.io/v1", "kind": "Foo", "metadata": {"name": "held", "finalizers": ["x.io/f"]},
    });
    let since = world.post(FOOS, &held.to_string()).await.version();
    let crd = format!("{CRDS}/foos.x.io");
    let deleted = world.delete(&crd, "").await.json();
    assert_eq!(
        deleted["metadata"]["finalizers"],
        json!(["customresourcecleanup.apiextensions.k8s.io"])
    );
    assert_eq!(world.get(FOOS).await.names(), ["held"]);
    let refused = world.post(FOOS, &foo("new", &json!({"size": 2}))).await;
    assert_eq!(
        refused.message(),
        "foos.x.io \"new\" is forbidden: create not allowed while custom resource definition is terminating"
    );
    let watching = tokio::spawn({
        let world = World {
            service: world.service.clone(),
            server: world.server.clone(),
        };
        async move {
            world
                .watch(&format!("{FOOS}?watch=1&resourceVersion={since}"))
                .await
        }
    });
    tokio::task::yield_now().await;
    world
        .merge(&format!("{FOOS}/held"), r#"{"metadata":{"finalizers":null}}"#)
        .await;
    assert_eq!(world.get(&crd).await.code, 404);
    assert_eq!(world.get(FOOS).await.body, "404 page not found\n");
    let seen: Vec<Value> = watching
        .await
        .unwrap()
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(seen, ["DELETED", "MODIFIED", "DELETED"]);
}

#[tokio::test(start_paused = true)]
async fn names_in_use_are_free_again_once_their_owner_is_gone() {
    let world = world().await;
    let mut other = definition(&[version("v1", true)]);
    other["metadata"]["name"] = json!("bars.x.io");
    other["spec"]["names"] = json!({"plural": "bars", "kind": "Foo"});
    world.post(CRDS, &other.to_string()).await;
    let bars = "/apis/x.io/v1/namespaces/default/bars";
    assert_eq!(world.get(bars).await.code, 404);
    world.delete(&format!("{CRDS}/foos.x.io"), "").await;
    assert_eq!(world.get(bars).await.code, 200);
}
