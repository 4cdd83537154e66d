//! What a controller does with keys, whatever its reconciler does.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::cache::ObjectKey;
use krate::controller::Controller;
use krate::queue::Backoff;
use krate::trigger::{Triggers, generation_changed, predicate};
use krate::{Action, Error, Operator};
use serde_json::json;

use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::{Fault, Server, Verb};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn f8_an_event_ends_a_back_off_and_keeps_the_count() {
    let server = Server::new();
    server.put("configmaps", "a/bad", json!({}));
    let (probe, runs) =
        Probe::<ConfigMap>::behaving("probe", |_, _| async { Err(Error::new("told to fail")) });
    // The longest wait the seed can draw is drawn rarely; with such limits no retry falls into the first moment.
    let backoff = Backoff {
        base: MINUTE * 600,
        max: MINUTE * 6000,
    };
    let _running = Running::start(with(Controller::new(probe).backoff(backoff)), &server).await;
    pass(MOMENT).await;
    server.put("configmaps", "a/bad", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    let attempts: Vec<u32> = runs.all().iter().map(|run| run.attempt).collect();
    assert_eq!(attempts, [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_reference_that_was_dropped_still_runs_its_old_target() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    server.put("configmaps", "a/two", json!({}));
    server.put(
        "secrets",
        "a/shared",
        json!({"metadata": {"labels": {"used-by": "one"}}}),
    );
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let target = |secret: &Secret| {
        let labels = secret.metadata.labels.clone().unwrap_or_default();
        labels.get("used-by").map(|name| ObjectKey::namespaced("a", name))
    };
    let controller = Controller::new(probe).triggers(|triggers| triggers.watches::<Secret, _>(target));
    let _running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    runs.clear();
    server.put(
        "secrets",
        "a/shared",
        json!({"metadata": {"labels": {"used-by": "two"}}}),
    );
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one", "a/two"]);
}

#[tokio::test(start_paused = true)]
async fn a_mapper_that_panics_is_counted_and_the_watch_goes_on() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let target = |secret: &Secret| {
        assert!(secret.metadata.name.as_deref() != Some("bad"), "told to panic");
        Some(ObjectKey::namespaced("a", "one"))
    };
    let controller = Controller::new(probe).triggers(|triggers| triggers.watches::<Secret, _>(target));
    let running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    runs.clear();
    server.put("secrets", "a/bad", json!({}));
    server.put("secrets", "a/good", json!({}));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one"]);
    assert_eq!(running.cache("Secret").panics, 1);
}

#[tokio::test(start_paused = true)]
async fn changes_that_do_not_matter_start_no_run_but_deletes_do() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({"metadata": {"generation": 1}}));
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).triggers(|triggers| {
        triggers
            .filter(generation_changed())
            .filter(predicate(|change| change.key().name() != "two"))
    });
    let _running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    server.put(
        "configmaps",
        "a/one",
        json!({"metadata": {"generation": 1}, "data": {"a": "b"}}),
    );
    server.put("configmaps", "a/two", json!({"metadata": {"generation": 1}}));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one"]);
    server.put("configmaps", "a/one", json!({"metadata": {"generation": 2}}));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one", "a/one"]);
    server.delete("configmaps", "a/one");
    pass(MOMENT).await;
    assert_eq!(
        runs.forgotten(),
        ["a/one"],
        "the reconciler learns that it is gone"
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_outlives_its_deadline_is_cut_off_and_tried_again() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, attempt| async move {
        if attempt == 0 {
            std::future::pending::<()>().await;
        }
        Ok(Action::done())
    });
    let running = Running::start(with(Controller::new(probe).deadline(MINUTE)), &server).await;
    pass(MINUTE * 2).await;
    let all = runs.all();
    assert_eq!(all.len(), 2);
    assert!(all[1].at - all[0].at >= MINUTE);
    assert_eq!(running.site.controllers()[0].stats.timed_out, 1);
}

#[tokio::test(start_paused = true)]
async fn a_terminal_error_is_not_retried_until_the_object_changes() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, _| async {
        Err(Error::terminal(Error::new("told to fail")))
    });
    let running = Running::start(with(probe), &server).await;
    pass(MINUTE * 60).await;
    assert_eq!(runs.keys().len(), 1);
    server.put("configmaps", "a/one", json!({"data": {}}));
    pass(MOMENT).await;
    assert_eq!(runs.keys().len(), 2);
    assert_eq!(running.site.controllers()[0].stats.terminal, 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_says_why_it_was_started() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |object, attempt| async move {
        match object.metadata.resource_version.as_deref() {
            Some("101") => Ok(Action::requeue(MINUTE)),
            _ if attempt == 0 => Err(Error::new("told to fail")),
            _ => Ok(Action::done()),
        }
    });
    let _running = Running::start(with(probe), &server).await;
    pass(SECOND * 90).await;
    server.put("configmaps", "a/one", json!({}));
    pass(SECOND).await;
    let causes: Vec<String> = runs.all().into_iter().map(|run| run.cause).collect();
    assert_eq!(causes, ["initial", "timer", "changed@102", "retry"]);
}

#[tokio::test(start_paused = true)]
async fn workers_run_different_objects_at_the_same_time() {
    for (workers, seconds) in [(1, 8), (4, 2)] {
        let server = Server::new();
        for number in 0..8 {
            server.put("configmaps", &format!("a/{number}"), json!({}));
        }
        let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, _| async {
            tokio::time::sleep(SECOND).await;
            Ok(Action::done())
        });
        let _running = Running::start(with(Controller::new(probe).workers(workers)), &server).await;
        pass(MINUTE).await;
        let all = runs.all();
        assert_eq!(
            all.last().map(|last| (last.at - all[0].at).as_secs()),
            Some(seconds - 1),
            "{workers} workers"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn no_run_starts_before_every_store_it_reads_is_complete() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    server.fail("secrets", Fault::Refused(403));
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).triggers(Triggers::owns::<Secret>);
    let _running = Running::start(with(controller), &server).await;
    pass(MINUTE).await;
    assert!(runs.keys().is_empty());
    server.heal("secrets");
    pass(MINUTE).await;
    assert_eq!(runs.keys(), ["a/one"]);
}

#[tokio::test(start_paused = true)]
async fn controllers_share_one_informer_per_kind() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (first, first_runs) = Probe::<ConfigMap>::new("first");
    let (second, second_runs) = Probe::<ConfigMap>::new("second");
    let (third, _) = Probe::<Secret>::new("third");
    let third = Controller::new(third).triggers(Triggers::owns::<ConfigMap>);
    let operator = Operator::new()
        .controller(first)
        .controller(second)
        .controller(third);
    let _running = Running::start(operator, &server).await;
    pass(MOMENT).await;
    assert_eq!((first_runs.keys().len(), second_runs.keys().len()), (1, 1));
    assert_eq!(server.asked("configmaps", Verb::List).len(), 1);
    assert_eq!(server.asked("configmaps", Verb::Watch).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_uncertain_is_read_from_the_server() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    pass(MOMENT).await;
    let store = running.site.caches().store::<ConfigMap>().unwrap();
    store.lost(ObjectKey::namespaced("a", "one"));
    server.put("configmaps", "a/one", json!({"data": {}}));
    pass(MOMENT).await;
    assert_eq!(server.asked("configmaps", Verb::Get).len(), 1);
    assert_eq!(runs.keys(), ["a/one", "a/one"]);
    server.put("configmaps", "a/one", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    assert_eq!(server.asked("configmaps", Verb::Get).len(), 1, "once is enough");
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_run() {
    async fn history() -> Vec<(String, Duration)> {
        let server = Server::new();
        for number in 0..20 {
            server.put("configmaps", &format!("a/{number}"), json!({}));
        }
        let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, attempt| async move {
            if attempt < 8 {
                Err(Error::new("told to fail"))
            } else {
                Ok(Action::done())
            }
        });
        let _running = Running::start(with(Controller::new(probe).workers(3)), &server).await;
        let start = tokio::time::Instant::now();
        pass(MINUTE).await;
        runs.all()
            .into_iter()
            .map(|run| (run.key, run.at.saturating_duration_since(start)))
            .collect()
    }
    let first = history().await;
    assert_eq!(first.len(), 180);
    assert_eq!(first, history().await);
}
