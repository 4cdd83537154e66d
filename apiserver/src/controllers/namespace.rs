//! The end of namespaces: their content goes first, then they do.

use std::sync::Arc;

use serde_json::{Value, json};

use super::client::Client;
use super::condition::{Condition, conditions};
use super::feed::Feed;
use super::queue::Queue;
use crate::core::{Core, bucket};
use crate::object::{Meta, ObjectRef};
use crate::registry::Resource;
use crate::status::Result;
use crate::store::Range;

/// Empties namespaces that are being deleted, for as long as the server runs.
pub(super) struct Namespaces {
    core: Arc<Core>,
    client: Client,
    feed: Feed<()>,
    queue: Queue<String>,
}

impl Namespaces {
    pub(super) fn new(core: Arc<Core>, client: Client) -> Self {
        let mut feed = Feed::new(core.store.clone());
        feed.follow("namespaces", ());
        Self {
            core,
            client,
            feed,
            queue: Queue::new(),
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            self.feed.look();
            for namespace in self.core.store.all("namespaces") {
                if namespace.is_deleting() {
                    self.queue.add(namespace.name().to_owned());
                }
            }
            while let Some(name) = self.queue.pop() {
                match self.empty(&name).await {
                    Ok(()) => self.queue.succeeded(&name),
                    Err(error) => {
                        tracing::debug!(%error, name, "failed to empty a namespace");
                        self.queue.retry(name);
                    }
                }
            }
            tokio::select! {
                () = self.feed.changed() => {}
                () = self.queue.due() => {}
            }
        }
    }

    async fn empty(&self, name: &str) -> Result<()> {
        let Some(namespace) = self.core.store.get("namespaces", name) else {
            return Ok(());
        };
        if !namespace.is_deleting() || !awaits_us(namespace.value()) {
            return Ok(());
        }
        for (resource, objects) in self.content(name) {
            for object in objects.iter().filter(|object| !object.is_deleting()) {
                self.delete(&resource, object).await?;
            }
        }
        self.say(name, &self.content(name)).await?;
        if self.content(name).is_empty() {
            self.finish(name).await?;
        }
        Ok(())
    }

    /// Returns the objects of a namespace by resource, pods first: others may depend on what they hold.
    fn content(&self, namespace: &str) -> Vec<(Arc<Resource>, Vec<ObjectRef>)> {
        let prefix = format!("{namespace}/");
        let kinds = self.core.registry.kinds();
        let stored = kinds
            .stored()
            .into_iter()
            .filter(|resource| resource.is_namespaced());
        let objects = |resource: &Resource| {
            let page = self
                .core
                .store
                .page(&bucket(resource), &Range::all(&prefix), None);
            page.map(|page| page.objects).unwrap_or_default()
        };
        let all = stored.map(|resource| (resource.clone(), objects(resource)));
        let mut all: Vec<_> = all.filter(|(_, objects)| !objects.is_empty()).collect();
        all.sort_by_key(|(resource, _)| {
            (
                resource.plural != "pods",
                resource.group.clone(),
                resource.plural.clone(),
            )
        });
        all
    }

    async fn delete(&self, resource: &Resource, object: &ObjectRef) -> Result<()> {
        let path = resource.path(object.namespace(), object.name());
        let options = json!({"preconditions": {"uid": object.uid()}, "propagationPolicy": "Background"});
        match self.client.delete(&path, options).await {
            Err(error) if error.code == 404 => Ok(()),
            other => other,
        }
    }

    /// Writes how far the deletion is.
    async fn say(&self, name: &str, left: &[(Arc<Resource>, Vec<ObjectRef>)]) -> Result<()> {
        let path = format!("/api/v1/namespaces/{name}");
        let Some(mut namespace) = self.client.find(&path).await? else {
            return Ok(());
        };
        let mut list = conditions(&namespace);
        for condition in progress(&remaining(left), &finalizing(left)) {
            condition
                .as_condition()
                .set(&mut list, &self.core.environment.timestamp());
        }
        if namespace["status"]["conditions"].as_array() == Some(&list) {
            return Ok(());
        }
        namespace["status"]["conditions"] = json!(list);
        self.client
            .replace(&format!("{path}/status"), namespace)
            .await
            .map(drop)
    }

    async fn finish(&self, name: &str) -> Result<()> {
        let path = format!("/api/v1/namespaces/{name}");
        let Some(mut namespace) = self.client.find(&path).await? else {
            return Ok(());
        };
        if let Some(finalizers) = namespace
            .pointer_mut("/spec/finalizers")
            .and_then(Value::as_array_mut)
        {
            finalizers.retain(|one| one != "kubernetes");
        }
        self.client
            .replace(&format!("{path}/finalize"), namespace)
            .await
            .map(drop)
    }
}

fn awaits_us(namespace: &Value) -> bool {
    let finalizers = namespace["spec"]["finalizers"].as_array();
    finalizers.is_some_and(|list| list.iter().any(|one| one == "kubernetes"))
}

/// Says of each resource how many objects are left, as `configmaps. has 1 resource instances`.
fn remaining(left: &[(Arc<Resource>, Vec<ObjectRef>)]) -> String {
    let of = |(resource, objects): &(Arc<Resource>, Vec<ObjectRef>)| {
        format!(
            "{}.{} has {} resource instances",
            resource.plural,
            resource.group,
            objects.len()
        )
    };
    let mut texts: Vec<String> = left.iter().map(of).collect();
    texts.sort_unstable();
    texts.join(", ")
}

/// Says of each finalizer how many objects hold it, as `a.b/c in 1 resource instances`.
fn finalizing(left: &[(Arc<Resource>, Vec<ObjectRef>)]) -> String {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    let objects = left.iter().flat_map(|(_, objects)| objects);
    for finalizer in objects.flat_map(|object| object.finalizers()) {
        *counts.entry(finalizer).or_default() += 1;
    }
    let texts = counts
        .into_iter()
        .map(|(finalizer, count)| format!("{finalizer} in {count} resource instances"));
    texts.collect::<Vec<_>>().join(", ")
}

/// One line of the progress of a deletion.
#[derive(Debug, PartialEq)]
struct Line {
    kind: &'static str,
    status: &'static str,
    reason: &'static str,
    message: String,
}

impl Line {
    fn as_condition(&self) -> Condition<'_> {
        Condition {
            kind: self.kind,
            status: self.status,
            reason: self.reason,
            message: &self.message,
        }
    }
}

fn progress(remaining: &str, finalizing: &str) -> [Line; 5] {
    let line = |kind, status, reason, message: String| Line {
        kind,
        status,
        reason,
        message,
    };
    let fine = |kind, reason, message: &str| line(kind, "False", reason, message.to_owned());
    [
        fine(
            "NamespaceDeletionDiscoveryFailure",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        ),
        fine(
            "NamespaceDeletionGroupVersionParsingFailure",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        fine(
            "NamespaceDeletionContentFailure",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        if remaining.is_empty() {
            fine(
                "NamespaceContentRemaining",
                "ContentRemoved",
                "All content successfully removed",
            )
        } else {
            let message = format!("Some resources are remaining: {remaining}");
            line(
                "NamespaceContentRemaining",
                "True",
                "SomeResourcesRemain",
                message,
            )
        },
        if finalizing.is_empty() {
            fine(
                "NamespaceFinalizersRemaining",
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished",
            )
        } else {
            let message = format!("Some content in the namespace has finalizers remaining: {finalizing}");
            line(
                "NamespaceFinalizersRemaining",
                "True",
                "SomeFinalizersRemain",
                message,
            )
        },
    ]
}
