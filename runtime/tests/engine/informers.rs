//! What happens to a store when the server misbehaves.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::Operator;
use krate::cache::Phase;
use serde_json::json;

use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::{Fault, Server, Verb};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn an_object_that_became_unreadable_stays_as_it_was_over_a_relist_until_it_is_deleted() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({"data": {"a": "b"}}));
    let (probe, _) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    pass(MOMENT).await;
    server.put("configmaps", "a/one", json!({"data": 5}));
    server.fail("configmaps", Fault::WatchExpired);
    server.hang_up("configmaps");
    pass(MOMENT).await;
    server.heal("configmaps");
    pass(MINUTE).await;
    assert!(running.cache("ConfigMap").lists > 1);
    assert_eq!(running.cache("ConfigMap").objects, 1);
    server.delete("configmaps", "a/one");
    pass(MOMENT).await;
    assert_eq!(running.cache("ConfigMap").objects, 0);
}

#[tokio::test(start_paused = true)]
async fn f7_watches_that_are_of_no_use_are_tried_less_and_less_often() {
    for fault in [Fault::WatchClosed, Fault::WatchExpired, Fault::WatchRefused(403)] {
        let server = Server::new();
        server.put("configmaps", "a/one", json!({}));
        server.fail("configmaps", fault.clone());
        let (probe, runs) = Probe::<ConfigMap>::new("probe");
        let running = Running::start(with(probe), &server).await;
        pass(Duration::from_secs(600)).await;
        let watches = server.asked("configmaps", Verb::Watch).len();
        assert!(
            (10..60).contains(&watches),
            "{fault:?}: {watches} watches in ten minutes"
        );
        assert_eq!(
            runs.keys(),
            ["a/one"],
            "{fault:?}: a list that works is enough to run"
        );
        server.heal("configmaps");
        server.put("configmaps", "a/two", json!({}));
        pass(MINUTE).await;
        assert_eq!(runs.keys(), ["a/one", "a/two"], "{fault:?}");
        assert_eq!(running.cache("ConfigMap").status.phase, Phase::Live, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_after_its_time_is_resumed_without_a_list() {
    let server = Server::new();
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    pass(Duration::from_secs(3600)).await;
    server.put("configmaps", "a/one", json!({}));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one"]);
    let report = running.cache("ConfigMap");
    assert_eq!((report.lists, report.failures), (1, 0));
    assert!((12..=16).contains(&report.watches), "{}", report.watches);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_is_given_up_and_asked_again() {
    let server = Server::new();
    server.fail("configmaps", Fault::Silent);
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    pass(MINUTE + MOMENT).await;
    assert_eq!(running.cache("ConfigMap").status.phase, Phase::Failing);
    server.heal("configmaps");
    server.put("configmaps", "a/one", json!({}));
    pass(MINUTE).await;
    assert_eq!(runs.keys(), ["a/one"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_older_than_what_was_seen_is_refused() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, _) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    pass(MOMENT).await;
    server.fail("configmaps", Fault::ListedAt(5));
    server.put("configmaps", "a/two", json!({}));
    pass(MOMENT).await;
    server.compact();
    server.put("other", "x", json!({}));
    server.put("other", "y", json!({}));
    server.compact();
    server.hang_up("configmaps");
    pass(MOMENT).await;
    let status = running.cache("ConfigMap").status;
    assert_eq!(
        status.error.as_deref(),
        Some("the list is older than what was seen before")
    );
    assert_eq!(running.cache("ConfigMap").objects, 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_set_back_to_an_older_state_is_believed_in_the_end() {
    let server = Server::new();
    let (probe, _) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe), &server).await;
    pass(MOMENT).await;
    server.put("configmaps", "a/one", json!({"data": {"state": "new"}}));
    pass(MOMENT).await;
    server.set_back();
    server.put(
        "configmaps",
        "a/one",
        json!({"data": {"state": "old"}, "metadata": {"uid": "uid-101"}}),
    );
    pass(MINUTE * 2).await;
    let store = running.site.caches().store::<ConfigMap>().unwrap();
    let state = store.list()[0].data.clone().unwrap();
    assert_eq!(state["state"], "old");
    assert_eq!(running.cache("ConfigMap").status.phase, Phase::Live);
}

#[tokio::test(start_paused = true)]
async fn many_objects_come_in_pages_and_at_once_if_the_pages_expire() {
    for (fault, limits) in [
        (None, vec![true, true, true]),
        (Some(Fault::TokensExpire), vec![true, true, false]),
    ] {
        let server = Server::new();
        for number in 0..1200 {
            server.put("configmaps", &format!("a/{number}"), json!({}));
        }
        fault
            .into_iter()
            .for_each(|fault| server.fail("configmaps", fault));
        let (probe, runs) = Probe::<ConfigMap>::new("probe");
        let running = Running::start(with(probe), &server).await;
        pass(MOMENT).await;
        let asked = server.asked("configmaps", Verb::List);
        assert_eq!(
            asked
                .iter()
                .map(|asked| asked.query.contains_key("limit"))
                .collect::<Vec<_>>(),
            limits
        );
        assert_eq!(running.cache("ConfigMap").objects, 1200);
        assert_eq!(runs.keys().len(), 1200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_is_not_installed_yet_holds_up_its_own_controller_only_and_heals() {
    let server = Server::new();
    server.fail("secrets", Fault::Refused(404));
    server.put("configmaps", "a/one", json!({}));
    let (waiting, waiting_runs) = Probe::<Secret>::new("waiting");
    let (other, other_runs) = Probe::<ConfigMap>::new("other");
    let running = Running::start(Operator::new().controller(waiting).controller(other), &server).await;
    pass(MOMENT).await;
    assert_eq!(other_runs.keys(), ["a/one"]);
    assert_eq!(running.cache("Secret").status.phase, Phase::Missing);
    server.heal("secrets");
    server.put("secrets", "a/two", json!({}));
    pass(MINUTE).await;
    assert_eq!(waiting_runs.keys(), ["a/two"]);
}

#[tokio::test(start_paused = true)]
async fn namespaces_are_watched_one_by_one_and_swept_one_by_one() {
    let server = Server::new();
    for key in ["a/one", "b/one", "c/one"] {
        server.put("configmaps", key, json!({}));
    }
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(with(probe).namespaced(["a", "b"]), &server).await;
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one", "b/one"]);
    let mut paths: Vec<String> = server
        .asked("configmaps", Verb::List)
        .into_iter()
        .map(|asked| asked.path)
        .collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "/api/v1/namespaces/a/configmaps",
            "/api/v1/namespaces/b/configmaps"
        ]
    );
    server.compact();
    server.put("configmaps", "a/two", json!({}));
    server.put("configmaps", "c/two", json!({}));
    server.compact();
    server.hang_up("configmaps");
    pass(MINUTE).await;
    assert_eq!(running.cache("ConfigMap").objects, 3);
}
