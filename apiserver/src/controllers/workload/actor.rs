//! The task that follows workloads and carries plans out.

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::json;

use super::{daemon_set, deployment, endpoints, job, node, pod, replica_set, stateful_set};
use crate::controllers::client::Client;
use crate::controllers::feed::{Feed, Seen};
use crate::controllers::plan::{Plan, Step, string};
use crate::controllers::queue::Queue;
use crate::controllers::world::{Key, Kind, World, controller};
use crate::core::{Core, bucket_of};
use crate::object::{Meta, ObjectRef};
use crate::status::{Error, Result};

/// Pods get addresses of `10.244.0.0/16`, from the second on.
const FIRST_POD: u32 = u32::from_be_bytes([10, 244, 0, 2]);
const PODS: u32 = 0xffff - 2;

/// Runs workloads for as long as the server runs.
pub(in crate::controllers) struct Actor {
    core: Arc<Core>,
    /// Writes as the controllers do.
    manager: Client,
    /// Writes nodes and pods' status as a kubelet does.
    kubelet: Client,
    feed: Feed<Kind>,
    world: World,
    queue: Queue<Key>,
    addresses: u32,
}

impl Actor {
    pub(in crate::controllers) fn new(core: Arc<Core>, manager: Client, kubelet: Client) -> Self {
        let mut feed = Feed::new(core.store.clone());
        for kind in Kind::ALL {
            let group = kind.api_version().split_once('/').map_or("", |(group, _)| group);
            feed.follow(&bucket_of(group, kind.plural()), kind);
        }
        Self {
            core,
            manager,
            kubelet,
            feed,
            world: World::default(),
            queue: Queue::new(),
            addresses: 0,
        }
    }

    pub(in crate::controllers) async fn run(mut self) {
        if let Err(error) = self.add_node().await {
            tracing::warn!(%error, "failed to add the first node: pods stay pending");
        }
        loop {
            self.catch_up();
            while let Some(key) = self.queue.pop() {
                match self.work(&key).await {
                    Ok(()) => self.queue.succeeded(&key),
                    Err(error) => {
                        tracing::debug!(%error, path = key.path(), "failed to carry out a plan");
                        self.queue.retry(key);
                    }
                }
                self.catch_up();
            }
            tokio::select! {
                () = self.feed.changed() => {}
                () = self.queue.due() => {}
            }
        }
    }

    async fn add_node(&self) -> Result<()> {
        let node = match self.kubelet.create(&Kind::Node.everywhere(), node::first()).await {
            Err(error) if error.code == 409 => return Ok(()),
            other => other?,
        };
        let status = json!({"status": node::status(&self.core.environment.timestamp())});
        let path = Key::of(Kind::Node, node.value()).path();
        self.kubelet.merge(&format!("{path}/status"), status).await?;
        // Admission keeps new nodes from use until they are ready, which this one is now.
        self.kubelet
            .merge(&path, json!({"spec": {"taints": null}}))
            .await
            .map(drop)
    }

    fn catch_up(&mut self) {
        for (kind, seen) in self.feed.look() {
            let key = Key::of(kind, seen.object().value());
            let old = match &seen {
                Seen::Stored(object) => self.world.put(kind, object.clone()),
                Seen::Gone(_) => self.world.remove(&key),
            };
            for object in old.iter().chain([seen.object()]) {
                self.concern(kind, object);
            }
            if kind == Kind::Pod && matches!(seen, Seen::Gone(_)) {
                self.concern_grand_owner(seen.object());
            }
            self.queue.add(key);
        }
    }

    /// Queues what has to do with an object of `kind`.
    fn concern(&mut self, kind: Kind, object: &ObjectRef) {
        if let Some(owner) = owner_key(object) {
            self.queue.add(owner);
        }
        let due: Vec<Key> = match kind {
            Kind::Pod => {
                let services = self.world.inside(Kind::Service, object.namespace());
                let concerned = services.filter(|service| endpoints::selects(service, object.value()));
                concerned.map(|service| Key::of(Kind::Service, service)).collect()
            }
            Kind::Node => [self.world.keys(Kind::DaemonSet), self.unplaced()].concat(),
            _ => Vec::new(),
        };
        for key in due {
            self.queue.add(key);
        }
    }

    fn unplaced(&self) -> Vec<Key> {
        let mut keys = self.world.keys(Kind::Pod);
        keys.retain(|key| {
            self.world
                .get(key)
                .is_some_and(|pod| string(pod, &["spec", "nodeName"]).is_empty())
        });
        keys
    }

    /// A deployment that recreates waits for pods to be gone, not just for its sets to be empty.
    fn concern_grand_owner(&mut self, pod: &ObjectRef) {
        let set = owner_key(pod).and_then(|key| self.world.get(&key));
        let owner = set
            .and_then(controller)
            .and_then(|owner| key_of_owner(owner, pod.namespace()));
        if let Some(owner) = owner {
            self.queue.add(owner);
        }
    }

    async fn work(&mut self, key: &Key) -> Result<()> {
        let plan = self.plan(key);
        if let Some(wait) = plan.again {
            self.queue.add_after(key.clone(), wait);
        }
        for step in plan.steps {
            self.carry_out(key.kind, step).await?;
        }
        Ok(())
    }

    fn plan(&mut self, key: &Key) -> Plan {
        let now = self.core.environment.timestamp();
        let Some(object) = self.world.get(key) else {
            return match key.kind {
                Kind::Service => endpoints::plan_without_service(key, &self.world),
                _ => Plan::default(),
            };
        };
        match key.kind {
            Kind::Deployment => deployment::plan(object, &self.world, &now),
            Kind::ReplicaSet => replica_set::plan(object, &self.world, &now),
            Kind::StatefulSet => stateful_set::plan(object, &self.world, &now),
            Kind::DaemonSet => daemon_set::plan(object, &self.world, &now),
            Kind::Job => job::plan(object, &self.world, &now),
            Kind::Service => endpoints::plan(object, &self.world),
            Kind::Pod => {
                let plan = pod::plan(object, &self.world, address(self.addresses), &now);
                if plan.steps.iter().any(|step| matches!(step, Step::Status { .. })) {
                    self.addresses = self.addresses.wrapping_add(1);
                }
                plan
            }
            Kind::Node | Kind::ControllerRevision | Kind::EndpointSlice | Kind::Endpoints => Plan::default(),
        }
    }

    async fn carry_out(&mut self, planner: Kind, step: Step) -> Result<()> {
        let client = if planner == Kind::Pod {
            &self.kubelet
        } else {
            &self.manager
        };
        let written = match step {
            Step::Create { collection, object } => client.create(&collection, object).await,
            Step::Patch { path, patch } => client.merge(&path, patch).await,
            Step::Status { path, object } => client.replace(&format!("{path}/status"), object).await,
            Step::Delete { path, uid, grace } => {
                let mut options = json!({"preconditions": {"uid": uid}});
                if let Some(seconds) = grace {
                    options["gracePeriodSeconds"] = json!(seconds);
                }
                return ignore_gone(client.delete(&path, options).await);
            }
        };
        match written {
            Ok(object) => {
                // What was just written must not be planned again before the history shows it.
                if let Some(kind) = Kind::named(object.kind()) {
                    self.world.put(kind, object);
                }
                Ok(())
            }
            Err(error) if is_there_already(&error) => Ok(()),
            Err(error) => ignore_gone(Err(error)),
        }
    }
}

/// Another object of this name serves as well: claims outlive pods, and revisions are named by their content.
fn is_there_already(error: &Error) -> bool {
    let kind = error.details.as_ref().map(|details| details.kind.as_str());
    let kept = matches!(kind, Some("persistentvolumeclaims" | "controllerrevisions"));
    error.reason == Some("AlreadyExists") && kept
}

/// What is gone needs no change any more.
fn ignore_gone(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.code == 404 => Ok(()),
        other => other,
    }
}

fn address(index: u32) -> Ipv4Addr {
    Ipv4Addr::from(FIRST_POD + index % PODS)
}

fn owner_key(object: &ObjectRef) -> Option<Key> {
    key_of_owner(controller(object.value())?, object.namespace())
}

fn key_of_owner(owner: &serde_json::Value, namespace: &str) -> Option<Key> {
    Some(Key {
        kind: Kind::named(string(owner, &["kind"]))?,
        namespace: namespace.to_owned(),
        name: string(owner, &["name"]).to_owned(),
    })
}
