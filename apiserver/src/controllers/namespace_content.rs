//! What every namespace is given: the `default` service account and the server's certificate.

use std::sync::Arc;

use serde_json::{Value, json};

use super::client::Client;
use super::feed::Feed;
use super::queue::Queue;
use crate::core::Core;
use crate::object::Meta;
use crate::status::Result;

const CERTIFICATES: &str = "kube-root-ca.crt";
const DESCRIPTION: &str = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal \
                           endpoints such as the internal service IP or kubernetes.default.svc. No other usage is \
                           guaranteed across distributions of Kubernetes clusters.";

/// Gives namespaces their first objects, and gives them back when they are lost.
pub(super) struct NamespaceContent {
    core: Arc<Core>,
    client: Client,
    feed: Feed<()>,
    queue: Queue<String>,
    certificate: String,
}

impl NamespaceContent {
    /// Returns the controller; `certificate` is what clients of the server have to trust.
    pub(super) fn new(core: Arc<Core>, client: Client, certificate: String) -> Self {
        let mut feed = Feed::new(core.store.clone());
        for bucket in ["namespaces", "serviceaccounts", "configmaps"] {
            feed.follow(bucket, ());
        }
        Self {
            core,
            client,
            feed,
            queue: Queue::new(),
            certificate,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            for ((), seen) in self.feed.look() {
                let object = seen.object();
                match (object.namespace(), object.name()) {
                    ("", namespace) | (namespace, "default" | CERTIFICATES) => {
                        self.queue.add(namespace.to_owned());
                    }
                    _ => {}
                }
            }
            while let Some(namespace) = self.queue.pop() {
                match self.fill(&namespace).await {
                    Ok(()) => self.queue.succeeded(&namespace),
                    Err(error) => {
                        tracing::debug!(%error, namespace, "failed to fill a namespace");
                        self.queue.retry(namespace);
                    }
                }
            }
            tokio::select! {
                () = self.feed.changed() => {}
                () = self.queue.due() => {}
            }
        }
    }

    async fn fill(&self, namespace: &str) -> Result<()> {
        let store = &self.core.store;
        let is_active = store
            .get("namespaces", namespace)
            .is_some_and(|found| !found.is_deleting());
        if !is_active {
            return Ok(());
        }
        let inside = format!("/api/v1/namespaces/{namespace}");
        if store
            .get("serviceaccounts", &format!("{namespace}/default"))
            .is_none()
        {
            let account =
                json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}});
            self.create(&format!("{inside}/serviceaccounts"), account).await?;
        }
        let data = json!({"ca.crt": self.certificate});
        match store.get("configmaps", &format!("{namespace}/{CERTIFICATES}")) {
            None => {
                self.create(&format!("{inside}/configmaps"), certificates(&data))
                    .await
            }
            Some(found) if found.value()["data"] == data => Ok(()),
            Some(_) => {
                let patch = json!({"data": data});
                self.client
                    .merge(&format!("{inside}/configmaps/{CERTIFICATES}"), patch)
                    .await
                    .map(drop)
            }
        }
    }

    async fn create(&self, collection: &str, object: Value) -> Result<()> {
        match self.client.create(collection, object).await {
            Err(error) if error.code == 409 => Ok(()),
            other => other.map(drop),
        }
    }
}

fn certificates(data: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap", "data": data,
        "metadata": {"name": CERTIFICATES, "annotations": {"kubernetes.io/description": DESCRIPTION}},
    })
}
