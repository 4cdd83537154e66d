//! Who runs when: fairness, single flight, back-off.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolume, Secret};
use krate::controller::Controller;
use krate::queue::Backoff;
use krate::trigger::Triggers;
use krate::{Action, Error};
use kube_runtime::controller;
use serde_json::json;

use crate::peer::{Peer, Told};
use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::Server;
use crate::{MINUTE, SECOND, owned_by, peer};

/// How often each of `count` objects ran.
fn tally(count: usize, keys: Vec<String>) -> Vec<usize> {
    let mut tally: BTreeMap<String, usize> = (0..count).map(|number| (format!("a/{number}"), 0)).collect();
    for key in keys {
        *tally.entry(key).or_default() += 1;
    }
    tally.into_values().collect()
}

// The peer keeps what is due in a set and takes whatever comes first in it.
#[tokio::test(start_paused = true)]
async fn f01_no_object_starves_however_busy_the_workers_are() {
    const OBJECTS: usize = 200;
    const RUN: Duration = Duration::from_millis(20);
    const AGAIN: Duration = Duration::from_millis(500);
    let server = Server::new();
    for number in 0..OBJECTS {
        server.put("configmaps", &format!("a/{number}"), json!({}));
    }
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, _| async {
        tokio::time::sleep(RUN).await;
        Ok(Action::requeue(AGAIN))
    });
    let running = Running::start(with(Controller::new(probe).workers(4)), &server).await;
    pass(SECOND * 20).await;
    running.stop().await.unwrap();
    let ours = tally(OBJECTS, runs.keys());
    let (least, most) = (ours.iter().min().unwrap(), ours.iter().max().unwrap());
    // On average twenty; those whose first run came late, because what was there before is less urgent, have less.
    assert!(*least >= 15 && *most <= 25, "between {least} and {most} runs");

    let config = controller::Config::default().concurrency(4);
    let peer = peer::controller::<ConfigMap>(&server).with_config(config);
    let peer = Peer::behaving(peer, |_| async {
        tokio::time::sleep(RUN).await;
        Ok(controller::Action::requeue(AGAIN))
    });
    pass(SECOND * 20).await;
    let theirs = tally(OBJECTS, peer.keys());
    let never = theirs.iter().filter(|runs| **runs == 0).count();
    assert!(never > 0, "the peer is fair: {theirs:?}");
}

// The peer's error policy knows no failures in a row, so the best it can do is to try again at a fixed pace.
#[tokio::test(start_paused = true)]
async fn f08_each_object_backs_off_by_itself_and_success_starts_over() {
    let server = Server::new();
    server.put("configmaps", "a/bad", json!({}));
    server.put("configmaps", "a/good", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |object, attempt| async move {
        match object.metadata.name.as_deref() {
            Some("bad") if attempt < 6 => Err(Error::new("told to fail")),
            _ => Ok(Action::done()),
        }
    });
    let backoff = Backoff {
        base: SECOND,
        max: MINUTE,
    };
    let running = Running::start(with(Controller::new(probe).backoff(backoff)), &server).await;
    pass(MINUTE * 5).await;
    let bad = runs.of("a/bad");
    assert_eq!(
        bad.iter().map(|run| run.attempt).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4, 5, 6]
    );
    for (failures, pair) in (1..).zip(bad.windows(2)) {
        assert!(pair[1].at - pair[0].at <= backoff.limit(failures) + MOMENT);
        assert_eq!(pair[1].cause, "retry");
    }
    assert_eq!(runs.of("a/good").len(), 1);
    server.put("configmaps", "a/bad", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    assert_eq!(runs.of("a/bad").last().map(|run| run.attempt), Some(0));
    running.stop().await.unwrap();

    let peer = Peer::behaving(peer::controller::<ConfigMap>(&server), |object| async move {
        match object.metadata.name.as_deref() {
            Some("bad") => Err(Told),
            _ => Ok(controller::Action::await_change()),
        }
    });
    pass(MINUTE * 5).await;
    let theirs = peer.started();
    let bad: Vec<_> = theirs.iter().filter(|(_, key)| key == "a/bad").collect();
    assert!(bad.len() > 250, "the peer backs off: {} runs", bad.len());
}

/// Counts how many runs are under way, and how many were at most.
#[derive(Clone, Default)]
struct Gauge(Arc<(AtomicUsize, AtomicUsize)>);

impl Gauge {
    async fn hold(self, time: Duration) {
        let (inside, most) = (&self.0.0, &self.0.1);
        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(time).await;
        inside.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

// The peer gives a cluster-scoped owner one key per namespace of its children.
#[tokio::test(start_paused = true)]
async fn f12_a_cluster_scoped_owner_runs_once_at_a_time_wherever_its_children_are() {
    let server = Server::new();
    let owner = server.put("persistentvolumes", "disk", json!({}));
    let bear = |round: &str| {
        for namespace in ["a", "b", "c"] {
            let child = owned_by(&owner, "v1", "PersistentVolume");
            server.put("secrets", &format!("{namespace}/{round}"), child);
        }
    };
    let gauge = Gauge::default();
    let ours = gauge.clone();
    let (probe, runs) = Probe::<PersistentVolume>::behaving("probe", move |_, _| {
        let gauge = ours.clone();
        async move {
            gauge.hold(SECOND).await;
            Ok(Action::done())
        }
    });
    let controller = Controller::new(probe)
        .workers(8)
        .triggers(Triggers::owns::<Secret>);
    let running = Running::start(with(controller), &server).await;
    pass(SECOND * 2).await;
    runs.clear();
    bear("first");
    pass(MINUTE).await;
    assert_eq!(gauge.most(), 1);
    assert!(runs.keys().iter().all(|key| key == "disk"), "{:?}", runs.keys());
    assert!(
        (1..=2).contains(&runs.keys().len()),
        "three events, at most one run more than the first"
    );
    running.stop().await.unwrap();

    let gauge = Gauge::default();
    let theirs = gauge.clone();
    let peer =
        peer::controller::<PersistentVolume>(&server).owns(peer::api::<Secret>(&server), Default::default());
    let _peer = Peer::behaving(peer, move |_| {
        let gauge = theirs.clone();
        async move {
            gauge.hold(SECOND).await;
            Ok(controller::Action::await_change())
        }
    });
    pass(SECOND * 10).await;
    bear("second");
    pass(MINUTE).await;
    assert!(gauge.most() > 1, "the peer runs it once at a time");
}

// controller-runtime hands out by strict priority: what was there at the start waits for as long as others change.
#[tokio::test(start_paused = true)]
async fn c1_objects_of_the_first_list_run_however_many_others_change() {
    let server = Server::new();
    for number in 0..40 {
        server.put("configmaps", &format!("a/old-{number}"), json!({}));
    }
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, _| async {
        tokio::time::sleep(MOMENT).await;
        Ok(Action::done())
    });
    let _running = Running::start(with(probe), &server).await;
    // One worker runs a hundred a second, and twice as many change.
    for round in 0..1000 {
        for number in 0..2 {
            let name = format!("a/new-{}", (2 * round + number) % 50);
            server.put("configmaps", &name, json!({"data": {"round": round.to_string()}}));
        }
        pass(MOMENT).await;
    }
    let old: Vec<String> = runs
        .keys()
        .into_iter()
        .filter(|key| key.contains("old"))
        .collect();
    assert_eq!(old.len(), 40, "all of the first list ran, each once");
    assert!(runs.keys().len() > 900, "and the worker was never idle");
}

// controller-runtime merges a requeue that is asked for into whatever of that key is ready by then.
#[tokio::test(start_paused = true)]
async fn c2_a_requeue_is_lost_to_no_event_and_no_failure() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    // Asks for a minute; fails while it holds `fail`.
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |object, _| async move {
        tokio::time::sleep(SECOND).await;
        match object.data.iter().flatten().next() {
            Some(_) => Err(Error::new("told to fail")),
            None => Ok(Action::requeue(MINUTE)),
        }
    });
    let backoff = Backoff {
        base: SECOND,
        max: SECOND,
    };
    let _running = Running::start(with(Controller::new(probe).backoff(backoff)), &server).await;
    let change = |data| server.put("configmaps", "a/one", json!({ "data": data }));
    // During the run that asks; while the requeue is pending; and by runs that fail.
    pass(SECOND / 2).await;
    change(json!({}));
    pass(SECOND * 10).await;
    change(json!({"fail": ""}));
    pass(SECOND * 10).await;
    change(json!({}));
    pass(SECOND * 10).await;
    let last = runs.all().last().map(|run| run.at).unwrap();
    runs.clear();
    pass(MINUTE * 2).await;
    let next = &runs.all()[0];
    assert_eq!(next.cause, "timer");
    assert_eq!(
        (next.at - last).as_secs(),
        61,
        "a run of a second, and the minute it asked for"
    );
}
