//! Lists and watches, and who waits for them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use krate::Operator;
use kube_runtime::{WatchStreamExt, reflector, watcher};
use serde_json::json;
use tokio::time::timeout;

use crate::peer::{Peer, drain};
use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::{Fault, Server, Verb};
use crate::{MINUTE, SECOND, peer};

// A subscriber of the peer's that is behind a delete waits for ever, its buffer fills up, and the root stands still.
#[tokio::test(start_paused = true)]
async fn f04_controllers_that_share_a_watch_see_deletes_and_never_hang() {
    /// One that comes and goes at once, then many that stay.
    async fn bustle(server: &Server) {
        server.put("configmaps", "a/brief", json!({}));
        server.delete("configmaps", "a/brief");
        pass(SECOND).await;
        for number in 0..20 {
            server.put("configmaps", &format!("a/{number}"), json!({}));
        }
        pass(MINUTE).await;
        server.delete("configmaps", "a/first");
        pass(MINUTE).await;
    }
    let server = Server::new();
    server.put("configmaps", "a/first", json!({}));
    let (one, one_runs) = Probe::<ConfigMap>::new("one");
    let (two, two_runs) = Probe::<ConfigMap>::new("two");
    let running = Running::start(Operator::new().controller(one).controller(two), &server).await;
    pass(SECOND).await;
    bustle(&server).await;
    for runs in [one_runs, two_runs] {
        assert_eq!(runs.keys().len(), 21, "{:?}", runs.keys());
        assert_eq!(runs.forgotten(), ["a/brief", "a/first"]);
    }
    assert_eq!(
        server.asked("configmaps", Verb::Watch).len(),
        1,
        "there is one watch"
    );
    running.stop().await.unwrap();

    let server = Server::new();
    server.put("configmaps", "a/first", json!({}));
    let (reader, writer) = reflector::store_shared::<ConfigMap>(4);
    let shared = writer.subscribe().unwrap();
    let events = watcher(peer::api::<ConfigMap>(&server), watcher::Config::default());
    let root = drain(events.default_backoff().reflect_shared(writer));
    let controller = kube_runtime::Controller::for_shared_stream(shared, reader.clone());
    let peer = Peer::new(controller);
    pass(SECOND).await;
    bustle(&server).await;
    assert!(peer.keys().len() < 21, "the peer saw all: {:?}", peer.keys());
    root.abort();
}

// The peer decodes a list as a whole.
#[tokio::test(start_paused = true)]
async fn f06_an_object_that_does_not_decode_costs_a_count_and_delays_nobody() {
    let server = Server::new();
    server.put("configmaps", "a/bad", json!({"data": 5}));
    server.put("configmaps", "a/good", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    let peer = Peer::new(peer::controller::<ConfigMap>(&server));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/good"]);
    assert_eq!(running.cache("ConfigMap").unreadable, 1);

    server.put("configmaps", "a/bad", json!({"data": 6}));
    server.put("configmaps", "a/good", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/good", "a/good"]);
    let report = running.cache("ConfigMap");
    assert_eq!((report.unreadable, report.failures), (2, 0));

    pass(MINUTE).await;
    assert!(peer.keys().is_empty(), "the peer ran {:?}", peer.keys());
    server.put("configmaps", "a/bad", json!({"data": {}}));
    pass(MOMENT).await;
    let last = runs.keys().pop();
    assert_eq!(
        last.as_deref(),
        Some("a/bad"),
        "it is tried again when it changes"
    );
}

/// The times between requests, in seconds.
fn gaps(server: &Server, verb: Verb) -> Vec<f32> {
    let asked = server.asked("configmaps", verb);
    let pairs = asked.windows(2);
    pairs
        .map(|pair| (pair[1].at - pair[0].at).as_secs_f32())
        .collect()
}

// Each attempt of the peer's watcher begins with good news, which ends the row of failures it backs off from.
#[tokio::test(start_paused = true)]
async fn f07_lists_that_fail_are_tried_less_and_less_often() {
    const TIME: Duration = Duration::from_secs(600);
    let server = Server::new();
    server.fail("configmaps", Fault::Refused(500));
    let (probe, _) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    pass(TIME).await;
    let ours = gaps(&server, Verb::List);
    let limits = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0];
    for (gap, limit) in ours.iter().zip(limits) {
        assert!((limit / 2.0..=limit + 0.01).contains(gap), "{ours:?}");
    }
    assert!(ours.len() < 60, "{} lists in ten minutes", ours.len());
    running.stop().await.unwrap();

    let server = Server::new();
    server.fail("configmaps", Fault::Refused(500));
    let events = watcher(peer::api::<ConfigMap>(&server), watcher::Config::default());
    let peer = drain(events.default_backoff());
    pass(TIME).await;
    let theirs = gaps(&server, Verb::List);
    assert!(theirs.len() > 300, "the peer backs off: {theirs:?}");
    peer.abort();
}

// The peer's store remembers one waker, however many wait.
#[tokio::test(start_paused = true)]
async fn f14_any_number_of_tasks_may_wait_for_a_cache() {
    const WAITERS: usize = 5;
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    server.fail("configmaps", Fault::Refused(500));
    let (probe, _) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    let store = running.site.caches().store::<ConfigMap>().unwrap();
    let controller = peer::controller::<ConfigMap>(&server);
    let reader = controller.store();
    let ready: Arc<Mutex<[usize; 2]>> = Arc::default();
    for _ in 0..WAITERS {
        let (store, reader) = (store.clone(), reader.clone());
        let (ours, theirs) = (Arc::clone(&ready), Arc::clone(&ready));
        tokio::spawn(async move {
            store.synced().await;
            ours.lock().unwrap()[0] += 1;
        });
        tokio::spawn(async move {
            if let Ok(Ok(())) = timeout(MINUTE * 60, reader.wait_until_ready()).await {
                theirs.lock().unwrap()[1] += 1;
            }
        });
    }
    let peer = Peer::new(controller);
    pass(SECOND).await;
    server.heal("configmaps");
    pass(MINUTE * 10).await;
    let [ours, theirs] = *ready.lock().unwrap();
    assert_eq!(ours, WAITERS);
    assert!(theirs < WAITERS, "the peer woke all");
    assert!(!peer.is_dead());
}
