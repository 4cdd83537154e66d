//! The operator at work, with an account that may do only what it declares.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;
use krate_testing::{Cluster, Result, eventually};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use memcached_operator::{Memcached, MemcachedSpec, operator};
use serde_json::json;

const NAMESPACE: &str = "shop";

fn memcached(size: i32) -> Memcached {
    let spec = MemcachedSpec {
        size,
        image: "memcached:1".to_owned(),
        memory_megabytes: 64,
    };
    Memcached::new("sessions", spec)
}

/// What a cluster with nodes does: the pods of the Deployment come up.
async fn bring_up(deployments: &Api<Deployment>, replicas: i32) -> Result<()> {
    let status = json!({"status": {"replicas": replicas, "readyReplicas": replicas}});
    let params = PatchParams::default();
    deployments
        .patch_status("sessions", &params, &Patch::Merge(status))
        .await?;
    Ok(())
}

/// The whole life of a cluster, against any arm.
async fn check(cluster: &Cluster) -> Result<()> {
    cluster.namespace(NAMESPACE).await?;
    let running = cluster.run(operator()).await?;

    let client = cluster.client();
    let memcacheds: Api<Memcached> = Api::namespaced(client.clone(), NAMESPACE);
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), NAMESPACE);
    let services: Api<Service> = Api::namespaced(client, NAMESPACE);
    memcacheds.create(&PostParams::default(), &memcached(2)).await?;

    let deployment = eventually(&deployments, "sessions", |_| true).await?;
    let owners = deployment.metadata.owner_references.unwrap_or_default();
    assert_eq!(owners[0].kind, "Memcached");
    eventually(&services, "sessions", |_| true).await?;
    eventually(&memcacheds, "sessions", |it| !is_ready(it) && it.status.is_some()).await?;

    bring_up(&deployments, 2).await?;
    let ready = eventually(&memcacheds, "sessions", is_ready).await?;
    let status = ready.status.unwrap_or_default();
    assert_eq!(status.ready_replicas, 2);
    assert_eq!(status.observed_generation, ready.metadata.generation);

    let bigger = Patch::Merge(json!({"spec": {"size": 3}}));
    memcacheds
        .patch("sessions", &PatchParams::default(), &bigger)
        .await?;
    let wanted = |it: &Deployment| it.spec.replicas == Some(3);
    eventually(&deployments, "sessions", wanted).await?;
    eventually(&memcacheds, "sessions", |it| !is_ready(it)).await?;
    running.stop().await
}

fn is_ready(memcached: &Memcached) -> bool {
    let status = memcached.status.as_ref();
    status.is_some_and(|status| status.conditions.is_true("Ready"))
}

#[tokio::test]
async fn a_real_api_server_gets_a_cluster_as_asked_for() -> Result<()> {
    match Cluster::real().await? {
        Some(cluster) => check(&cluster).await,
        None => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn an_embedded_api_server_gets_a_cluster_as_asked_for() -> Result<()> {
    check(&Cluster::embedded()?).await
}
