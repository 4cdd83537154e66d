//! Watches: initial objects, changes through selectors, bookmarks and ends.

mod common;

use common::World;
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

/// `TYPE name revision` of each event.
fn show(events: &[Value]) -> Vec<String> {
    let show = |event: &Value| {
        let meta = &event["object"]["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let version = text(&meta["resourceVersion"]);
        format!("{} {} {version}", text(&event["type"]), text(&meta["name"]))
    };
    events.iter().map(show).collect()
}

async fn create(world: &World, name: &str, app: &str) -> u64 {
    let body = json!({"metadata": {"name": name, "labels": {"app": app}}});
    world.post(MAPS, &body.to_string()).await.version()
}

#[tokio::test(start_paused = true)]
async fn what_is_there_comes_first_and_the_watch_ends_on_time() {
    let world = World::new().await;
    let (b, a) = (create(&world, "b", "x").await, create(&world, "a", "x").await);
    let start = tokio::time::Instant::now();
    let events = world.watch(&format!("{MAPS}?watch=1&timeoutSeconds=7")).await;
    assert_eq!(show(&events), [format!("ADDED a {a}"), format!("ADDED b {b}")]);
    assert_eq!(start.elapsed().as_secs(), 7);
    assert_eq!(events[0]["object"]["kind"], "ConfigMap");
}

#[tokio::test(start_paused = true)]
async fn changes_after_a_revision_come_through_the_selector() {
    let world = World::new().await;
    create(&world, "c0", "y").await;
    let start = create(&world, "c1", "x").await;
    create(&world, "c2", "y").await;
    let c0 = format!("{MAPS}/c0");
    world.merge(&c0, r#"{"metadata":{"labels":{"app":"x"}}}"#).await;
    world.merge(&c0, r#"{"data":{"k":"1"}}"#).await;
    world
        .merge(&c0, r#"{"metadata":{"labels":{"app":"z"}},"data":{"k":"2"}}"#)
        .await;
    world.delete(&format!("{MAPS}/c1"), "").await;
    world.delete(&format!("{MAPS}/c2"), "").await;
    let query = format!("watch=1&timeoutSeconds=1&resourceVersion={start}");
    let all = world.watch(&format!("{MAPS}?{query}")).await;
    let expected = [
        "ADDED c2",
        "MODIFIED c0",
        "MODIFIED c0",
        "MODIFIED c0",
        "DELETED c1",
        "DELETED c2",
    ];
    let numbered = |list: &[(&str, u64)]| {
        list.iter()
            .map(|(text, n)| format!("{text} {}", start + n))
            .collect::<Vec<_>>()
    };
    let expected: Vec<_> = expected.iter().copied().zip(1..).collect();
    assert_eq!(show(&all), numbered(&expected));
    let some = world
        .watch(&format!("{MAPS}?{query}&labelSelector=app%3Dx"))
        .await;
    let expected = [
        ("ADDED c0", 2),
        ("MODIFIED c0", 3),
        ("DELETED c0", 4),
        ("DELETED c1", 5),
    ];
    assert_eq!(show(&some), numbered(&expected));
    // What leaves the selector is shown as it was when it still matched.
    assert_eq!(some[2]["object"]["data"], json!({"k": "1"}));
    assert_eq!(some[2]["object"]["metadata"]["labels"], json!({"app": "x"}));
}

#[tokio::test(start_paused = true)]
async fn a_streamed_list_ends_with_a_bookmark() {
    let world = World::new().await;
    let revision = create(&world, "a", "x").await;
    let query = "watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    let bare = world.watch(&format!("{MAPS}?{query}")).await;
    assert_eq!(show(&bare), [format!("ADDED a {revision}")]);
    let marked = world
        .watch(&format!("{MAPS}?{query}&allowWatchBookmarks=true"))
        .await;
    assert_eq!(
        marked[1],
        json!({"type": "BOOKMARK", "object": {
            "kind": "ConfigMap", "apiVersion": "v1",
            "metadata": {
                "resourceVersion": revision.to_string(),
                "annotations": {"k8s.io/initial-events-end": "true"},
            },
        }})
    );
    let none = world
        .watch(&format!(
            "{MAPS}?{}",
            query.replace("Events=true", "Events=false")
        ))
        .await;
    assert!(none.is_empty(), "{none:?}");
    let future = world
        .watch(&format!("{MAPS}?{query}&resourceVersion={}", revision + 1000))
        .await;
    assert_eq!(future[0]["object"]["code"], 504);
    assert_eq!(future.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_watch_says_how_far_it_has_come() {
    let world = World::new().await;
    let start = create(&world, "a", "x").await;
    world
        .post("/api/v1/namespaces", r#"{"metadata":{"name":"elsewhere"}}"#)
        .await;
    let url = format!("{MAPS}?watch=1&timeoutSeconds=130&allowWatchBookmarks=true&resourceVersion={start}");
    let events = show(&world.watch(&url).await);
    assert_eq!(events.len(), 3, "{events:?}");
    assert!(
        events
            .iter()
            .all(|event| *event == format!("BOOKMARK - {}", start + 1)),
        "{events:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_starts_too_far_back_is_told_so_in_the_stream() {
    use krate_apiserver::Server;
    let server = Server::builder().history(2).build().unwrap();
    let world = World {
        service: server.service(),
        server,
    };
    for name in ["a", "b", "c", "d"] {
        world
            .post("/api/v1/nodes", &json!({"metadata": {"name": name}}).to_string())
            .await;
    }
    let answer = world.get("/api/v1/nodes?watch=1&resourceVersion=1").await;
    assert_eq!(answer.code, 200);
    let event = answer.json();
    assert_eq!(
        (&event["type"], &event["object"]["reason"]),
        (&json!("ERROR"), &json!("Expired"))
    );
    let message = event["object"]["message"].as_str().unwrap();
    assert!(message.starts_with("too old resource version: 1 ("), "{message}");
}

#[tokio::test(start_paused = true)]
async fn the_deprecated_form_watches_one_name() {
    let world = World::new().await;
    create(&world, "a", "x").await;
    let revision = create(&world, "b", "x").await;
    let events = world
        .watch("/api/v1/watch/namespaces/default/configmaps/b?timeoutSeconds=1")
        .await;
    assert_eq!(show(&events), [format!("ADDED b {revision}")]);
}

#[tokio::test(start_paused = true)]
async fn watches_end_when_the_server_stops() {
    let world = World::new().await;
    let watching = tokio::spawn({
        let service = world.service.clone();
        let world = World {
            service,
            server: world.server.clone(),
        };
        async move { world.watch(&format!("{MAPS}?watch=1")).await }
    });
    tokio::task::yield_now().await;
    world.server.shutdown().await;
    assert!(watching.await.unwrap().is_empty());
}
