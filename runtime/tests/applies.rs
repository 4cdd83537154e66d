//! Where applies meet others: other managers, objects that belong to nobody, kinds known by metadata or at run time.

use std::sync::Mutex;

use futures::future::BoxFuture;
use http::Request;
use krate::k8s_openapi::ByteString;
use krate::k8s_openapi::api::apps::v1::Deployment;
use krate::k8s_openapi::api::core::v1::{ConfigMap, Secret, ServiceAccount};
use krate::kube::core::DynamicObject;
use krate::operator::Stop;
use krate::prelude::*;
use krate::write::{ContestedFields, Dynamic};
use krate::{ErrorKind, Kind};
use krate_testing::Cluster;
use kube::api::{Patch, PatchParams, PostParams};
use kube::client::Body;
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio::sync::mpsc;

const NAMESPACE: &str = "shop";

/// What the reconciler does to its stage, which says in which round it is.
type Deed =
    Arc<dyn for<'a> Fn(&'a Context<Actor>, &'a ConfigMap, u32) -> BoxFuture<'a, Result<()>> + Send + Sync>;

#[derive(Reconciler)]
#[reconciler(for = ConfigMap, owns(Secret, metadata(Deployment)), name = "actor")]
struct Actor {
    deed: Deed,
    told: mpsc::UnboundedSender<(u32, Result<()>)>,
}

impl Reconcile for Actor {
    async fn reconcile(&self, stage: Arc<ConfigMap>, cx: &Context<Self>) -> Result<Action> {
        if let Some(round) = round(&stage) {
            let done = (self.deed)(cx, &stage, round).await;
            let _ = self.told.send((round, done));
        }
        Ok(Action::done())
    }
}

fn round(stage: &ConfigMap) -> Option<u32> {
    stage.annotations().get("round")?.parse().ok()
}

struct World {
    cluster: Cluster,
    stages: Api<ConfigMap>,
    secrets: Api<Secret>,
    writes: Arc<Mutex<Vec<String>>>,
    told: mpsc::UnboundedReceiver<(u32, Result<()>)>,
    stop: Stop,
}

impl World {
    async fn new(deed: Deed) -> Self {
        let cluster = Cluster::embedded().expect("a cluster");
        cluster.namespace(NAMESPACE).await.expect("a namespace");
        let client = cluster.client();
        let (tell, told) = mpsc::unbounded_channel();
        let writes = Arc::new(Mutex::new(Vec::new()));
        let operator = Operator::new()
            .client(listened(client.clone(), Arc::clone(&writes)))
            .namespaced([NAMESPACE])
            .controller(Actor { deed, told: tell });
        let stop = Stop::new();
        let until = stop.clone();
        tokio::spawn(async move { operator.run_until(&until).await });
        Self {
            stages: Api::namespaced(client.clone(), NAMESPACE),
            secrets: Api::namespaced(client, NAMESPACE),
            cluster,
            writes,
            told,
            stop,
        }
    }

    /// Starts a round, and returns how its first run went.
    async fn round(&mut self, round: u32) -> Result<()> {
        let stage = json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": "stage", "annotations": { "round": round.to_string() } },
        });
        let params = PatchParams::apply("test").force();
        self.stages
            .patch("stage", &params, &Patch::Apply(&stage))
            .await
            .expect("the stage is set");
        loop {
            let (told, done) = self.told.recv().await.expect("the operator runs");
            if told == round {
                return done;
            }
        }
    }

    /// Takes the writes since the last time, events apart.
    fn writes(&self) -> Vec<String> {
        let mut writes = self.writes.lock().expect("no test panics while holding it");
        let mut writes = std::mem::take(&mut *writes);
        writes.retain(|line| !line.contains("/events"));
        writes
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.force();
    }
}

/// Returns a client that notes what is written through it.
fn listened(client: Client, writes: Arc<Mutex<Vec<String>>>) -> Client {
    let service = tower::service_fn(move |request: Request<Body>| {
        if request.method() != http::Method::GET {
            writes
                .lock()
                .expect("no test panics while holding it")
                .push(format!("{} {}", request.method(), request.uri().path()));
        }
        let client = client.clone();
        async move { client.send(request).await }
    });
    Client::new(service, "default")
}

fn object<K: serde::de::DeserializeOwned>(value: Value) -> K {
    serde_json::from_value(value).expect("the object is well-formed")
}

fn secret(word: &str) -> Secret {
    let word = ByteString(word.as_bytes().to_vec());
    object(json!({ "metadata": { "name": "child" }, "data": { "word": word } }))
}

#[tokio::test(start_paused = true)]
async fn a_field_of_another_manager_is_reported_and_taken_on_request_only() {
    let mut world = World::new(Arc::new(|cx, stage, round| {
        Box::pin(async move {
            match round {
                3 => cx.apply(stage, secret("ours")).force().await?,
                _ => cx.apply(stage, secret("ours")).await?,
            };
            Ok(())
        })
    }))
    .await;
    world.round(1).await.unwrap();
    let theirs = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "child" },
        "data": { "word": ByteString(b"theirs".to_vec()) },
    });
    let params = PatchParams::apply("someone").force();
    world
        .secrets
        .patch("child", &params, &Patch::Apply(&theirs))
        .await
        .unwrap();
    let error = world.round(2).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Contested, "{error}");
    let contested = error.downcast_ref::<ContestedFields>().unwrap();
    assert!(
        contested.fields.iter().any(|field| field.manager == "someone"),
        "{contested:?}"
    );
    assert!(error.to_string().contains("belongs to `someone`"), "{error}");
    world.round(3).await.unwrap();
    let child = world.secrets.get("child").await.unwrap();
    assert_eq!(child.data.unwrap()["word"].0, b"ours");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_belongs_to_nobody_is_adopted_on_request_only() {
    let mut world = World::new(Arc::new(|cx, stage, round| {
        Box::pin(async move {
            match round {
                1 => cx.apply_children(stage, secret("ours")).await?,
                _ => cx.apply_children(stage, secret("ours")).adopt().force().await?,
            };
            Ok(())
        })
    }))
    .await;
    let made_by_hand = secret("theirs");
    world
        .secrets
        .create(&PostParams::default(), &made_by_hand)
        .await
        .unwrap();
    let error = world.round(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unowned, "{error}");
    let child = world.secrets.get("child").await.unwrap();
    assert_eq!(
        (
            child.data.unwrap()["word"].0.as_slice(),
            child.metadata.owner_references
        ),
        (&b"theirs"[..], None)
    );
    world.round(2).await.unwrap();
    let child = world.secrets.get("child").await.unwrap();
    assert_eq!(child.data.unwrap()["word"].0, b"ours");
    assert_eq!(
        child.metadata.owner_references.map(|owners| owners.len()),
        Some(1)
    );
}

fn deployment() -> Deployment {
    object(json!({
        "metadata": { "name": "web" },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": { "labels": { "app": "web" } },
                "spec": { "containers": [{ "name": "web", "image": "web" }] },
            },
        },
    }))
}

#[tokio::test(start_paused = true)]
async fn a_child_known_by_its_metadata_is_sent_when_that_says_so() {
    let mut world = World::new(Arc::new(|cx, stage, round| {
        Box::pin(async move {
            let child = (round < 4).then(deployment);
            let applied = cx.apply_children(stage, child).await?;
            if let Some(applied) = applied {
                assert!(applied.metadata.uid.is_some());
            }
            Ok(())
        })
    }))
    .await;
    const WEB: &str = "/apis/apps/v1/namespaces/shop/deployments/web";
    let deployments: Api<Deployment> = Api::namespaced(world.cluster.client(), NAMESPACE);
    world.round(1).await.unwrap();
    assert_eq!(world.writes(), [format!("PATCH {WEB}")]);
    let status = Patch::Merge(json!({ "status": { "replicas": 1 } }));
    deployments
        .patch_status("web", &PatchParams::default(), &status)
        .await
        .unwrap();
    world.round(2).await.unwrap();
    assert!(world.writes().is_empty(), "a status is none of our business");
    let spec = Patch::Merge(json!({ "spec": { "paused": true } }));
    deployments
        .patch("web", &PatchParams::default(), &spec)
        .await
        .unwrap();
    world.round(3).await.unwrap();
    assert_eq!(world.writes()[0], format!("PATCH {WEB}"), "the spec may be");
    world.round(4).await.unwrap();
    assert_eq!(world.writes().last(), Some(&format!("DELETE {WEB}")));
}

#[tokio::test(start_paused = true)]
async fn children_of_a_kind_known_at_run_time_are_applied_read_and_pruned() {
    let mut world = World::new(Arc::new(|cx, stage, round| {
        Box::pin(async move {
            let accounts = Kind::of::<ServiceAccount>();
            let account = (round == 1).then(|| {
                let account = DynamicObject::new("robot", &accounts.api_resource());
                Dynamic::new(accounts.clone(), account)
            });
            cx.apply_children(stage, (account, secret("ours"))).await?;
            let found = cx.of_kind(&accounts).get_opt("robot").await?;
            assert_eq!(found.is_some(), round == 1);
            Ok(())
        })
    }))
    .await;
    world.round(1).await.unwrap();
    let accounts: Api<ServiceAccount> = Api::namespaced(world.cluster.client(), NAMESPACE);
    let robot = accounts.get("robot").await.unwrap();
    assert_eq!(robot.metadata.owner_references.unwrap()[0].name, "stage");
    world.round(2).await.unwrap();
    assert!(accounts.get_opt("robot").await.unwrap().is_none());
}
