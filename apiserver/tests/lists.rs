//! Lists: order, selectors, pages and revisions.

mod common;

use common::World;
use serde_json::json;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

/// Five config maps c0..c4 with labels `app` (y,x,y,x,y) and `i`.
async fn world() -> World {
    let world = World::new().await;
    for i in 0..5 {
        let app = if i % 2 == 0 { "y" } else { "x" };
        let body = json!({"metadata": {"name": format!("c{i}"), "labels": {"app": app, "i": i.to_string()}}});
        assert_eq!(world.post(MAPS, &body.to_string()).await.code, 201);
    }
    world
}

#[tokio::test(start_paused = true)]
async fn selectors_pick_what_they_say() {
    let world = world().await;
    let cases = [
        ("labelSelector=app%3Dx", "c1 c3"),
        ("labelSelector=app!%3Dx", "c0 c2 c4"),
        ("labelSelector=app+in+(x,y),i+notin+(1)", "c0 c2 c3 c4"),
        ("labelSelector=!app", ""),
        ("labelSelector=i%3E2", "c3 c4"),
        ("fieldSelector=metadata.name%3Dc1", "c1"),
        (
            "fieldSelector=metadata.name!%3Dc1,metadata.namespace%3Ddefault",
            "c0 c2 c3 c4",
        ),
        ("labelSelector=app%3Dx&fieldSelector=metadata.name%3Dc3", "c3"),
    ];
    for (query, expected) in cases {
        let answer = world.get(&format!("{MAPS}?{query}")).await;
        assert_eq!(answer.names().join(" "), expected, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn unknown_fields_are_refused_in_two_ways() {
    let world = World::new().await;
    let cases = [
        (
            MAPS,
            "data.k%3D1",
            "\"data.k\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
        ),
        (
            "/api/v1/namespaces/default/pods",
            "spec.foo%3D1",
            "field label not supported: spec.foo",
        ),
    ];
    for (path, selector, message) in cases {
        let answer = world.get(&format!("{path}?fieldSelector={selector}")).await;
        assert_eq!((answer.code, answer.message().as_str()), (400, message));
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_of_one_state_and_say_how_many_follow() {
    let world = world().await;
    let first = world.get(&format!("{MAPS}?limit=2")).await.json();
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    let token = first["metadata"]["continue"].as_str().unwrap();
    world.post(MAPS, r#"{"metadata":{"name":"c11"}}"#).await;
    world.delete(&format!("{MAPS}/c4"), "").await;
    let second = world.get(&format!("{MAPS}?limit=2&continue={token}")).await;
    assert_eq!(second.names(), ["c2", "c3"]);
    let second = second.json();
    assert_eq!(
        second["metadata"]["resourceVersion"],
        first["metadata"]["resourceVersion"]
    );
    let token = second["metadata"]["continue"].as_str().unwrap();
    let third = world.get(&format!("{MAPS}?limit=2&continue={token}")).await;
    assert_eq!(third.names(), ["c4"]);
    assert_eq!(third.json()["metadata"].get("continue"), None);
    assert_eq!(world.get(MAPS).await.names(), ["c0", "c1", "c11", "c2", "c3"]);
}

#[tokio::test(start_paused = true)]
async fn pages_through_a_selector_do_not_count_the_rest() {
    let world = world().await;
    let first = world.get(&format!("{MAPS}?limit=1&labelSelector=app%3Dx")).await;
    assert_eq!(first.names(), ["c1"]);
    let first = first.json();
    assert_eq!(first["metadata"].get("remainingItemCount"), None);
    let token = first["metadata"]["continue"].as_str().unwrap();
    let second = world
        .get(&format!("{MAPS}?limit=5&labelSelector=app%3Dx&continue={token}"))
        .await;
    assert_eq!(second.names(), ["c3"]);
}

#[tokio::test(start_paused = true)]
async fn a_state_of_the_past_is_listed_as_it_was() {
    let world = World::new().await;
    let created = world.post(MAPS, r#"{"metadata":{"name":"a"}}"#).await.version();
    world.post(MAPS, r#"{"metadata":{"name":"b"}}"#).await;
    let cases = [
        (
            format!("resourceVersion={created}&resourceVersionMatch=Exact"),
            "a",
            created,
        ),
        (format!("resourceVersion={created}&limit=5"), "a", created),
        (format!("resourceVersion={created}"), "a b", created + 1),
        (
            format!("resourceVersion={created}&resourceVersionMatch=NotOlderThan"),
            "a b",
            created + 1,
        ),
        ("resourceVersion=0&limit=1".to_owned(), "a b", created + 1),
        ("limit=-1".to_owned(), "a b", created + 1),
    ];
    for (query, names, version) in cases {
        let answer = world.get(&format!("{MAPS}?{query}")).await;
        assert_eq!(
            (answer.names().join(" ").as_str(), answer.version()),
            (names, version),
            "{query}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_of_the_future_is_waited_for_and_then_refused() {
    let world = World::new().await;
    let now = world.get(MAPS).await.version();
    let message = format!(
        "Timeout: Too large resource version: {}, current: {now}",
        now + 1000
    );
    let cases = [
        (MAPS, "", 3, true),
        (MAPS, "&resourceVersionMatch=Exact", 0, true),
    ];
    for (path, more, seconds, retry) in cases {
        let start = tokio::time::Instant::now();
        let answer = world
            .get(&format!("{path}?resourceVersion={}{more}", now + 1000))
            .await;
        assert_eq!((answer.code, answer.message()), (504, message.clone()));
        assert_eq!(start.elapsed().as_secs(), seconds);
        assert_eq!(answer.headers.contains_key("retry-after"), retry);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_of_a_forgotten_state_can_be_continued_inconsistently() {
    use krate_apiserver::Server;
    let server = Server::builder().history(2).build().unwrap();
    let world = World {
        service: server.service(),
        server,
    };
    let nodes = "/api/v1/nodes";
    for name in ["a", "b", "c"] {
        world
            .post(nodes, &json!({"metadata": {"name": name}}).to_string())
            .await;
    }
    let first = world.get(&format!("{nodes}?limit=1")).await.json();
    let token = first["metadata"]["continue"].as_str().unwrap();
    for name in ["d", "e", "f"] {
        world
            .post(nodes, &json!({"metadata": {"name": name}}).to_string())
            .await;
    }
    let gone = world.get(&format!("{nodes}?limit=1&continue={token}")).await;
    assert_eq!(gone.code, 410);
    assert_eq!(gone.json()["reason"], "Expired");
    let token = gone.json()["metadata"]["continue"].as_str().unwrap().to_owned();
    assert_eq!(
        world
            .get(&format!("{nodes}?continue={token}"))
            .await
            .names()
            .join(""),
        "bcdef"
    );
}
