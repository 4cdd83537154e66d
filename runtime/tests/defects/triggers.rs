//! What starts a run.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::cache::Phase;
use krate::controller::Controller;
use krate::trigger::Triggers;
use serde_json::json;
use tokio::time::Instant;

use crate::peer::Peer;
use crate::probe::{MOMENT, Probe, Running, Runs, pass, with};
use crate::script::{Fault, Server};
use crate::{MINUTE, SECOND, owned_by, peer};

/// A controller of ConfigMaps with Secrets as children, on krate.
async fn ours(server: &Server) -> (Running, Runs) {
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).triggers(Triggers::owns::<Secret>);
    let running = Running::start(with(controller), server).await;
    pass(SECOND).await;
    (running, runs)
}

/// The same on the peer.
async fn theirs(server: &Server) -> Peer {
    let controller =
        peer::controller::<ConfigMap>(server).owns(peer::api::<Secret>(server), Default::default());
    let peer = Peer::new(controller);
    pass(SECOND).await;
    peer
}

// The peer has one back-off for all its triggers.
#[tokio::test(start_paused = true)]
async fn f02_a_watch_that_fails_delays_no_other_and_heals() {
    let server = Server::new();
    let owner = server.put("configmaps", "a/one", json!({}));
    let (running, runs) = ours(&server).await;
    assert_eq!(runs.keys(), ["a/one"]);

    server.fail("secrets", Fault::Refused(403));
    server.hang_up("secrets");
    pass(MINUTE).await;
    assert_eq!(running.cache("Secret").status.phase, Phase::Forbidden);
    assert_eq!(running.cache("ConfigMap").status.phase, Phase::Live);

    runs.clear();
    server.put("configmaps", "a/one", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    assert_eq!(
        runs.keys(),
        ["a/one"],
        "the main watch does not wait for the failing one"
    );

    runs.clear();
    server.put("secrets", "a/child", owned_by(&owner, "v1", "ConfigMap"));
    server.heal("secrets");
    pass(MINUTE).await;
    assert_eq!(running.cache("Secret").status.phase, Phase::Live);
    assert_eq!(runs.keys(), ["a/one"], "what happened meanwhile is not lost");
    running.stop().await.unwrap();

    let peer = theirs(&server).await;
    server.fail("secrets", Fault::Refused(403));
    server.hang_up("secrets");
    let mut longest = MOMENT;
    for round in 0..5 {
        pass(MINUTE).await;
        peer.clear();
        let changed = Instant::now();
        server.put(
            "configmaps",
            "a/one",
            json!({"data": {"round": round.to_string()}}),
        );
        pass(MINUTE).await;
        let started = peer.started().first().map(|(at, _)| *at - changed);
        longest = longest.max(started.unwrap_or(MINUTE));
    }
    assert!(longest > SECOND, "the peer is late by no more than {longest:?}");
}

// The peer swaps its store for the new list, and nobody learns what is gone.
#[tokio::test(start_paused = true)]
async fn f03_an_object_deleted_while_the_watch_was_down_still_triggers_its_owner() {
    async fn delete_unseen(server: &Server) {
        server.fail("secrets", Fault::Refused(500));
        server.hang_up("secrets");
        server.delete("secrets", "a/child");
        server.compact();
        pass(MINUTE).await;
        server.heal("secrets");
        pass(MINUTE).await;
    }
    let server = Server::new();
    let owner = server.put("configmaps", "a/one", json!({}));
    let child = owned_by(&owner, "v1", "ConfigMap");
    server.put("secrets", "a/child", child.clone());
    let (running, runs) = ours(&server).await;
    runs.clear();
    delete_unseen(&server).await;
    let causes: Vec<String> = runs.all().into_iter().map(|run| run.cause).collect();
    assert_eq!(causes, ["Secret a/child"]);
    assert_eq!(running.cache("Secret").objects, 0);
    running.stop().await.unwrap();

    server.put("secrets", "a/child", child);
    let peer = theirs(&server).await;
    peer.clear();
    delete_unseen(&server).await;
    assert!(peer.keys().is_empty(), "the peer noticed: {:?}", peer.keys());
}

// The peer calls its reconciler for objects it can still find, and for no others.
#[tokio::test(start_paused = true)]
async fn f10_the_reconciler_learns_of_a_key_that_is_gone() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (running, runs) = ours(&server).await;
    let peer = theirs(&server).await;
    assert_eq!((runs.keys().len(), peer.keys().len()), (1, 1));
    server.delete("configmaps", "a/one");
    pass(MINUTE).await;
    assert_eq!(runs.forgotten(), ["a/one"]);
    assert_eq!(peer.keys().len(), 1, "the peer called its reconciler");
    running.stop().await.unwrap();
}

// The peer compares the version in the owner reference, too.
#[tokio::test(start_paused = true)]
async fn f13_a_child_that_names_an_older_version_of_its_owners_group_still_triggers_it() {
    let server = Server::new();
    let owner = server.put("configmaps", "a/owner", json!({}));
    let (running, runs) = ours(&server).await;
    let peer = theirs(&server).await;
    runs.clear();
    peer.clear();
    let mut other = owner.clone();
    other["metadata"]["uid"] = "somebody-else".into();
    for (name, api_version, owner) in [
        ("old-version", "v1beta1", &owner),
        ("other-group", "apps/v1", &owner),
        ("other-owner", "v1", &other),
    ] {
        let child = owned_by(owner, api_version, "ConfigMap");
        server.put("secrets", &format!("a/{name}"), child);
        pass(MOMENT).await;
        match name {
            "old-version" => assert!(peer.keys().is_empty(), "the peer looks at the group alone"),
            _ => peer.clear(),
        }
    }
    let causes: Vec<String> = runs.all().into_iter().map(|run| run.cause).collect();
    assert_eq!(causes, ["Secret a/old-version"]);
    running.stop().await.unwrap();
}
