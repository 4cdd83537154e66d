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

/// A replica of an operator with an election.
fn replica(identity: &str) -> Operator {
    Operator::new()
        .controller(Reader)
        .leader_election(LeaderElection::new("reader.example.com").identity(identity))
}

/// The second replica takes over what the first gives up; nobody holds the lease in the end.
async fn check_handover(cluster: &Cluster) -> Result<()> {
    let first = cluster.run(replica("first")).await?;
    let leases: Api<Lease> = Api::namespaced(cluster.client(), "krate-system");
    let held_by = |holder: &'static str| {
        move |lease: &Lease| {
            let spec = lease.spec.as_ref();
            spec.and_then(|spec| spec.holder_identity.as_deref())
                .unwrap_or("")
                == holder
        }
    };
    eventually(&leases, "reader.example.com", held_by("first")).await?;
    let second = cluster.run(replica("second")).await?;
    first.stop().await?;
    let lease = eventually(&leases, "reader.example.com", held_by("second")).await?;
    let transitions = lease.spec.and_then(|spec| spec.lease_transitions);
    assert_eq!(transitions, Some(1), "the lease changed hands once");
    second.stop().await?;
    eventually(&leases, "reader.example.com", held_by("")).await?;
    Ok(())
}

#[tokio::test]
async fn replicas_on_a_real_cluster_hand_over_the_lease() -> Result<()> {
    match Cluster::real().await? {
        Some(cluster) => check_handover(&cluster).await,
        None => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn replicas_on_an_embedded_cluster_hand_over_the_lease() -> Result<()> {
    check_handover(&Cluster::embedded()?).await
}
