//! Invariant: the same operator with the same seed sends the same requests, byte for byte.

use std::time::Duration;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::jiff::Timestamp;
use krate::kube::CustomResourceExt;
use krate::operator::Stop;
use krate::prelude::*;
use krate_apiserver::environment::Environment as ServerEnvironment;
use krate_apiserver::{Controllers, Entry, Server};
use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinHandle;

/// A shop with some tills.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(
    group = "replay.example.com",
    version = "v1",
    kind = "Shop",
    namespaced,
    status = "ShopStatus"
)]
struct ShopSpec {
    tills: i32,
}

#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
struct ShopStatus {
    ready: i32,
}

#[derive(Reconciler)]
#[reconciler(for = Shop, owns(Deployment, ConfigMap), finalizer = "replay.example.com/close")]
struct Shops;

impl Reconcile for Shops {
    async fn reconcile(&self, shop: Arc<Shop>, cx: &Context<Self>) -> krate::Result<Action> {
        let (deployment, _) = cx.apply_children(&shop, (tills(&shop), sign(&shop))).await?;
        let ready = deployment
            .status
            .as_ref()
            .and_then(|status| status.ready_replicas)
            .unwrap_or_default();
        cx.status(&shop, |status| status.ready = ready).await?;
        if shop.spec.tills == 13 {
            // A failure is retried after a back-off with jitter, which comes from the seed.
            return Err(Error::new("an unlucky number"));
        }
        Ok(Action::done())
    }
}

fn tills(shop: &Shop) -> Deployment {
    let labels = std::collections::BTreeMap::from([("shop".to_owned(), name(shop))]);
    let pod = json!({"metadata": {"labels": labels}, "spec": {"containers": [{"name": "till", "image": "till:1"}]}});
    Deployment {
        metadata: meta(shop),
        spec: DeploymentSpec {
            replicas: Some(shop.spec.tills),
            selector: serde_json::from_value(json!({"matchLabels": labels})).expect("a selector"),
            template: serde_json::from_value(pod).expect("a template"),
            ..DeploymentSpec::default()
        },
        ..Deployment::default()
    }
}

fn sign(shop: &Shop) -> ConfigMap {
    let data = [("tills".to_owned(), shop.spec.tills.to_string())].into();
    ConfigMap {
        metadata: meta(shop),
        data: Some(data),
        ..ConfigMap::default()
    }
}

fn meta(shop: &Shop) -> kube::api::ObjectMeta {
    let namespace = shop.metadata.namespace.clone();
    kube::api::ObjectMeta {
        name: Some(name(shop)),
        namespace,
        ..Default::default()
    }
}

fn name(shop: &Shop) -> String {
    shop.metadata.name.clone().unwrap_or_default()
}

/// A server and an operator on one virtual clock.
struct World {
    server: Server,
    shops: Api<Shop>,
    stop: Stop,
    running: JoinHandle<krate::Result<()>>,
}

impl World {
    async fn start(seed: u64) -> Self {
        let environment = ServerEnvironment::seeded(Timestamp::UNIX_EPOCH, seed);
        let server = Server::builder()
            .environment(environment)
            .controllers(Controllers::all())
            .build();
        let server = server.expect("a server");
        let crds: Api<CustomResourceDefinition> = Api::all(server.client());
        crds.create(&PostParams::default(), &Shop::crd())
            .await
            .expect("the definition is accepted");
        let environment = krate::Environment::seeded(Timestamp::UNIX_EPOCH, seed);
        let operator = Operator::new()
            .client(server.client())
            .environment(environment)
            .controller(Shops);
        let stop = Stop::new();
        let told = stop.clone();
        let running = tokio::spawn(async move { operator.run_until(&told).await });
        let shops = Api::namespaced(server.client(), "default");
        Self {
            server,
            shops,
            stop,
            running,
        }
    }

    async fn open(&self, name: &str, tills: i32) {
        let shop = Shop::new(name, ShopSpec { tills });
        self.shops
            .create(&PostParams::default(), &shop)
            .await
            .expect("the shop is accepted");
    }

    async fn end(self) -> Vec<Entry> {
        self.stop.request();
        self.running.await.expect("no panic").expect("an orderly stop");
        let entries = self.server.request_log().entries();
        self.server.shutdown().await;
        entries
    }
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Runs a day of a cluster and returns all that was asked of its server.
async fn day(seed: u64) -> Vec<Entry> {
    let world = World::start(seed).await;
    world.open("corner", 2).await;
    world.open("market", 13).await;
    pass(30).await;
    let grow = Patch::Merge(json!({"spec": {"tills": 5}}));
    world
        .shops
        .patch("corner", &PatchParams::default(), &grow)
        .await
        .expect("the shop grows");
    pass(30).await;
    world
        .shops
        .delete("market", &DeleteParams::default())
        .await
        .expect("the shop closes");
    pass(30).await;
    world.end().await
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_sends_the_same_requests() {
    let (first, second) = (day(7).await, day(7).await);
    let writes = first.iter().filter(|entry| entry.method != "GET").count();
    assert!(
        writes > 12,
        "the day was too quiet to prove anything: {writes} writes"
    );
    for (number, (one, other)) in first.iter().zip(&second).enumerate() {
        assert_eq!(one, other, "request {number} differs");
    }
    assert_eq!(first.len(), second.len());
}

#[tokio::test(start_paused = true)]
async fn another_seed_sends_others() {
    assert_ne!(day(7).await, day(8).await, "the comparison sees differences");
}

#[tokio::test(start_paused = true)]
async fn an_operator_whose_work_is_done_sends_no_writes() {
    let world = World::start(7).await;
    world.open("corner", 2).await;
    pass(60).await;
    let corner = world.shops.get("corner").await.expect("the shop is there");
    assert_eq!(corner.status, Some(ShopStatus { ready: 2 }));
    world.server.request_log().clear();
    pass(3600).await;
    let entries = world.end().await;
    let writes: Vec<_> = entries.iter().filter(|entry| entry.method != "GET").collect();
    assert!(writes.is_empty(), "{writes:#?}");
}
