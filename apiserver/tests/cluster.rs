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
    add_namespace(&local, "gc").await;
    local
}

async fn add_namespace(local: &Local, name: &str) {
    let namespace = json!({"metadata": {"name": name}});
    local.create("/api/v1/namespaces", namespace).await.unwrap();
}

/// Waits until the objects of a collection are as wanted; the paused clock runs out if they never are.
async fn until(local: &Local, collection: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let waiting = async {
        let mut changes = local.follow(collection);
        loop {
            let objects = local.list(collection).await.unwrap().objects;
            let objects: Vec<Value> = objects.iter().map(|object| object.value().clone()).collect();
            if wanted(&objects) {
                return objects;
            }
            changes.next().await.unwrap().unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(3600), waiting)
        .await
        .unwrap()
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
    add_namespace(&local, "gc2").await;
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

#[tokio::test(start_paused = true)]
async fn a_namespace_goes_with_its_content() {
    let local = cluster().await;
    create(&local, "c", &[], &[]).await;
    let secret = json!({"metadata": {"name": "s"}, "stringData": {"a": "b"}});
    local
        .create("/api/v1/namespaces/gc/secrets", secret)
        .await
        .unwrap();
    settle().await;
    local.delete("/api/v1/namespaces/gc", Value::Null).await.unwrap();
    settle().await;
    assert_eq!(local.get("/api/v1/namespaces/gc").await.unwrap_err().code, 404);
    for collection in [
        CONFIG_MAPS,
        "/api/v1/namespaces/gc/secrets",
        "/api/v1/namespaces/gc/serviceaccounts",
    ] {
        assert!(
            local.list(collection).await.unwrap().objects.is_empty(),
            "{collection}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_namespace_waits_for_finalizers_and_says_so() {
    let local = cluster().await;
    create(&local, "c", &[], &["a.b/c"]).await;
    local.delete("/api/v1/namespaces/gc", Value::Null).await.unwrap();
    settle().await;
    let namespace = local.get("/api/v1/namespaces/gc").await.unwrap();
    let conditions = namespace.value()["status"]["conditions"]
        .as_array()
        .unwrap()
        .clone();
    let said: Vec<String> = conditions
        .iter()
        .map(|one| {
            format!(
                "{}={} {}",
                one["type"].as_str().unwrap(),
                one["status"].as_str().unwrap(),
                one["message"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "NamespaceDeletionDiscoveryFailure=False All resources successfully discovered",
            "NamespaceDeletionGroupVersionParsingFailure=False All legacy kube types successfully parsed",
            "NamespaceDeletionContentFailure=False All content successfully deleted, may be waiting on finalization",
            "NamespaceContentRemaining=True Some resources are remaining: configmaps. has 1 resource instances",
            "NamespaceFinalizersRemaining=True Some content in the namespace has finalizers remaining: a.b/c in 1 resource instances",
        ]
    );
    let late = json!({"metadata": {"name": "late"}});
    let error = local.create(CONFIG_MAPS, late).await.unwrap_err();
    assert_eq!(error.code, 403);
    unblock(&local, "c").await;
    settle().await;
    assert_eq!(local.get("/api/v1/namespaces/gc").await.unwrap_err().code, 404);
}

#[tokio::test(start_paused = true)]
async fn without_controllers_nothing_happens_by_itself() {
    let local = server(Controllers::none()).local(Identity::admin(), "test");
    add_namespace(&local, "gc").await;
    let owner = create(&local, "p", &[], &[]).await;
    create(&local, "c", &[&owner], &[]).await;
    delete(&local, "p", "Background").await;
    assert_eq!(left(&local).await, [r#"c["p"]"#]);
    local.delete("/api/v1/namespaces/gc", Value::Null).await.unwrap();
    settle().await;
    let namespace = local.get("/api/v1/namespaces/gc").await.unwrap();
    assert_eq!(namespace.value()["status"]["phase"], "Terminating");
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

fn is_rolled_out(objects: &[Value]) -> bool {
    objects.iter().all(|object| {
        let status = &object["status"];
        let wanted = &object["spec"]["replicas"];
        status["observedGeneration"].as_i64() == Some(object.generation())
            && ["replicas", "updatedReplicas", "availableReplicas"]
                .iter()
                .all(|field| status[field] == *wanted)
    })
}

#[tokio::test(start_paused = true)]
async fn a_deployment_becomes_available_is_updated_scaled_and_removed() {
    const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/gc/deployments";
    const PODS: &str = "/api/v1/namespaces/gc/pods";
    let local = cluster().await;
    local.create(DEPLOYMENTS, deployment(3, "one")).await.unwrap();
    until(&local, DEPLOYMENTS, is_rolled_out).await;
    let pods = local.list(PODS).await.unwrap().objects;
    assert_eq!(pods.len(), 3);
    for pod in &pods {
        assert_eq!(pod.value()["status"]["phase"], "Running");
        assert_eq!(pod.value()["spec"]["nodeName"], "krate-node");
    }
    let one = format!("{DEPLOYMENTS}/d");
    let patch = json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "two"}]}}}});
    local.merge(&one, patch).await.unwrap();
    until(&local, DEPLOYMENTS, is_rolled_out).await;
    local.merge(&one, json!({"spec": {"replicas": 1}})).await.unwrap();
    until(&local, DEPLOYMENTS, is_rolled_out).await;
    settle().await;
    let pods = local.list(PODS).await.unwrap().objects;
    let images: Vec<&str> = pods
        .iter()
        .filter_map(|pod| pod.value()["spec"]["containers"][0]["image"].as_str())
        .collect();
    assert_eq!(images, ["two"]);
    local.delete(&one, Value::Null).await.unwrap();
    until(&local, PODS, <[Value]>::is_empty).await;
    assert!(
        local
            .list("/apis/apps/v1/namespaces/gc/replicasets")
            .await
            .unwrap()
            .objects
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_workload_comes_up() {
    let local = cluster().await;
    let selector = json!({"matchLabels": {"app": "x"}});
    let template = json!({
        "metadata": {"labels": {"app": "x"}},
        "spec": {"restartPolicy": "Always", "containers": [{"name": "c", "image": "i"}]},
    });
    let mut once = template.clone();
    once["spec"]["restartPolicy"] = json!("Never");
    once["metadata"]["labels"] = json!({"job": "x"});
    let claim = json!({
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let stateful = json!({
        "replicas": 2, "serviceName": "s", "selector": selector, "template": template, "volumeClaimTemplates": [claim],
    });
    let cases = [
        ("apps/v1", "statefulsets", stateful, "readyReplicas", 2),
        (
            "apps/v1",
            "daemonsets",
            json!({"selector": selector, "template": template}),
            "numberReady",
            1,
        ),
        (
            "apps/v1",
            "replicasets",
            json!({"replicas": 1, "selector": selector, "template": template}),
            "readyReplicas",
            1,
        ),
        (
            "batch/v1",
            "jobs",
            json!({"completions": 2, "parallelism": 1, "template": once}),
            "succeeded",
            2,
        ),
    ];
    for (version, plural, spec, field, expected) in cases {
        let collection = format!("/apis/{version}/namespaces/gc/{plural}");
        let object = json!({"metadata": {"name": plural}, "spec": spec});
        local.create(&collection, object).await.unwrap();
        until(&local, &collection, |objects| {
            objects[0]["status"][field] == expected
        })
        .await;
    }
    let service = json!({"metadata": {"name": "s"}, "spec": {"selector": {"app": "x"}, "ports": [{"port": 80, "targetPort": 8080}]}});
    local
        .create("/api/v1/namespaces/gc/services", service)
        .await
        .unwrap();
    let slices = until(
        &local,
        "/apis/discovery.k8s.io/v1/namespaces/gc/endpointslices",
        |slices| !slices.is_empty(),
    )
    .await;
    assert_eq!(slices[0]["endpoints"].as_array().unwrap().len(), 4);
    let claims = local
        .list("/api/v1/namespaces/gc/persistentvolumeclaims")
        .await
        .unwrap()
        .objects;
    let names: Vec<&str> = claims.iter().map(|claim| claim.name()).collect();
    assert_eq!(names, ["data-statefulsets-0", "data-statefulsets-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_settled_cluster_writes_nothing() {
    let local = cluster().await;
    local
        .create("/apis/apps/v1/namespaces/gc/deployments", deployment(2, "one"))
        .await
        .unwrap();
    settle().await;
    let pods = local.list("/api/v1/namespaces/gc/pods").await.unwrap().objects;
    assert!(pods.len() == 2 && pods.iter().all(|pod| pod.value()["status"]["phase"] == "Running"));
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
