//! Conversion webhooks: every version of a custom kind, from one that is stored.

use serde_json::{Value, json};

use crate::common::World;
use crate::endpoint::Endpoint;

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

fn convs(version: &str) -> String {
    format!("/apis/c.io/{version}/namespaces/default/convs")
}

fn definition() -> Value {
    let version = |name: &str, storage: bool| {
        json!({
            "name": name, "served": true, "storage": storage,
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                "spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            }}},
        })
    };
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "convs.c.io"},
        "spec": {
            "group": "c.io", "scope": "Namespaced", "names": {"plural": "convs", "kind": "Conv"},
            "versions": [version("v1", true), version("v2", false)],
            "conversion": {"strategy": "Webhook", "webhook": {
                "clientConfig": {"url": "https://hooks.test/convert"}, "conversionReviewVersions": ["v1"],
            }},
        },
    })
}

/// `spec.x` of v1 is `spec.y` of v2.
fn convert(request: &Value) -> Value {
    let version = request["desiredAPIVersion"].as_str().unwrap();
    let objects = request["objects"].as_array().unwrap().iter();
    let converted: Vec<Value> = objects
        .map(|object| {
            let mut object = object.clone();
            object["apiVersion"] = json!(version);
            let spec = object["spec"].as_object_mut().unwrap();
            let (from, to) = if version == "c.io/v1" {
                ("y", "x")
            } else {
                ("x", "y")
            };
            if let Some(value) = spec.remove(from) {
                spec.insert(to.to_owned(), value);
            }
            object
        })
        .collect();
    json!({"result": {"status": "Success"}, "convertedObjects": converted})
}

async fn world(hooks: &Endpoint) -> World {
    let world = hooks.world();
    let made = world.post(CRDS, &definition().to_string()).await;
    assert_eq!(made.code, 201, "{}", made.message());
    world
}

fn conv(version: &str, name: &str, spec: Value) -> String {
    json!({"apiVersion": format!("c.io/{version}"), "kind": "Conv", "metadata": {"name": name}, "spec": spec})
        .to_string()
}

#[tokio::test(start_paused = true)]
async fn an_object_is_written_and_read_in_every_version() {
    let hooks = Endpoint::default();
    hooks.review("/convert", convert);
    let world = world(&hooks).await;
    let made = world.post(&convs("v2"), &conv("v2", "a", json!({"y": 1}))).await;
    assert_eq!((made.code, &made.json()["spec"]), (201, &json!({"y": 1})));
    let review = hooks.asked("/convert").remove(0);
    assert_eq!(review["apiVersion"], "apiextensions.k8s.io/v1");
    assert_eq!(review["request"]["desiredAPIVersion"], "c.io/v1");
    assert_eq!(
        review["response"],
        json!({"uid": "", "convertedObjects": null, "result": {"metadata": {}}})
    );
    let one = |version: &str| format!("{}/a", convs(version));
    assert_eq!(world.get(&one("v1")).await.json()["spec"], json!({"x": 1}));
    let changed = world.merge(&one("v2"), r#"{"spec":{"y":2}}"#).await.json();
    assert_eq!(
        (&changed["apiVersion"], &changed["spec"]),
        (&json!("c.io/v2"), &json!({"y": 2}))
    );
    assert_eq!(world.get(&one("v1")).await.json()["spec"], json!({"x": 2}));
    let list = world.get(&convs("v2")).await.json();
    assert_eq!(list["items"][0]["spec"], json!({"y": 2}));
    let gone = world.delete(&one("v2"), "").await;
    assert_eq!(gone.code, 200);
}

#[tokio::test(start_paused = true)]
async fn each_state_is_converted_once_for_all_readers() {
    let hooks = Endpoint::default();
    hooks.review("/convert", convert);
    let world = world(&hooks).await;
    for name in ["a", "b", "c"] {
        world.post(&convs("v1"), &conv("v1", name, json!({"x": 1}))).await;
    }
    assert_eq!(
        hooks.asked("/convert").len(),
        0,
        "what is stored needs no conversion"
    );
    let url = format!("{}?watch=true&timeoutSeconds=1&resourceVersion=0", convs("v2"));
    let (one, two) = tokio::join!(world.watch(&url), world.watch(&url));
    assert_eq!(one, two);
    assert_eq!(one[0]["object"]["spec"], json!({"y": 1}));
    world.get(&convs("v2")).await;
    let asked = hooks.asked("/convert");
    let objects: usize = asked
        .iter()
        .map(|review| review["request"]["objects"].as_array().unwrap().len())
        .sum();
    assert_eq!((asked.len(), objects), (1, 3), "one call for all objects");
}

#[tokio::test(start_paused = true)]
async fn a_conversion_that_fails_says_so() {
    let hooks = Endpoint::default();
    hooks.review(
        "/convert",
        |_| json!({"result": {"status": "Failure", "message": "cannot convert"}}),
    );
    let world = world(&hooks).await;
    world.post(&convs("v1"), &conv("v1", "a", json!({"x": 1}))).await;
    let failed = world.get(&format!("{}/a", convs("v2"))).await.json();
    let why = "conversion webhook for c.io/v1, Kind=Conv failed: cannot convert";
    assert_eq!(
        failed,
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": why, "code": 500,
        })
    );
    for url in [
        convs("v2"),
        format!("{}?watch=true&resourceVersion=0&timeoutSeconds=1", convs("v2")),
    ] {
        let failed = world.get(&url).await;
        let message = format!("storage is (re)initializing: failed to list c.io/v2, Kind=Conv: {why}");
        assert_eq!((failed.code, failed.message()), (429, message), "{url}");
        assert_eq!(failed.headers["retry-after"], "1");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_fit_is_refused() {
    type Answer = fn(&Value) -> Value;

    let cases: [(Answer, &str); 3] = [
        (
            |_| json!({"result": {"status": "Success"}, "convertedObjects": []}),
            "conversion webhook for c.io/v1, Kind=Conv returned 0 objects, expected 1",
        ),
        (
            |request| json!({"result": {"status": "Success"}, "convertedObjects": request["objects"]}),
            "conversion webhook for c.io/v1, Kind=Conv returned invalid object at index 0: \
             invalid groupVersion (expected c.io/v2, received c.io/v1)",
        ),
        (
            |request| {
                let mut answer = convert(request);
                answer["convertedObjects"][0]["metadata"]["name"] = json!("b");
                answer
            },
            "conversion webhook for c.io/v1, Kind=Conv returned invalid converted object: \
             must have the same name: a != b",
        ),
    ];

    for (answer, message) in cases {
        let hooks = Endpoint::default();
        hooks.review("/convert", answer);
        let world = world(&hooks).await;
        world.post(&convs("v1"), &conv("v1", "a", json!({"x": 1}))).await;
        let failed = world.get(&format!("{}/a", convs("v2"))).await;
        assert_eq!((failed.code, failed.message().as_str()), (500, message));
    }
}

#[tokio::test(start_paused = true)]
async fn a_webhook_for_one_version_sees_writes_to_the_others() {
    let hooks = Endpoint::default();
    hooks.review("/convert", convert);
    hooks.review("/m", |request| {
        let seen = request["object"]["spec"]["x"].clone();
        crate::endpoint::patch(&json!([{"op": "add", "path": "/spec/seen", "value": seen}]))
    });
    let world = world(&hooks).await;
    let rules = json!([{
        "apiGroups": ["c.io"], "apiVersions": ["v1"], "resources": ["convs"], "operations": ["CREATE"],
    }]);
    world.mutating("m", json!({"rules": rules.clone()})).await;
    let made = world
        .post(&convs("v2"), &conv("v2", "a", json!({"y": 7})))
        .await
        .json();
    assert_eq!(made["spec"], json!({"y": 7, "seen": 7}));
    let request = hooks.asked("/m").remove(0)["request"].take();
    let kind = |version: &str| json!({"group": "c.io", "version": version, "kind": "Conv"});
    assert_eq!(
        (&request["kind"], &request["requestKind"]),
        (&kind("v1"), &kind("v2"))
    );
    assert_eq!(request["object"]["apiVersion"], "c.io/v1");

    world
        .mutating("exact", json!({"rules": rules, "matchPolicy": "Exact"}))
        .await;
    let made = world.post(&convs("v2"), &conv("v2", "b", json!({"y": 7}))).await;
    assert_eq!(made.code, 201);
    assert_eq!(hooks.asked("/exact").len(), 0);
}
