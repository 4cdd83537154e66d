//! Deletes: finalizers, preconditions, policies, pods, collections.

mod common;

use common::World;
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const PODS: &str = "/api/v1/namespaces/default/pods";

#[tokio::test(start_paused = true)]
async fn a_deleted_object_is_gone_and_the_answer_says_which_it_was() {
    let world = World::new().await;
    let uid = world.post(MAPS, r#"{"metadata":{"name":"a"}}"#).await.json()["metadata"]["uid"].clone();
    let answer = world.delete(&format!("{MAPS}/a"), "").await;
    assert_eq!(
        answer.json(),
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": {"name": "a", "kind": "configmaps", "uid": uid},
        })
    );
    assert_eq!(world.get(&format!("{MAPS}/a")).await.code, 404);
    assert_eq!(world.delete(&format!("{MAPS}/a"), "").await.code, 404);
}

#[tokio::test(start_paused = true)]
async fn a_finalizer_holds_the_object_until_it_is_removed() {
    let world = World::new().await;
    let map = format!("{MAPS}/f");
    let created = world
        .post(MAPS, r#"{"metadata":{"name":"f","finalizers":["x.io/fin"]}}"#)
        .await
        .version();
    let marked = world.delete(&map, "").await;
    assert_eq!(marked.code, 200);
    let meta = &marked.json()["metadata"];
    assert_eq!(
        (&meta["deletionTimestamp"], &meta["deletionGracePeriodSeconds"]),
        (&json!("1970-01-01T00:00:00Z"), &json!(0))
    );
    assert_eq!(marked.version(), created + 1);
    assert_eq!(world.delete(&map, "").await.version(), created + 1);
    let orphaned = world
        .delete(&map, r#"{"propagationPolicy":"Orphan"}"#)
        .await
        .json();
    assert_eq!(orphaned["metadata"]["finalizers"], json!(["x.io/fin", "orphan"]));
    let more = world
        .merge(&map, r#"{"metadata":{"finalizers":["a/b","x.io/fin","orphan"]}}"#)
        .await;
    let text = "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"a/b\"}";
    assert_eq!(
        (more.code, more.message()),
        (422, format!("ConfigMap \"f\" is invalid: {text}"))
    );
    assert_eq!(more.json()["details"]["causes"].as_array().unwrap().len(), 2);
    let edited = world
        .merge(
            &map,
            r#"{"data":{"x":"1"},"metadata":{"deletionTimestamp":null}}"#,
        )
        .await;
    assert_eq!((edited.code, edited.version()), (200, created + 3));
    let last = world.merge(&map, r#"{"metadata":{"finalizers":null}}"#).await;
    assert_eq!((last.code, last.version()), (200, created + 3));
    assert_eq!(last.json()["metadata"].get("finalizers"), None);
    assert_eq!(world.get(&map).await.code, 404);
    let events = world
        .watch(&format!(
            "{MAPS}?watch=1&timeoutSeconds=1&resourceVersion={}",
            created + 3
        ))
        .await;
    assert_eq!(events[0]["type"], "DELETED");
    assert_eq!(
        events[0]["object"]["metadata"]["finalizers"],
        json!(["x.io/fin", "orphan"])
    );
}

#[tokio::test(start_paused = true)]
async fn preconditions_are_checked_against_the_record() {
    let world = World::new().await;
    let created = world.post(MAPS, r#"{"metadata":{"name":"f"}}"#).await;
    let (uid, version) = (created.json()["metadata"]["uid"].clone(), created.version());
    let cases = [
        (
            json!({"uid": "x"}),
            format!(
                "Operation cannot be fulfilled on ConfigMap \"f\": the UID in the precondition (x) does not match the UID in record ({}). The object might have been deleted and then recreated",
                uid.as_str().unwrap()
            ),
        ),
        (
            json!({"resourceVersion": "1"}),
            format!(
                "Operation cannot be fulfilled on ConfigMap \"f\": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({version}). The object might have been modified"
            ),
        ),
    ];
    for (preconditions, message) in cases {
        let body = json!({"preconditions": preconditions}).to_string();
        let answer = world.delete(&format!("{MAPS}/f"), &body).await;
        assert_eq!((answer.code, answer.message()), (409, message));
        assert_eq!(answer.json()["details"]["kind"], "ConfigMap");
    }
    let fitting = json!({"preconditions": {"uid": uid, "resourceVersion": version.to_string()}}).to_string();
    assert_eq!(world.delete(&format!("{MAPS}/f"), &fitting).await.code, 200);
}

async fn pod(world: &World, node: &str) -> u64 {
    let body = json!({
        "metadata": {"name": "x"}, "spec": {"nodeName": node, "containers": [{"name": "a", "image": "b"}]},
    });
    world.post(PODS, &body.to_string()).await.version()
}

fn ending(pod: &Value) -> (Value, Value) {
    let meta = &pod["metadata"];
    (
        meta["deletionTimestamp"].clone(),
        meta["deletionGracePeriodSeconds"].clone(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_pod_nobody_runs_goes_at_once_in_two_steps() {
    let world = World::new().await;
    let created = pod(&world, "").await;
    let gone = world.delete(&format!("{PODS}/x"), "").await;
    assert_eq!(
        (gone.json()["kind"].clone(), gone.version()),
        (json!("Pod"), created + 2)
    );
    assert_eq!(ending(&gone.json()), (json!("1970-01-01T00:00:00Z"), json!(0)));
    assert_eq!(world.get(&format!("{PODS}/x")).await.code, 404);
}

#[tokio::test(start_paused = true)]
async fn a_running_pod_gets_its_grace_which_only_shrinks() {
    let world = World::new().await;
    let created = pod(&world, "n1").await;
    let cases = [
        ("", "1970-01-01T00:00:30Z", 30, 1),
        ("gracePeriodSeconds=5", "1970-01-01T00:00:05Z", 5, 2),
        ("gracePeriodSeconds=20", "1970-01-01T00:00:05Z", 5, 2),
        ("", "1970-01-01T00:00:05Z", 5, 2),
        ("gracePeriodSeconds=0", "1970-01-01T00:00:00Z", 0, 4),
    ];
    for (query, timestamp, grace, writes) in cases {
        let answer = world.delete(&format!("{PODS}/x?{query}"), "").await;
        assert_eq!(
            ending(&answer.json()),
            (json!(timestamp), json!(grace)),
            "{query}"
        );
        assert_eq!(
            (answer.version(), answer.json()["metadata"]["generation"].clone()),
            (created + writes, json!(2)),
            "{query}"
        );
    }
    assert_eq!(world.get(&format!("{PODS}/x")).await.code, 404);
}

#[tokio::test(start_paused = true)]
async fn a_collection_is_answered_as_it_was() {
    let world = World::new().await;
    for (name, app) in [("a", "x"), ("b", "y"), ("c", "x")] {
        world
            .post(
                MAPS,
                &json!({"metadata": {"name": name, "labels": {"app": app}}}).to_string(),
            )
            .await;
    }
    let dry = world.delete(&format!("{MAPS}?dryRun=All"), "").await;
    assert_eq!(dry.names(), ["a", "b", "c"]);
    let some = world.delete(&format!("{MAPS}?labelSelector=app%3Dx"), "").await;
    assert_eq!(some.names(), ["a", "c"]);
    assert_eq!(world.get(MAPS).await.names(), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_ends_when_its_last_finalizer_is_gone() {
    let world = World::new().await;
    let path = "/api/v1/namespaces/gone";
    world
        .post(
            "/api/v1/namespaces",
            r#"{"metadata":{"name":"gone"},"spec":{"finalizers":["kubernetes"]}}"#,
        )
        .await;
    let refused = world.delete("/api/v1/namespaces/default", "").await;
    assert_eq!(
        refused.message(),
        "namespaces \"default\" is forbidden: this namespace may not be deleted"
    );
    let marked = world.delete(path, "").await.json();
    assert_eq!(marked["status"]["phase"], "Terminating");
    let create = world
        .post(&format!("{path}/configmaps"), r#"{"metadata":{"name":"c2"}}"#)
        .await;
    assert_eq!(
        create.message(),
        "configmaps \"c2\" is forbidden: unable to create new content in namespace gone because it is being terminated"
    );
    assert_eq!(
        create.json()["details"]["causes"][0]["reason"],
        "NamespaceTerminating"
    );
    let again = world
        .post("/api/v1/namespaces", r#"{"metadata":{"name":"gone"}}"#)
        .await;
    assert_eq!(
        again.message(),
        "object is being deleted: namespaces \"gone\" already exists"
    );
    let finalized = world
        .put(
            &format!("{path}/finalize"),
            r#"{"metadata":{"name":"gone"},"spec":{"finalizers":[]}}"#,
        )
        .await;
    assert_eq!(finalized.code, 200);
    assert_eq!(world.get(path).await.code, 404);
}
