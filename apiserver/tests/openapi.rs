//! OpenAPI documents as clients fetch them, through the whole server.

mod common;

use common::{Answer, World};
use serde_json::{Value, json};

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// Adds a kind whose spec says this of itself.
async fn define(world: &World, text: &str) {
    define_as(world, &json!({"type": "object", "description": text})).await;
}

/// Adds a kind with a spec of this schema.
async fn define_as(world: &World, spec: &Value) {
    let schema = json!({"type": "object", "properties": {"spec": spec}});
    let versions =
        json!([{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}]);
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "cups.tea.example.com"},
        "spec": {
            "group": "tea.example.com", "scope": "Namespaced", "versions": versions,
            "names": {"plural": "cups", "kind": "Cup"},
        },
    });
    let answer = world.post(CRDS, &definition.to_string()).await;
    assert_eq!(answer.code, 201, "{}", answer.message());
}

/// Where the index says a document is.
async fn location(world: &World, path: &str) -> Option<String> {
    let index = world.get("/openapi/v3?timeout=32s").await.json();
    index["paths"][path]["serverRelativeURL"]
        .as_str()
        .map(str::to_owned)
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer
        .headers
        .get(name)
        .map(|value| value.to_str().expect("headers are ASCII"))
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn what_the_index_leads_to_may_be_kept() {
    let world = World::new().await;
    let url = location(&world, "apis/apps/v1").await.unwrap();
    let answer = world.get(&format!("{url}&timeout=32s")).await;
    assert_eq!(answer.code, 200);
    assert_eq!(header(&answer, "cache-control"), "public, immutable");
    assert_eq!(header(&answer, "expires"), "Fri, 01 Jan 1971 00:00:00 UTC");
    let plain = world.get("/openapi/v3/apis/apps/v1").await;
    assert_eq!(plain.body, answer.body);
    assert_eq!(header(&plain, "cache-control"), "no-cache, private");
}

#[tokio::test(start_paused = true)]
async fn an_outdated_hash_leads_to_the_right_document() {
    let world = World::new().await;
    let answer = world.get("/openapi/v3/api/v1?hash=ABC").await;
    assert_eq!(answer.code, 301);
    let url = location(&world, "api/v1").await.unwrap();
    assert_eq!(header(&answer, "location"), url);
}

#[tokio::test(start_paused = true)]
async fn a_custom_kind_has_a_document_for_as_long_as_it_is_served() {
    let world = World::new().await;
    let path = "apis/tea.example.com/v1";
    assert_eq!(location(&world, path).await, None);
    define(&world, "Sweet.").await;
    let first = location(&world, path).await.unwrap();
    let text = |document: &Value| {
        let schema = &document["components"]["schemas"]["com.example.tea.v1.Cup"];
        schema["properties"]["spec"]["description"].clone()
    };
    assert_eq!(text(&world.get(&first).await.json()), "Sweet.");

    let change = json!([{
        "op": "replace",
        "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/description",
        "value": "Sour.",
    }]);
    let name = format!("{CRDS}/cups.tea.example.com");
    let changed = world
        .send("PATCH", &name, "application/json-patch+json", &change.to_string())
        .await;
    assert_eq!(changed.code, 200, "{}", changed.message());
    let second = location(&world, path).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(text(&world.get(&second).await.json()), "Sour.");

    assert_eq!(world.delete(&name, "").await.code, 200);
    assert_eq!(location(&world, path).await, None);
    assert_eq!(world.get(&second).await.code, 404);
}

#[tokio::test(start_paused = true)]
async fn a_default_that_is_empty_is_one() {
    let defaults = json!({"text": "", "list": [], "map": {}, "flag": false, "number": 0});
    let kinds =
        json!({"text": "string", "list": "array", "map": "object", "flag": "boolean", "number": "integer"});
    let mut properties = json!({});
    for (name, default) in defaults.as_object().unwrap() {
        properties[name] = json!({"type": kinds[name], "default": default});
    }
    properties["list"]["items"] = json!({"type": "string"});
    let world = World::new().await;
    define_as(&world, &json!({"type": "object", "properties": properties})).await;
    let url = location(&world, "apis/tea.example.com/v1").await.unwrap();
    let document = world.get(&url).await.json();
    let spec = &document["components"]["schemas"]["com.example.tea.v1.Cup"]["properties"]["spec"];
    for (name, default) in defaults.as_object().unwrap() {
        assert_eq!(spec["properties"][name].get("default"), Some(default), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_version_of_openapi_is_not_there() {
    let world = World::new().await;
    let answer = world.get("/openapi/v2").await;
    assert_eq!(
        (answer.code, &answer.body[..]),
        (404, &b"404 page not found\n"[..])
    );
}

#[tokio::test(start_paused = true)]
async fn deletions_answer_with_what_documents_say() {
    let world = World::new().await;
    let cases = [
        (
            "/apis/storage.k8s.io/v1",
            "storageclasses",
            r#"{"metadata":{"name":"a"},"provisioner":"x"}"#,
            "StorageClass",
        ),
        (
            "/api/v1/namespaces/default",
            "configmaps",
            r#"{"metadata":{"name":"a"}}"#,
            "Status",
        ),
    ];
    for (root, plural, body, kind) in cases {
        let created = world.post(&format!("{root}/{plural}"), body).await;
        assert_eq!(created.code, 201, "{}", created.message());
        let gone = world.delete(&format!("{root}/{plural}/a"), "").await;
        assert_eq!(gone.json()["kind"], kind);
    }
}
