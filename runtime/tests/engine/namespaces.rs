//! Operators that look into the namespaces a label selector picks.

use k8s_openapi::api::core::v1::ConfigMap;
use krate::Operator;
use krate::cache::Phase;
use serde_json::{Value, json};

use crate::probe::{MOMENT, Probe, Running, pass};
use crate::script::{Fault, Server, Verb};

fn namespace(team: &str) -> Value {
    json!({"metadata": {"labels": {"team": team}}})
}

/// A server with a config map in each of two namespaces, one of them labelled.
fn server() -> Server {
    let server = Server::new();
    server.put("namespaces", "in", namespace("a"));
    server.put("namespaces", "out", namespace("b"));
    server.put("configmaps", "in/one", json!({}));
    server.put("configmaps", "out/two", json!({}));
    server
}

fn operator(probe: Probe<ConfigMap>) -> Operator {
    Operator::new().namespaces_labelled("team=a").controller(probe)
}

#[tokio::test(start_paused = true)]
async fn only_labelled_namespaces_are_looked_into() {
    let server = server();
    let (probe, runs) = Probe::new("probe");
    let running = Running::start(operator(probe), &server).await;
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["in/one"]);
    let watched: Vec<String> = server
        .asked("configmaps", Verb::Watch)
        .into_iter()
        .map(|asked| asked.path)
        .collect();
    assert_eq!(watched, ["/api/v1/namespaces/in/configmaps"]);
    assert!(running.cache("ConfigMap").status.synced);
}

#[tokio::test(start_paused = true)]
async fn watches_start_and_stop_as_labels_change() {
    let server = server();
    let (probe, runs) = Probe::new("probe");
    let running = Running::start(operator(probe), &server).await;
    pass(MOMENT).await;
    runs.clear();
    server.put("namespaces", "out", namespace("a"));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["out/two"]);
    server.put("namespaces", "in", namespace("b"));
    pass(MOMENT).await;
    assert_eq!(runs.forgotten(), ["in/one"]);
    assert_eq!(running.cache("ConfigMap").objects, 1);
    runs.clear();
    server.put("configmaps", "in/one", json!({"data": {"a": "b"}}));
    server.put("configmaps", "out/two", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["out/two"]);
    server.put("namespaces", "in", namespace("a"));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["out/two", "in/one"], "and back again");
}

#[tokio::test(start_paused = true)]
async fn no_run_starts_before_the_namespaces_are_known() {
    let server = server();
    server.fail("namespaces", Fault::Refused(403));
    let (probe, runs) = Probe::new("probe");
    let running = Running::start(operator(probe), &server).await;
    pass(MOMENT).await;
    assert!(runs.keys().is_empty());
    let status = running.cache("ConfigMap").status;
    assert_eq!((status.phase, status.synced), (Phase::Forbidden, false));
    server.heal("namespaces");
    pass(std::time::Duration::from_secs(60)).await;
    assert_eq!(runs.keys(), ["in/one"]);
    assert_eq!(running.cache("ConfigMap").status.phase, Phase::Live);
}
