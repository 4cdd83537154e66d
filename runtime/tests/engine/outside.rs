//! What starts runs besides the cluster, and how fast runs may start.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::ConfigMap;
use krate::cache::ObjectKey;
use krate::controller::Controller;
use krate::queue::{Backoff, Level, RateLimit};
use krate::trigger::Request;
use krate::{Action, Error};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::Server;

const SECOND: Duration = Duration::from_secs(1);

fn key(name: &str) -> ObjectKey {
    ObjectKey::namespaced("a", name)
}

fn server() -> Server {
    let server = Server::new();
    for name in ["one", "two", "three"] {
        server.put("configmaps", &format!("a/{name}"), json!({}));
    }
    server
}

#[tokio::test(start_paused = true)]
async fn every_key_of_a_channel_is_run_however_small_the_channel() {
    let server = server();
    let (sender, receiver) = mpsc::channel(1);
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).triggers(|triggers| triggers.channel("payments", receiver));
    let running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    runs.clear();
    for name in ["one", "two", "three", "missing"] {
        sender
            .send(Request::new(key(name)).because("payment 7"))
            .await
            .unwrap();
    }
    pass(MOMENT).await;
    let shown: Vec<String> = runs
        .all()
        .iter()
        .map(|run| format!("{} {}", run.key, run.cause))
        .collect();
    assert_eq!(
        shown,
        [
            "a/one payments: payment 7",
            "a/two payments: payment 7",
            "a/three payments: payment 7"
        ]
    );
    running.stop().await.unwrap();
    assert!(sender.is_closed(), "nobody takes from it any more");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_or_ends_harms_no_other() {
    let server = server();
    let bad = stream::iter([1]).map(|_| -> ObjectKey { panic!("told to panic") });
    let short = stream::iter([key("one")]);
    let (sender, receiver) = mpsc::channel(8);
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).triggers(|triggers| {
        triggers
            .stream("bad", bad)
            .stream("short", short)
            .channel("good", receiver)
    });
    let _running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    runs.clear();
    sender.send(key("two")).await.unwrap();
    sender.send(key("two")).await.unwrap();
    pass(MOMENT).await;
    assert_eq!(runs.all()[0].cause, "good");
}

#[tokio::test(start_paused = true)]
async fn a_request_can_wait() {
    let server = server();
    let (sender, receiver) = mpsc::channel(8);
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).triggers(|triggers| triggers.channel("later", receiver));
    let _running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    runs.clear();
    let asked = Instant::now();
    sender
        .send(Request::new(key("one")).after(SECOND * 5))
        .await
        .unwrap();
    pass(SECOND * 6).await;
    let [run] = runs.all().try_into().unwrap();
    assert_eq!((run.at - asked).as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn each_object_is_reconciled_at_an_interval_until_it_goes() {
    let server = server();
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).every(SECOND * 10);
    let running = Running::start(with(controller), &server).await;
    pass(SECOND * 35).await;
    assert_eq!(runs.of("a/one").len(), 4);
    assert_eq!(runs.of("a/one")[1].cause, "timer");
    server.delete("configmaps", "a/one");
    pass(MOMENT).await;
    runs.clear();
    pass(SECOND * 35).await;
    assert!(runs.of("a/one").is_empty());
    assert_eq!(running.site.controllers()[0].waiting, 2, "and is not waited for");
}

#[tokio::test(start_paused = true)]
async fn runs_start_no_faster_than_their_limit() {
    let server = server();
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe)
        .workers(3)
        .run_limit(RateLimit::per_second(1, 1));
    let _running = Running::start(with(controller), &server).await;
    pass(SECOND * 10).await;
    let starts: Vec<_> = runs.all().iter().map(|run| run.at).collect();
    assert_eq!(starts.len(), 3);
    assert!(
        starts.windows(2).all(|pair| pair[1] - pair[0] >= SECOND),
        "{starts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn retries_of_all_objects_share_a_limit() {
    let server = server();
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, attempt| async move {
        match attempt {
            0 => Err(Error::new("told to fail")),
            _ => Ok(Action::done()),
        }
    });
    let backoff = Backoff {
        base: Duration::from_millis(1),
        max: Duration::from_millis(1),
    };
    let controller = Controller::new(probe)
        .backoff(backoff)
        .retry_limit(RateLimit::per_second(1, 1));
    let _running = Running::start(with(controller), &server).await;
    pass(SECOND * 10).await;
    let retries: Vec<_> = runs
        .all()
        .iter()
        .filter(|run| run.attempt == 1)
        .map(|run| run.at)
        .collect();
    assert_eq!(retries.len(), 3);
    assert!(
        retries
            .windows(2)
            .all(|pair| pair[1] - pair[0] >= SECOND - MOMENT),
        "{retries:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_action_says_how_urgent_the_next_run_is() {
    let server = server();
    let count = Arc::new(AtomicUsize::new(0));
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", move |object, _| {
        let is_first = count.fetch_add(1, Ordering::SeqCst) < 3;
        async move {
            let level = match object.metadata.name.as_deref() {
                Some("one") => Level::Low,
                Some("two") => Level::Normal,
                _ => Level::High,
            };
            Ok(match is_first {
                true => Action::requeue(SECOND * 10).priority(level),
                false => Action::done(),
            })
        }
    });
    // All three are due when the next may start.
    let controller = Controller::new(probe).run_limit(RateLimit {
        interval: SECOND * 20,
        burst: 3,
    });
    let _running = Running::start(with(controller), &server).await;
    pass(SECOND * 19).await;
    assert_eq!(runs.keys().len(), 3);
    runs.clear();
    pass(SECOND * 45).await;
    assert_eq!(runs.keys(), ["a/three", "a/two", "a/one"]);
}
