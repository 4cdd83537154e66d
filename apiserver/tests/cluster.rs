//! What happens by itself in a cluster, seen from outside.
#![expect(clippy::unwrap_used, reason = "a panic fails the test, as it should")]

use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use krate_apiserver::authn::Identity;
use krate_apiserver::environment::Environment;
use krate_apiserver::local::{Event, Local};
use krate_apiserver::object::Meta;
use krate_apiserver::{Controllers, Server};
use serde_json::{Value, json};

const CONFIG_MAPS: &str = "/api/v1/namespaces/gc/configmaps";

fn server(controllers: Controllers) -> Server {
    let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
    Server::builder()
        .environment(environment)
        .controllers(controllers)
        .build()
        .unwrap()
}

async fn cluster() -> Local {
    let local = server(Controllers::all()).local(Identity::admin(), "test");
    local
        .create("/api/v1/namespaces", json!({"metadata": {"name": "gc"}}))
        .await
        .unwrap();
    local
}

/// Lets everything that can happen without time passing happen.
async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

async fn create(local: &Local, name: &str, owners: &[&Value], finalizers: &[&str]) -> Value {
    let owners: Vec<Value> = owners
        .iter()
        .map(|owner| {
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "name": owner.name(), "uid": owner.uid(),
                "blockOwnerDeletion": name != "free",
            })
        })
        .collect();
    let metadata = json!({"name": name, "ownerReferences": owners, "finalizers": finalizers});
    local
        .create(CONFIG_MAPS, json!({"metadata": metadata}))
        .await
        .unwrap()
        .value()
        .clone()
}

async fn delete(local: &Local, name: &str, policy: &str) {
    let options = json!({"propagationPolicy": policy});
    local
        .delete(&format!("{CONFIG_MAPS}/{name}"), options)
        .await
        .unwrap();
}

async fn unblock(local: &Local, name: &str) {
    let patch = json!({"metadata": {"finalizers": null}});
    local
        .merge(&format!("{CONFIG_MAPS}/{name}"), patch)
        .await
        .unwrap();
}

/// Names of the config maps, with `*` if they are being deleted and their owners' names.
async fn left(local: &Local) -> Vec<String> {
    settle().await;
    let objects = local.list(CONFIG_MAPS).await.unwrap().objects;
    let own = objects
        .iter()
        .filter(|object| object.name() != "kube-root-ca.crt");
    own.map(|object| {
        let owners: Vec<&str> = object
            .owner_references()
            .iter()
            .filter_map(|owner| owner["name"].as_str())
            .collect();
        let star = if object.is_deleting() { "*" } else { "" };
        format!("{}{star}{owners:?}", object.name())
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn children_go_with_their_owner_in_the_background() {
    let local = cluster().await;
    let owner = create(&local, "p", &[], &[]).await;
    let child = create(&local, "c", &[&owner], &[]).await;
    create(&local, "gc", &[&child], &[]).await;
    assert_eq!(left(&local).await, [r#"c["p"]"#, r#"gc["c"]"#, "p[]"]);
    delete(&local, "p", "Background").await;
    assert!(left(&local).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn orphans_forget_their_owner() {
    let local = cluster().await;
    let owner = create(&local, "p", &[], &[]).await;
    create(&local, "c", &[&owner], &[]).await;
    delete(&local, "p", "Orphan").await;
    assert_eq!(left(&local).await, ["c[]"]);
}

#[tokio::test(start_paused = true)]
async fn a_foreground_deletion_waits_for_blocking_children_alone() {
    let local = cluster().await;
    let owner = create(&local, "p", &[], &[]).await;
    create(&local, "c", &[&owner], &["x.y/z"]).await;
    create(&local, "free", &[&owner], &["x.y/z"]).await;
    delete(&local, "p", "Foreground").await;
    assert_eq!(left(&local).await, [r#"c*["p"]"#, r#"free*["p"]"#, "p*[]"]);
    unblock(&local, "c").await;
    assert_eq!(left(&local).await, [r#"free*["p"]"#]);
    unblock(&local, "free").await;
    assert!(left(&local).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_foreground_deletion_reaches_grandchildren_first() {
    let local = cluster().await;
    let owner = create(&local, "p", &[], &[]).await;
    let child = create(&local, "c", &[&owner], &[]).await;
    create(&local, "gc", &[&child], &["x.y/z"]).await;
    delete(&local, "p", "Foreground").await;
    assert_eq!(left(&local).await, [r#"c*["p"]"#, r#"gc*["c"]"#, "p*[]"]);
    unblock(&local, "gc").await;
    assert!(left(&local).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn owners_of_each_other_do_not_wait_for_ever() {
    let local = cluster().await;
    let one = create(&local, "a", &[], &[]).await;
    let other = create(&local, "b", &[&one], &[]).await;
    let reference = json!([{
        "apiVersion": "v1", "kind": "ConfigMap", "name": "b", "uid": other.uid(), "blockOwnerDeletion": true,
    }]);
    let patch = json!({"metadata": {"ownerReferences": reference}});
    local.merge(&format!("{CONFIG_MAPS}/a"), patch).await.unwrap();
    delete(&local, "a", "Foreground").await;
    assert!(left(&local).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_child_of_nobody_goes() {
    let local = cluster().await;
    let owner = create(&local, "p", &[], &[]).await;
    let mut absent = owner.clone();
    absent["metadata"]["name"] = json!("absent");
    create(&local, "c1", &[&absent], &[]).await;
    let mut other = owner.clone();
    other["metadata"]["uid"] = json!("other");
    create(&local, "c2", &[&other], &[]).await;
    assert_eq!(left(&local).await, ["p[]"]);
}

#[tokio::test(start_paused = true)]
async fn a_child_of_two_loses_the_dead_one() {
    let local = cluster().await;
    let first = create(&local, "p", &[], &[]).await;
    let second = create(&local, "q", &[], &[]).await;
    create(&local, "c", &[&first, &second], &[]).await;
    delete(&local, "p", "Background").await;
    assert_eq!(left(&local).await, [r#"c["q"]"#, "q[]"]);
}

#[tokio::test(start_paused = true)]
async fn a_child_of_an_owner_in_another_namespace_goes_and_an_event_says_why() {
    let local = cluster().await;
    let owner = create(&local, "p", &[], &[]).await;
    local
        .create("/api/v1/namespaces", json!({"metadata": {"name": "gc2"}}))
        .await
        .unwrap();
    settle().await;
    let reference = json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "p", "uid": owner.uid()}]);
    let child = json!({"metadata": {"name": "x", "ownerReferences": reference}});
    local
        .create("/api/v1/namespaces/gc2/configmaps", child)
        .await
        .unwrap();
    settle().await;
    let error = local
        .get("/api/v1/namespaces/gc2/configmaps/x")
        .await
        .unwrap_err();
    assert_eq!(error.code, 404);
    let events = local.list("/api/v1/namespaces/gc2/events").await.unwrap().objects;
    let [event] = &events[..] else {
        panic!("{events:?}")
    };
    let event = event.value();
    assert_eq!(event["reason"], "OwnerRefInvalidNamespace");
    assert_eq!(
        event["message"],
        format!(
            "ownerRef [v1/ConfigMap, namespace: gc2, name: p, uid: {}] does not exist in namespace \"gc2\"",
            owner.uid()
        )
    );
    assert_eq!(event["source"]["component"], "garbage-collector-controller");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_has_an_account_and_certificates_and_gets_them_back() {
    let local = cluster().await;
    let account = "/api/v1/namespaces/gc/serviceaccounts/default";
    let certificates = "/api/v1/namespaces/gc/configmaps/kube-root-ca.crt";
    settle().await;
    for path in [account, certificates] {
        local.get(path).await.unwrap();
        local.delete(path, Value::Null).await.unwrap();
    }
    settle().await;
    local.get(account).await.unwrap();
    let map = local.get(certificates).await.unwrap();
    assert!(
        map.value()["data"]["ca.crt"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
    assert_eq!(
        map.value()["metadata"]["managedFields"][0]["manager"],
        "kube-controller-manager"
    );
}

fn deployment(size: i64, image: &str) -> Value {
    json!({
        "metadata": {"name": "d", "annotations": {"note": "x"}},
        "spec": {
            "replicas": size, "selector": {"matchLabels": {"app": "x"}},
            "template": {
                "metadata": {"labels": {"app": "x"}},
                "spec": {"containers": [{"name": "c", "image": image}]},
            },
        },
    })
}

#[tokio::test(start_paused = true)]
async fn a_settled_cluster_writes_nothing() {
    let local = cluster().await;
    local
        .create("/apis/apps/v1/namespaces/gc/deployments", deployment(2, "one"))
        .await
        .unwrap();
    settle().await;
    let before = local.list("/api/v1/nodes").await.unwrap().revision;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(local.list("/api/v1/nodes").await.unwrap().revision, before);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_history() {
    let run = || async {
        let local = cluster().await;
        local
            .create("/apis/apps/v1/namespaces/gc/deployments", deployment(2, "one"))
            .await
            .unwrap();
        settle().await;
        let pods = local.list("/api/v1/namespaces/gc/pods").await.unwrap();
        let pods: Vec<String> = pods.objects.iter().map(|pod| pod.value().to_string()).collect();
        (pods, local.list("/api/v1/nodes").await.unwrap().revision)
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_role_collects_the_rules_of_others() {
    const ROLES: &str = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    let local = cluster().await;
    let extra = json!({
        "metadata": {"name": "widgets", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
        "rules": [{"apiGroups": ["x.io"], "resources": ["widgets"], "verbs": ["get"]}],
    });
    local.create(ROLES, extra).await.unwrap();
    settle().await;
    for role in ["view", "edit", "admin"] {
        let rules = local.get(&format!("{ROLES}/{role}")).await.unwrap();
        let rules = rules.value()["rules"].as_array().unwrap().clone();
        assert!(
            rules.iter().any(|rule| rule["resources"] == json!(["widgets"])),
            "{role}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_sees_what_the_collector_does() {
    let local = cluster().await;
    settle().await;
    let owner = create(&local, "p", &[], &[]).await;
    create(&local, "c", &[&owner], &[]).await;
    let mut changes = local.follow(CONFIG_MAPS);
    assert!(matches!(
        changes.next().await.unwrap().unwrap(),
        Event::Restarted(_)
    ));
    delete(&local, "p", "Background").await;
    for expected in ["p", "c"] {
        let Event::Deleted(object) = changes.next().await.unwrap().unwrap() else {
            panic!("{expected} was to be deleted");
        };
        assert_eq!(object.name(), expected);
    }
}
