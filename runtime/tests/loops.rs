//! Reconcilers that never come to rest, and what the runtime does about them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use krate::controller::Controller;
use krate::k8s_openapi::api::core::v1::ConfigMap;
use krate::k8s_openapi::api::events::v1::Event;
use krate::operator::{Part, Site, Stage, Stop};
use krate::prelude::*;
use krate_testing::Cluster;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

const NAMESPACE: &str = "shop";

/// Clock is something that tells the time.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Clock",
    namespaced,
    status = "ClockStatus"
)]
pub struct ClockSpec {
    /// How the child is written.
    pub fights: bool,
}

/// What was seen of it.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
pub struct ClockStatus {
    /// The last time it was looked at.
    pub seen: i64,
}

/// Writes the time into the status with each run, or two values after each other into one field of a child.
#[derive(Reconciler)]
#[reconciler(for = Clock, owns(ConfigMap))]
struct Clocks {
    now: AtomicI64,
    starts: Arc<Mutex<Vec<Instant>>>,
}

impl Reconcile for Clocks {
    async fn reconcile(&self, clock: Arc<Clock>, cx: &Context<Self>) -> Result<Action> {
        self.starts
            .lock()
            .expect("no test panics while holding it")
            .push(Instant::now());
        if clock.spec.fights {
            for mode in ["day", "night"] {
                cx.apply(&clock, child(&clock, mode)).await?;
            }
        } else {
            let seen = self.now.fetch_add(1, Ordering::SeqCst);
            cx.status(&clock, |status| status.seen = seen).await?;
        }
        Ok(Action::done())
    }
}

fn child(clock: &Clock, mode: &str) -> ConfigMap {
    let mut child = ConfigMap::default();
    child.metadata.name = Some(clock.name_any());
    child.data = Some([("mode".to_owned(), mode.to_owned())].into());
    child
}

struct World {
    cluster: Cluster,
    clocks: Api<Clock>,
    site: Site,
    starts: Arc<Mutex<Vec<Instant>>>,
    stop: Stop,
    task: JoinHandle<Result<()>>,
}

impl World {
    async fn run(change: impl Fn(Controller<Clocks>) -> Controller<Clocks> + Send) -> Self {
        let cluster = Cluster::embedded().expect("a cluster");
        cluster.namespace(NAMESPACE).await.expect("a namespace");
        cluster.install::<Clock>().await.expect("the kind is installed");
        let starts = Arc::new(Mutex::new(Vec::new()));
        let reconciler = Clocks {
            now: AtomicI64::new(1),
            starts: Arc::clone(&starts),
        };
        let (tell, told) = oneshot::channel();
        let spy = Part::new("spy", |scope| async move {
            let _ = tell.send(scope.site().clone());
            scope.ready();
            scope.stopped().await;
            Ok(())
        });
        let operator = Operator::new()
            .client(cluster.client())
            .controller(change(Controller::new(reconciler)))
            .part(Stage::Servers, spy);
        let stop = Stop::new();
        let until = stop.clone();
        let task = tokio::spawn(async move { operator.run_until(&until).await });
        Self {
            clocks: Api::namespaced(cluster.client(), NAMESPACE),
            cluster,
            site: told.await.expect("the operator starts"),
            starts,
            stop,
            task,
        }
    }

    async fn create(&self, fights: bool) {
        let clock = Clock::new("big", ClockSpec { fights });
        self.clocks
            .create(&PostParams::default(), &clock)
            .await
            .expect("the object is sound");
    }

    fn starts(&self) -> Vec<Instant> {
        self.starts
            .lock()
            .expect("no test panics while holding it")
            .clone()
    }

    /// Stops the operator and returns the notes of its events.
    async fn stop(self) -> Vec<String> {
        self.stop.request();
        self.task.await.expect("no panic").expect("it stops in order");
        let events: Api<Event> = Api::namespaced(self.cluster.client(), NAMESPACE);
        let events = events.list(&ListParams::default()).await.expect("events");
        let loops = events
            .items
            .into_iter()
            .filter(|event| event.reason.as_deref() == Some("HotLoop"));
        loops.filter_map(|event| event.note).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_tells_the_time_is_slowed_down_and_reported_once() {
    let world = World::run(|controller| controller).await;
    world.create(false).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let runs = world.starts().len();
    // Ten at full speed and the first from outside; then one after 1, 2, 4, .. 64 seconds.
    assert!((12..=20).contains(&runs), "{runs}");
    assert_eq!(world.site.controllers()[0].stats.looped, 1);
    let shown = world.site.metrics_text(krate::metrics::Format::Text);
    let hot = "krate_reconcile_hot_loops_total{controller=\"clock\"} 1.0\n";
    assert!(shown.contains(hot), "{shown}");
    let [note] = world.stop().await.try_into().expect("one event");
    assert!(note.contains("Clock shop/big .status.seen"), "{note}");
}

#[tokio::test(start_paused = true)]
async fn two_values_that_fight_for_a_field_are_slowed_down_and_named() {
    let world = World::run(|controller| controller).await;
    world.create(true).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let runs = world.starts().len();
    assert!((12..=20).contains(&runs), "{runs}");
    let [note] = world.stop().await.try_into().expect("one event");
    assert!(note.contains("ConfigMap shop/big .data.mode"), "{note}");
}

#[tokio::test(start_paused = true)]
async fn what_others_change_is_never_held_back() {
    let world = World::run(|controller| controller).await;
    world.create(false).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    let label = Patch::Merge(json!({ "metadata": { "labels": { "a": "b" } } }));
    let before = world.starts().len();
    let now = Instant::now();
    world
        .clocks
        .patch("big", &PatchParams::default(), &label)
        .await
        .expect("a label");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let after = world.starts();
    assert!(after.len() > before, "a run started");
    assert!(after[before] - now < Duration::from_millis(50));
    world.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_is_allowed_runs_at_full_speed() {
    let world = World::run(|controller| {
        controller
            .allow_hot_loops()
            .min_interval(Duration::from_millis(100))
    })
    .await;
    world.create(false).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(world.starts().len() > 50);
    assert_eq!(world.site.controllers()[0].stats.looped, 0);
    assert!(world.stop().await.is_empty());
}
