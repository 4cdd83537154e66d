//! The task that keeps the graph and carries out what follows from it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::graph::{Deletion, Graph, Node, Owner};
use super::verdict::{Fate, Verdict, verdict};
use crate::controllers::client::Client;
use crate::controllers::feed::{Feed, Seen};
use crate::controllers::queue::Queue;
use crate::core::{Core, bucket, key};
use crate::object::Meta;
use crate::registry::Resource;
use crate::status::Result;

/// Deletes what has lost its owners, for as long as the server runs.
pub(in crate::controllers) struct Collector {
    core: Arc<Core>,
    client: Client,
    feed: Feed<Arc<Resource>>,
    graph: Graph,
    queue: Queue<String>,
    generation: Option<u64>,
}

impl Collector {
    pub(in crate::controllers) fn new(core: Arc<Core>, client: Client) -> Self {
        Self {
            feed: Feed::new(core.store.clone()),
            core,
            client,
            graph: Graph::default(),
            queue: Queue::new(),
            generation: None,
        }
    }

    pub(in crate::controllers) async fn run(mut self) {
        loop {
            self.catch_up();
            while let Some(uid) = self.queue.pop() {
                match self.collect(&uid).await {
                    Ok(()) => self.queue.succeeded(&uid),
                    Err(error) => {
                        tracing::debug!(%error, uid, "failed to collect an object");
                        self.queue.retry(uid);
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

    /// Takes in all that has happened, and follows kinds that are new.
    fn catch_up(&mut self) {
        let mut news = self.feed.look();
        let kinds = self.core.registry.kinds();
        if self.generation.replace(kinds.generation()) != Some(kinds.generation()) {
            // After the first look: a kind that ended and came back is followed anew.
            for resource in kinds
                .stored()
                .into_iter()
                .filter(|resource| is_collected(resource))
            {
                self.feed.follow(&bucket(resource), resource.clone());
            }
            news.extend(self.feed.look());
        }
        for (resource, seen) in news {
            let due = match seen {
                Seen::Stored(object) => {
                    let path = resource.path(object.namespace(), object.name());
                    self.graph.observe(path, object.value())
                }
                Seen::Gone(object) => self.graph.forget(object.uid()),
            };
            for uid in due {
                self.queue.add(uid);
            }
        }
    }

    async fn collect(&mut self, uid: &str) -> Result<()> {
        let Some(node) = self.graph.node(uid).cloned() else {
            return Ok(());
        };
        let Some(live) = self
            .client
            .find(&node.path)
            .await?
            .filter(|live| live.uid() == uid)
        else {
            return Ok(());
        };
        match Deletion::of(&live) {
            Deletion::Foreground => self.finish_foreground(&node, &live).await,
            Deletion::Orphan => self.orphan(&node, &live).await,
            deletion => self.judge(&node, &live, deletion).await,
        }
    }

    /// Lets an owner go once nothing blocks it; its dependents are being deleted already.
    async fn finish_foreground(&self, node: &Node, live: &Value) -> Result<()> {
        if self.graph.blockers(live.uid()).is_empty() {
            self.drop_finalizer(node, live, "foregroundDeletion").await?;
        }
        Ok(())
    }

    /// Makes the dependents forget their owner, then lets it go.
    async fn orphan(&self, node: &Node, live: &Value) -> Result<()> {
        for dependent in self.graph.dependents(live.uid()) {
            let Some(other) = self.graph.node(&dependent) else {
                continue;
            };
            let found = self.client.find(&other.path).await?;
            if let Some(found) = found.filter(|found| found.uid() == dependent) {
                self.release(&other.path, &found, &[live.uid().to_owned()])
                    .await?;
            }
        }
        self.drop_finalizer(node, live, "orphan").await
    }

    async fn judge(&self, node: &Node, live: &Value, deletion: Deletion) -> Result<()> {
        let owners: Vec<(Owner, Fate)> = live
            .owner_references()
            .iter()
            .map(|value| {
                let owner = Owner::read(value);
                let fate = self.fate(&owner, live.namespace());
                (owner, fate)
            })
            .collect();
        let dependents = self.graph.dependents(live.uid());
        match verdict(&owners, deletion, !dependents.is_empty()) {
            Verdict::Keep => Ok(()),
            Verdict::Release(uids) => self.release(&node.path, live, &uids).await,
            Verdict::Delete(policy) => {
                self.report_foreign_owners(&owners, live).await?;
                self.break_circle(node, live, &dependents).await?;
                let preconditions = json!({"uid": live.uid()});
                let options = json!({"preconditions": preconditions, "propagationPolicy": policy});
                self.client.delete(&node.path, options).await
            }
        }
    }

    /// An owner of a kind that is not served cannot be asked for: it counts as existing.
    fn fate(&self, owner: &Owner, namespace: &str) -> Fate {
        let (group, version) = owner
            .api_version
            .split_once('/')
            .unwrap_or(("", &owner.api_version));
        let kinds = self.core.registry.kinds();
        let Some(resource) = kinds.by_kind(group, version, &owner.kind) else {
            return Fate::Solid;
        };
        let namespace = if resource.is_namespaced() { namespace } else { "" };
        if resource.is_namespaced() && namespace.is_empty() {
            // A namespaced owner of a cluster-scoped object can never be found, nor told to be absent.
            return Fate::Solid;
        }
        let found = self
            .core
            .store
            .get(&bucket(resource), &key(namespace, &owner.name));
        match found.filter(|found| found.uid() == owner.uid) {
            None => Fate::Absent,
            Some(found) if Deletion::of(found.value()) == Deletion::Foreground => Fate::Waiting,
            Some(_) => Fate::Solid,
        }
    }

    /// Two that own each other would wait for each other for ever.
    async fn break_circle(&self, node: &Node, live: &Value, dependents: &[String]) -> Result<()> {
        let waits = |uid: &String| {
            self.graph
                .node(uid)
                .is_some_and(|node| node.deletion == Deletion::Foreground)
        };
        if !dependents.iter().any(waits) {
            return Ok(());
        }
        let mut owners = live.owner_references().to_vec();
        for owner in &mut owners {
            owner["blockOwnerDeletion"] = json!(false);
        }
        let patch = json!({"metadata": {"uid": live.uid(), "ownerReferences": owners}});
        self.client.merge(&node.path, patch).await.map(drop)
    }

    async fn release(&self, path: &str, live: &Value, uids: &[String]) -> Result<()> {
        let is_left = |owner: &&Value| !uids.iter().any(|uid| owner["uid"] == uid.as_str());
        let left: Vec<&Value> = live.owner_references().iter().filter(is_left).collect();
        let left = if left.is_empty() { Value::Null } else { json!(left) };
        self.patch_metadata(path, live, "ownerReferences", left).await
    }

    async fn drop_finalizer(&self, node: &Node, live: &Value, finalizer: &str) -> Result<()> {
        let left: Vec<&str> = live
            .finalizers()
            .into_iter()
            .filter(|one| *one != finalizer)
            .collect();
        self.patch_metadata(&node.path, live, "finalizers", json!(left))
            .await
    }

    /// Changes one field of the metadata of exactly this state of the object.
    async fn patch_metadata(&self, path: &str, live: &Value, field: &str, value: Value) -> Result<()> {
        let mut metadata = json!({"uid": live.uid(), "resourceVersion": live.resource_version()});
        metadata[field] = value;
        match self.client.merge(path, json!({"metadata": metadata})).await {
            Err(error) if error.code == 404 => Ok(()),
            other => other.map(drop),
        }
    }

    /// Says of an object why it goes although its owner can be seen: in another namespace.
    async fn report_foreign_owners(&self, owners: &[(Owner, Fate)], live: &Value) -> Result<()> {
        for (owner, fate) in owners {
            let elsewhere = self.graph.node(&owner.uid);
            let elsewhere = elsewhere.is_some_and(|node| node.namespace != live.namespace());
            if *fate == Fate::Absent && elsewhere && !live.namespace().is_empty() {
                self.client
                    .create(&event_path(live), self.event(owner, live))
                    .await?;
            }
        }
        Ok(())
    }

    fn event(&self, owner: &Owner, live: &Value) -> Value {
        const COMPONENT: &str = "garbage-collector-controller";
        let namespace = live.namespace();
        let now = self.core.environment.timestamp();
        let nanoseconds = self.core.environment.now().as_nanosecond();
        let message = format!(
            "ownerRef [{}/{}, namespace: {namespace}, name: {}, uid: {}] does not exist in namespace {namespace:?}",
            owner.api_version, owner.kind, owner.name, owner.uid
        );
        json!({
            "apiVersion": "v1", "kind": "Event",
            "metadata": {"name": format!("{}.{nanoseconds:x}", live.name()), "namespace": namespace},
            "involvedObject": {
                "apiVersion": live.api_version(), "kind": live.kind(), "namespace": namespace,
                "name": live.name(), "uid": live.uid(),
            },
            "reason": "OwnerRefInvalidNamespace", "message": message, "type": "Warning", "count": 1,
            "firstTimestamp": now, "lastTimestamp": now,
            "source": {"component": COMPONENT}, "reportingComponent": COMPONENT,
        })
    }
}

fn event_path(live: &Value) -> String {
    format!("/api/v1/namespaces/{}/events", live.namespace())
}

/// Events own nothing and are too many to follow.
fn is_collected(resource: &Resource) -> bool {
    resource.plural != "events" && resource.verbs.contains("delete")
}
