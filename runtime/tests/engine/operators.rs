//! How an operator starts, stops, and fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::operator::{Part, Stage, Stop};
use krate::{Action, Error, Operator};
use serde_json::json;

use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::{Fault, Server, Verb};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What happened, in order.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, entry: impl Into<String>) {
        self.0.lock().unwrap().push(entry.into());
    }

    fn entries(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// A part that notes when it starts and when it ends.
    fn part(&self, name: &'static str) -> Part {
        let diary = self.clone();
        Part::new(name, move |scope| async move {
            diary.note(format!("+{name}"));
            scope.ready();
            scope.stopped().await;
            diary.note(format!("-{name}"));
            Ok(())
        })
    }
}

/// A probe whose runs take a second, and are noted.
fn slow(diary: &Diary) -> Probe<ConfigMap> {
    let diary = diary.clone();
    let (probe, _) = Probe::<ConfigMap>::behaving("slow", move |_, _| {
        let diary = diary.clone();
        async move {
            diary.note("+run");
            tokio::time::sleep(SECOND).await;
            diary.note("-run");
            Ok(Action::done())
        }
    });
    probe
}

#[tokio::test(start_paused = true)]
async fn everything_starts_in_order_and_stops_in_order_with_the_lease_last() {
    let (server, diary) = (Server::new(), Diary::default());
    server.put("configmaps", "a/one", json!({}));
    server.put("configmaps", "a/two", json!({}));
    let operator = with(slow(&diary))
        .part(Stage::Election, diary.part("election"))
        .part(Stage::Tasks, diary.part("task"))
        .part(Stage::Webhooks, diary.part("webhook"))
        .part(Stage::Servers, diary.part("server"));
    let running = Running::start(operator, &server).await;
    pass(MOMENT).await;
    running.stop().await.unwrap();
    let expected = [
        "+server",
        "+webhook",
        "+task",
        "+election",
        "+run", // The second object is never started.
        "-run",
        "-task",
        "-webhook",
        "-server",
        "-election",
    ];
    assert_eq!(diary.entries(), expected);
}

#[tokio::test(start_paused = true)]
async fn the_caches_are_there_before_tasks_and_no_run_starts_before_the_election() {
    let (server, diary) = (Server::new(), Diary::default());
    server.put("configmaps", "a/one", json!({}));
    let (before, elect) = (diary.clone(), Arc::new(tokio::sync::Notify::new()));
    let elected = Arc::clone(&elect);
    let task = Part::new("task", move |scope| async move {
        before.note(format!("{} cached", scope.site().caches().reports()[0].objects));
        Ok(())
    });
    let election = Part::new("election", move |scope| async move {
        elected.notified().await;
        scope.ready();
        scope.stopped().await;
        Ok(())
    });
    let operator = with(slow(&diary))
        .part(Stage::Election, election)
        .part(Stage::Tasks, task);
    let _running = Running::start(operator, &server).await;
    pass(MINUTE).await;
    assert_eq!(diary.entries(), ["1 cached"], "warm, and waiting");
    elect.notify_one();
    pass(MOMENT).await;
    assert_eq!(diary.entries(), ["1 cached", "+run"]);
}

#[tokio::test(start_paused = true)]
async fn runs_that_do_not_end_in_time_are_cut_off_and_that_is_an_error() {
    let (server, diary) = (Server::new(), Diary::default());
    server.put("configmaps", "a/one", json!({}));
    let operator = with(slow(&diary))
        .grace(SECOND / 2)
        .part(Stage::Servers, diary.part("server"));
    let running = Running::start(operator, &server).await;
    pass(MOMENT).await;
    let error = running.stop().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "stopping took too long: controllers were cut off"
    );
    assert_eq!(diary.entries(), ["+server", "+run", "-server"]);
}

#[tokio::test(start_paused = true)]
async fn a_second_request_cuts_off_at_once() {
    let (server, diary) = (Server::new(), Diary::default());
    server.put("configmaps", "a/one", json!({}));
    let running = Running::start(with(slow(&diary)).grace(MINUTE), &server).await;
    pass(MOMENT).await;
    running.stop.request();
    pass(MOMENT).await;
    let forced = tokio::time::Instant::now();
    running.stop.force();
    assert!(running.ended().await.is_err());
    assert!(forced.elapsed() < MOMENT);
    assert_eq!(diary.entries(), ["+run"]);
}

#[tokio::test(start_paused = true)]
async fn stopping_works_at_any_time_and_twice() {
    for (fault, wait) in [
        (None, Duration::ZERO),
        (Some(Fault::Silent), MINUTE),
        (Some(Fault::Refused(404)), MINUTE),
    ] {
        let server = Server::new();
        fault
            .clone()
            .into_iter()
            .for_each(|fault| server.fail("configmaps", fault));
        let (probe, _) = Probe::<ConfigMap>::new("probe");
        let running = Running::start(with(probe), &server).await;
        pass(wait).await;
        running.stop.request();
        running.stop().await.unwrap();
        let asked = server.asked("configmaps", Verb::List).len();
        pass(MINUTE * 10).await;
        assert_eq!(
            server.asked("configmaps", Verb::List).len(),
            asked,
            "{fault:?}: nothing goes on after the end"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_asked_for_before_the_start_is_kept() {
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let stop = Stop::new();
    stop.request();
    with(probe)
        .client(Server::new().client())
        .run_until(&stop)
        .await
        .unwrap();
    assert!(runs.keys().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_part_that_fails_stops_the_operator_and_says_so() {
    type MakePart = fn() -> Part;
    let failures: [(&str, MakePart); 2] = [
        ("failed to run metrics: no port is free", || {
            Part::new("metrics", |scope| async move {
                scope.ready();
                tokio::time::sleep(SECOND).await;
                Err(Error::new("no port is free"))
            })
        }),
        ("failed to run metrics: it panicked", || {
            Part::new("metrics", |scope| async move {
                scope.ready();
                tokio::time::sleep(SECOND).await;
                panic!("told to panic")
            })
        }),
    ];
    for (expected, part) in failures {
        let (server, diary) = (Server::new(), Diary::default());
        server.put("configmaps", "a/one", json!({}));
        let operator = with(slow(&diary))
            .part(Stage::Servers, diary.part("server"))
            .part(Stage::Servers, part());
        let error = Running::start(operator, &server).await.ended().await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(
            diary.entries().last().map(String::as_str),
            Some("-server"),
            "the rest is stopped in order"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn two_controllers_of_one_name_are_refused_before_anything_starts() {
    let server = Server::new();
    let (one, _) = Probe::<ConfigMap>::new("twin");
    let (other, _) = Probe::<Secret>::new("twin");
    let operator = Operator::new()
        .controller(one)
        .controller(other)
        .client(server.client());
    let error = operator.run_until(&Stop::new()).await.unwrap_err();
    assert!(
        error.to_string().starts_with("two controllers are named `twin`"),
        "{error}"
    );
    assert!(server.asked("configmaps", Verb::List).is_empty());
}

#[tokio::test(start_paused = true)]
async fn two_operators_live_in_one_process_without_knowing_of_each_other() {
    let (one, other) = (Server::new(), Server::new());
    one.put("configmaps", "a/one", json!({}));
    other.put("configmaps", "b/other", json!({}));
    let (first, first_runs) = Probe::<ConfigMap>::new("probe");
    let (second, second_runs) = Probe::<ConfigMap>::new("probe");
    let first = Running::start(with(first), &one).await;
    let second = Running::start(with(second), &other).await;
    pass(MOMENT).await;
    first.stop().await.unwrap();
    other.put("configmaps", "b/more", json!({}));
    pass(MOMENT).await;
    assert_eq!(first_runs.keys(), ["a/one"]);
    assert_eq!(second_runs.keys(), ["b/other", "b/more"]);
    second.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_ended_leaves_nothing_behind() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let held = Arc::new(());
    let weak = Arc::downgrade(&held);
    let (probe, _) = Probe::<ConfigMap>::behaving("probe", move |_, _| {
        let held = Arc::clone(&held);
        async move {
            drop(held);
            Ok(Action::done())
        }
    });
    let (owner, _) = Probe::<Secret>::new("owner");
    let owner =
        krate::controller::Controller::new(owner).triggers(krate::trigger::Triggers::owns::<ConfigMap>);
    let running = Running::start(with(probe).controller(owner), &server).await;
    pass(MOMENT).await;
    let store = running.site.caches().store::<ConfigMap>().unwrap();
    let object = Arc::downgrade(&store.list()[0]);
    drop(store);
    running.stop().await.unwrap();
    assert!(weak.upgrade().is_none(), "the reconciler is dropped");
    assert!(object.upgrade().is_none(), "the cache is dropped");
}
