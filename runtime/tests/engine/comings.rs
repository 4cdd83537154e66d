//! Controllers that are added and removed while the operator runs.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::controller::Controller;
use krate::trigger::Triggers;
use krate::{Action, Kind, Operator};
use kube::core::DynamicObject;
use serde_json::json;

use crate::probe::{MOMENT, Probe, Running, pass};
use crate::script::{Server, Verb};

fn widgets() -> Kind {
    Kind::namespaced("example.com", "v1", "Widget", "widgets")
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_is_added_starts_with_what_is_there() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    server.put("widgets", "a/blue", json!({}));
    let (first, first_runs) = Probe::<ConfigMap>::new("first");
    let running = Running::start(Operator::new().controller(first), &server).await;
    pass(MOMENT).await;
    let (second, second_runs) = Probe::<ConfigMap>::new("second");
    let (widget, widget_runs) = Probe::<DynamicObject>::new("widget");
    running.site.add(second).unwrap();
    running.site.add(Controller::of_kind(widgets(), widget)).unwrap();
    pass(MOMENT).await;
    assert_eq!(second_runs.keys(), ["a/one"], "from the store that is there");
    assert_eq!(server.asked("configmaps", Verb::List).len(), 1);
    assert_eq!(widget_runs.keys(), ["a/blue"], "from a watch of its own");
    assert_eq!(first_runs.keys(), ["a/one"], "and nobody else notices");
    server.put("widgets", "a/blue", json!({"spec": {}}));
    pass(MOMENT).await;
    assert_eq!(widget_runs.keys().len(), 2);
    running.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_last_one_to_leave_stops_the_watch() {
    let server = Server::new();
    server.put("widgets", "a/blue", json!({}));
    let (owner, _) = Probe::<ConfigMap>::new("owner");
    let owner = Controller::new(owner).triggers(Triggers::owns::<Secret>);
    let running = Running::start(Operator::new().controller(owner), &server).await;
    let (one, one_runs) = Probe::<DynamicObject>::new("one");
    let (other, other_runs) = Probe::<DynamicObject>::new("other");
    let one = Controller::of_kind(widgets(), one).triggers(Triggers::owns::<Secret>);
    let one = running.site.add(one).unwrap();
    let other = running.site.add(Controller::of_kind(widgets(), other)).unwrap();
    pass(MOMENT).await;
    one.remove().await;
    one_runs.clear();
    other_runs.clear();
    server.put("widgets", "a/blue", json!({"spec": {}}));
    pass(MOMENT).await;
    assert!(one_runs.keys().is_empty());
    assert_eq!(other_runs.keys(), ["a/blue"]);
    other.remove().await;
    let kinds = |running: &Running| -> Vec<String> {
        let reports = running.site.caches().reports();
        reports.into_iter().map(|report| report.kind).collect()
    };
    assert_eq!(kinds(&running), ["ConfigMap", "Secret"]);
    let lists = server.asked("widgets", Verb::List).len();
    server.hang_up("widgets");
    pass(Duration::from_secs(120)).await;
    assert_eq!(server.asked("widgets", Verb::List).len(), lists);
    assert_eq!(server.asked("widgets", Verb::Watch).len(), 1);
    let (again, again_runs) = Probe::<DynamicObject>::new("one");
    running.site.add(Controller::of_kind(widgets(), again)).unwrap();
    pass(MOMENT).await;
    assert_eq!(
        again_runs.keys(),
        ["a/blue"],
        "the name is free, and the kind can come back"
    );
}

#[tokio::test(start_paused = true)]
async fn what_runs_may_finish_before_its_controller_is_removed() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let running = Running::start(Operator::new(), &server).await;
    let (done, finished) = tokio::sync::watch::channel(false);
    let done = std::sync::Arc::new(done);
    let (slow, runs) = Probe::<ConfigMap>::behaving("slow", move |_, _| {
        let done = std::sync::Arc::clone(&done);
        async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            done.send_replace(true);
            Ok(Action::done())
        }
    });
    let added = running.site.add(slow).unwrap();
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one"]);
    added.remove().await;
    assert!(*finished.borrow());
    assert!(running.site.controllers().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_name_is_given_once() {
    let server = Server::new();
    let (first, _) = Probe::<ConfigMap>::new("probe");
    let running = Running::start(Operator::new().controller(first), &server).await;
    let (second, _) = Probe::<ConfigMap>::new("probe");
    let error = running.site.add(second).unwrap_err();
    assert!(
        error.to_string().contains("two controllers are named `probe`"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_handle_leads_to_the_operator_while_it_runs() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let operator = Operator::new();
    let handle = operator.handle();
    let waiting = tokio::spawn({
        let handle = handle.clone();
        async move { handle.site().await }
    });
    let running = Running::start(operator, &server).await;
    let site = waiting.await.unwrap().unwrap();
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    site.add(probe).unwrap();
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one"]);
    running.stop().await.unwrap();
    assert!(handle.site().await.is_none());
}
