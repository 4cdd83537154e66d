//! What one run can do to the others.

use k8s_openapi::api::core::v1::ConfigMap;
use krate::Action;
use kube_runtime::controller;
use serde_json::json;

use crate::peer::Peer;
use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::Server;
use crate::{SECOND, peer};

// The peer raises the panic again in the task that drives the whole controller.
#[tokio::test(start_paused = true)]
async fn f05_a_panic_is_counted_and_backed_off_and_stays_with_its_object() {
    let server = Server::new();
    server.put("configmaps", "a/bad", json!({}));
    server.put("configmaps", "a/good", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |object, attempt| async move {
        assert!(
            object.metadata.name.as_deref() != Some("bad") || attempt >= 3,
            "told to panic"
        );
        Ok(Action::done())
    });
    let running = Running::start(with(probe), &server).await;
    pass(SECOND).await;
    assert_eq!(runs.of("a/good").len(), 1);
    let attempts: Vec<u32> = runs.of("a/bad").iter().map(|run| run.attempt).collect();
    assert_eq!(attempts, [0, 1, 2, 3]);
    let stats = running.site.controllers()[0].stats;
    assert_eq!((stats.panicked, stats.failed, stats.succeeded), (3, 3, 2));
    running.stop().await.unwrap();

    let peer = Peer::behaving(peer::controller::<ConfigMap>(&server), |object| async move {
        assert!(object.metadata.name.as_deref() != Some("bad"), "told to panic");
        Ok(controller::Action::await_change())
    });
    pass(SECOND).await;
    server.put("configmaps", "a/later", json!({}));
    pass(MOMENT).await;
    assert!(peer.is_dead(), "the peer lives");
    assert!(!peer.keys().contains(&"a/later".to_owned()));
}
