//! A cluster, an operator in it, faults between the two, and what can be seen in the end.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use k8s_openapi::jiff::Timestamp;
use krate::controller::Controller;
use krate::operator::{Part, Site, Stage, Stop};
use krate::prelude::*;
use krate_apiserver::environment::Environment as ServerEnvironment;
use krate_testing::fault::{Faults, Record, Target};
use krate_testing::{Cluster, Controllers, Server};
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::shop::{Diary, Shop, ShopSpec, Shops};

pub(crate) const NAMESPACE: &str = "town";
pub(crate) const CRD: &str = "shops.fault.example.com";
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// The name of the role and the binding of the operator.
const ROLE: &str = "krate-system-operator-manager-role";

pub(crate) struct World {
    cluster: Cluster,
    pub(crate) faults: Faults,
    pub(crate) diary: Diary,
    pub(crate) again: Option<Duration>,
    seed: u64,
    /// What the operator's requests go through.
    client: Client,
    running: Option<Running>,
    /// The role and its binding, while they are taken away.
    revoked: Option<(ClusterRole, ClusterRoleBinding)>,
}

struct Running {
    stop: Stop,
    task: JoinHandle<krate::Result<()>>,
    site: watch::Receiver<Option<Site>>,
}

/// What the users of a cluster see in the end; what differs from run to run is left out.
pub(crate) type Picture = BTreeMap<String, Value>;

impl World {
    /// A cluster in which the operator is installed, but does not run.
    pub(crate) async fn new(seed: u64) -> Self {
        let environment = ServerEnvironment::seeded(Timestamp::UNIX_EPOCH, seed);
        let builder = Server::builder()
            .environment(environment)
            .controllers(Controllers::only(["garbage-collector", "namespace"]));
        Self::within(Cluster::embedded_with(builder).unwrap(), seed).await
    }

    /// The same in a cluster of any arm.
    pub(crate) async fn within(cluster: Cluster, seed: u64) -> Self {
        cluster.namespace(NAMESPACE).await.unwrap();
        let faults = Faults::seeded(seed).with_rival(cluster.client());
        let mut world = Self {
            client: cluster.client(),
            cluster,
            faults,
            diary: Diary::default(),
            again: None,
            seed,
            running: None,
            revoked: None,
        };
        world.install().await;
        world
    }

    /// A cluster with the operator at work.
    pub(crate) async fn start(seed: u64) -> Self {
        let mut world = Self::new(seed).await;
        world.run();
        world
    }

    fn operator(&self) -> Operator {
        let shops = Shops {
            diary: self.diary.clone(),
            again: self.again,
        };
        Operator::new().controller(Controller::new(shops).workers(4))
    }

    /// Installs the definition and the role, or installs them again.
    pub(crate) async fn install(&mut self) {
        let client = self
            .cluster
            .install_operator(&self.operator(), "operator")
            .await
            .unwrap();
        self.client = self.faults.around(client);
    }

    pub(crate) fn run(&mut self) {
        let (tell, site) = watch::channel(None);
        let spy = Part::new("spy", move |scope| async move {
            tell.send_replace(Some(scope.site().clone()));
            scope.ready();
            scope.stopped().await;
            Ok(())
        });
        let environment = krate::Environment::seeded(Timestamp::UNIX_EPOCH, self.seed);
        let operator = self
            .operator()
            .client(self.client.clone())
            .environment(environment)
            .part(Stage::Servers, spy);
        let stop = Stop::new();
        let handle = stop.clone();
        let task = tokio::spawn(async move { operator.run_until(&handle).await });
        self.running = Some(Running { stop, task, site });
    }

    /// Stops the operator in order; nothing in it may have panicked.
    pub(crate) async fn stop(&mut self) {
        let Some(Running { stop, task, site }) = self.running.take() else {
            return;
        };
        let site = site.borrow().clone();
        let reports = site.map(|site| site.controllers()).unwrap_or_default();
        assert!(
            reports.iter().all(|report| report.stats.panicked == 0),
            "a run panicked"
        );
        stop.request();
        // Runs that a fault keeps waiting are cut off in the end, which is an error but no panic.
        let _ = task.await.expect("the operator did not panic");
    }

    /// Kills the operator, as the machine under it would.
    pub(crate) async fn kill(&mut self) {
        if let Some(Running { task, .. }) = self.running.take() {
            task.abort();
            let _ = task.await;
        }
    }

    pub(crate) fn shops(&self) -> Api<Shop> {
        Api::namespaced(self.cluster.client(), NAMESPACE)
    }

    pub(crate) fn aisles(&self) -> Api<ConfigMap> {
        Api::namespaced(self.cluster.client(), NAMESPACE)
    }

    pub(crate) fn tills(&self) -> Api<Secret> {
        Api::namespaced(self.cluster.client(), NAMESPACE)
    }

    pub(crate) async fn open(&self, name: &str, aisles: i32, tills: i32) -> kube::Result<()> {
        let shop = Shop::new(name, ShopSpec { aisles, tills });
        self.shops().create(&PostParams::default(), &shop).await.map(drop)
    }

    pub(crate) async fn change(&self, name: &str, aisles: i32, tills: i32) -> kube::Result<()> {
        let patch = Patch::Merge(json!({"spec": {"aisles": aisles, "tills": tills}}));
        self.shops()
            .patch(name, &PatchParams::default(), &patch)
            .await
            .map(drop)
    }

    pub(crate) async fn close(&self, name: &str) -> kube::Result<()> {
        self.shops()
            .delete(name, &DeleteParams::default())
            .await
            .map(drop)
    }

    /// Deletes the definition, and with it every shop.
    pub(crate) async fn uninstall(&self) {
        let crds: Api<CustomResourceDefinition> = Api::all(self.cluster.client());
        crds.delete(CRD, &DeleteParams::default()).await.unwrap();
    }

    pub(crate) async fn is_installed(&self) -> bool {
        let crds: Api<CustomResourceDefinition> = Api::all(self.cluster.client());
        crds.get_opt(CRD).await.unwrap().is_some()
    }

    /// Takes away what the operator may do.
    pub(crate) async fn forbid(&mut self) {
        if self.revoked.is_some() {
            return;
        }
        let (roles, bindings) = self.roles();
        let role = roles.get(ROLE).await.unwrap();
        let binding = bindings.get(ROLE).await.unwrap();
        bindings.delete(ROLE, &DeleteParams::default()).await.unwrap();
        roles.delete(ROLE, &DeleteParams::default()).await.unwrap();
        self.revoked = Some((role, binding));
        // A watch that is open stays open; the next one is refused.
        self.faults.hang_up(&Target::any());
    }

    /// Gives it back.
    pub(crate) async fn grant(&mut self) {
        let Some((mut role, mut binding)) = self.revoked.take() else {
            return;
        };
        let (roles, bindings) = self.roles();
        for meta in [&mut role.metadata, &mut binding.metadata] {
            *meta = kube::api::ObjectMeta {
                name: meta.name.take(),
                ..Default::default()
            };
        }
        roles.create(&PostParams::default(), &role).await.unwrap();
        bindings.create(&PostParams::default(), &binding).await.unwrap();
    }

    fn roles(&self) -> (Api<ClusterRole>, Api<ClusterRoleBinding>) {
        (Api::all(self.cluster.client()), Api::all(self.cluster.client()))
    }

    /// Returns what is there, as users see it.
    pub(crate) async fn picture(&self) -> Picture {
        let everything = ListParams::default();
        let mut picture = Picture::new();
        let mut uids = BTreeMap::new();
        for shop in self.shops().list(&everything).await.unwrap() {
            uids.insert(shop.metadata.uid.clone().unwrap(), shop.name_any());
            let status = shop.status.clone().unwrap_or_default();
            let seen = json!({
                "spec": shop.spec,
                "leaving": shop.metadata.deletion_timestamp.is_some(),
                "finalizers": shop.metadata.finalizers,
                "aisles": status.aisles,
                "tills": status.tills,
                "ready": status.conditions.is_true("Ready"),
                "observed": status.observed_generation == shop.metadata.generation,
            });
            picture.insert(format!("shop {}", shop.name_any()), seen);
        }
        let owners = |meta: &kube::api::ObjectMeta| -> Vec<String> {
            let owners = meta.owner_references.iter().flatten();
            owners
                .map(|owner| uids.get(&owner.uid).cloned().unwrap_or_default())
                .collect()
        };
        for aisle in self.aisles().list(&everything).await.unwrap() {
            let name = aisle.name_any();
            if name != "kube-root-ca.crt" {
                picture.insert(
                    format!("aisle {name}"),
                    json!([owners(&aisle.metadata), aisle.data]),
                );
            }
        }
        let mut tills: BTreeMap<String, usize> = BTreeMap::new();
        for till in self.tills().list(&everything).await.unwrap() {
            *tills
                .entry(format!("tills of {:?}", owners(&till.metadata)))
                .or_default() += 1;
        }
        picture.extend(tills.into_iter().map(|(key, count)| (key, json!(count))));
        let register = self.diary.pages().register.clone();
        let register: Vec<String> = register
            .into_iter()
            .map(|(name, uid)| {
                if uids.contains_key(&uid) {
                    name
                } else {
                    format!("{name}, which is gone")
                }
            })
            .collect();
        picture.insert("register".to_owned(), json!(register));
        picture
    }

    /// Returns the operator's writes since a place in the record.
    pub(crate) fn writes(&self, since: usize) -> Vec<Record> {
        let record = self.faults.record();
        let writes = record
            .into_iter()
            .skip(since)
            .filter(|record| record.asked.verb.is_write());
        writes.collect()
    }
}

/// Lets time pass until everything that is due has been done.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}
