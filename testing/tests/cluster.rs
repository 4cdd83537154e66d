//! The same calls against every arm.

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::ConfigMap;
use krate::CustomResource;
use krate::election::LeaderElection;
use krate::prelude::{Action, Arc, Context, Operator, Reconcile, Reconciler};
use krate_testing::{Cluster, Result, eventually, eventually_gone};
use kube::Api;
use kube::api::{DeleteParams, PostParams};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(group = "testing.example.com", version = "v1", kind = "Box", namespaced)]
struct BoxSpec {
    size: Option<u8>,
}

/// May read boxes, and nothing else.
#[derive(Reconciler)]
#[reconciler(for = Box)]
struct Reader;

impl Reconcile for Reader {
    async fn reconcile(&self, _: Arc<Box>, _: &Context<Self>) -> krate::Result<Action> {
        Ok(Action::done())
    }
}

fn config(name: &str) -> ConfigMap {
    let mut config = ConfigMap::default();
    config.metadata.name = Some(name.to_owned());
    config
}

/// What every arm does.
async fn check(cluster: &Cluster) -> Result<()> {
    cluster.namespace("shop").await?;
    cluster.install::<Box>().await?;

    let boxes: Api<Box> = Api::namespaced(cluster.client(), "shop");
    let object = Box::new("a", BoxSpec { size: Some(3) });
    boxes.create(&PostParams::default(), &object).await?;
    let seen = eventually(&boxes, "a", |it| it.spec.size == Some(3)).await?;
    assert!(seen.metadata.uid.is_some());

    let reader = cluster
        .install_operator(&Operator::new().controller(Reader), "reader")
        .await?;
    let readable: Api<Box> = Api::namespaced(reader.clone(), "shop");
    readable.get("a").await?;
    let configs: Api<ConfigMap> = Api::namespaced(reader, "shop");
    let refused = configs.create(&PostParams::default(), &config("c")).await;
    assert!(matches!(refused, Err(kube::Error::Api(status)) if status.code == 403));

    boxes.delete("a", &DeleteParams::default()).await?;
    eventually_gone(&boxes, "a").await
}

#[tokio::test]
async fn a_real_cluster_serves_what_is_installed_to_whom_it_is_permitted() -> Result<()> {
    match Cluster::real().await? {
        Some(cluster) => check(&cluster).await,
        None => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn an_embedded_cluster_serves_what_is_installed_to_whom_it_is_permitted() -> Result<()> {
    check(&Cluster::embedded()?).await
}

#[tokio::test(start_paused = true)]
async fn an_operator_that_holds_an_election_may_do_what_that_takes() -> Result<()> {
    let cluster = Cluster::embedded()?;
    let operator = Operator::new()
        .controller(Reader)
        .leader_election(LeaderElection::new("reader.example.com").identity("me"));
    let running = cluster.run(operator).await?;
    let leases: Api<Lease> = Api::namespaced(cluster.client(), "krate-system");
    let held = |lease: &Lease| {
        let spec = lease.spec.as_ref();
        spec.and_then(|spec| spec.holder_identity.as_deref()) == Some("me")
    };
    eventually(&leases, "reader.example.com", held).await?;
    running.stop().await?;
    eventually(&leases, "reader.example.com", |lease| !held(lease)).await?;
    Ok(())
}
