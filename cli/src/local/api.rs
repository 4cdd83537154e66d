//! The cluster's API as the commands use it: objects by kind and name, and waiting until they are as expected.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use krate_apiserver::Server;
use krate_apiserver::authn::Identity;
use krate_apiserver::local::Local;
use krate_apiserver::object::ObjectRef;
use krate_apiserver::registry::Resource;
use krate_apiserver::status;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// How fields this tool sets are booked.
const MANAGER: &str = "cargo-krate";

/// Reads and writes objects; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    server: Server,
    local: Local,
}

/// What was waited for and did not come.
#[derive(Debug)]
pub(crate) struct Unmet {
    /// The object that was last seen; nothing if there was none.
    pub(crate) seen: Option<Value>,
}

impl Api {
    /// Returns the API of `server`, as its administrator.
    pub(crate) fn new(server: &Server) -> Self {
        Self {
            server: server.clone(),
            local: server.local(Identity::admin(), MANAGER),
        }
    }

    /// Applies `object` by server-side apply and returns what the cluster made of it.
    pub(crate) async fn apply(&self, object: &Value) -> Result<Value> {
        let applied = self
            .local
            .apply(&self.path(object)?, MANAGER, object.clone())
            .await;
        applied
            .map(|object| value(&object))
            .map_err(|error| refused("apply", object, &error))
    }

    /// Sets what `patch` says on `object` and leaves the rest.
    pub(crate) async fn merge(&self, object: &Value, patch: Value) -> Result<Value> {
        let merged = self.local.merge(&self.path(object)?, patch).await;
        merged
            .map(|object| value(&object))
            .map_err(|error| refused("patch", object, &error))
    }

    /// Deletes `object`; one that is gone already is no error.
    pub(crate) async fn delete(&self, object: &Value) -> Result<()> {
        match self
            .local
            .delete(&self.path(object)?, json!({"propagationPolicy": "Background"}))
            .await
        {
            Err(error) if error.code != 404 => Err(refused("delete", object, &error)),
            _ => Ok(()),
        }
    }

    /// Returns the object of this kind and name, if there is one.
    pub(crate) async fn get(&self, object: &Value) -> Result<Option<Value>> {
        match self.local.get(&self.path(object)?).await {
            Ok(found) => Ok(Some(value(&found))),
            Err(error) if error.code == 404 => Ok(None),
            Err(error) => Err(refused("read", object, &error)),
        }
    }

    /// Returns all objects of a kind in a namespace.
    pub(crate) async fn list(&self, api_version: &str, kind: &str, namespace: &str) -> Result<Vec<Value>> {
        let example = json!({"apiVersion": api_version, "kind": kind, "metadata": {"namespace": namespace}});
        let list = self.local.list(&self.collection(&example)?).await;
        let list = list.map_err(|error| refused("list", &example, &error))?;
        Ok(list.objects.iter().map(value).collect())
    }

    /// Waits until `object` satisfies `holds` – it is given nothing while the object does not exist – and returns
    /// it, or what was seen last once `patience` is over.
    pub(crate) async fn until(
        &self,
        object: &Value,
        patience: Duration,
        holds: impl Fn(Option<&Value>) -> bool,
    ) -> Result<Result<Option<Value>, Unmet>> {
        let path = format!(
            "{}?fieldSelector=metadata.name%3D{}",
            self.collection(object)?,
            name(object)
        );
        let mut changes = self.local.follow(&path);
        let mut seen = self.get(object).await?;
        let wait = async {
            while !holds(seen.as_ref()) {
                if changes.next().await.is_none() {
                    return;
                }
                // The stream says when to look; what counts is what a read says.
                seen = self.get(object).await.unwrap_or_default();
            }
        };
        let in_time = timeout(patience, wait).await.is_ok();
        Ok(if in_time && holds(seen.as_ref()) {
            Ok(seen)
        } else {
            Err(Unmet { seen })
        })
    }

    /// Returns a bearer token of a ServiceAccount.
    pub(crate) async fn token(&self, namespace: &str, account: &str) -> Result<String> {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let request = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 86400}});
        let failed = |error: status::Error| {
            Error::machine(format!("failed to get a token for `{account}`")).because(error.message)
        };
        let answer = self.local.create(&path, request).await.map_err(failed)?;
        Ok(answer.value()["status"]["token"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// Returns whether objects of this kind live in namespaces.
    pub(crate) fn is_namespaced(&self, object: &Value) -> Result<bool> {
        Ok(self.resource(object)?.is_namespaced())
    }

    fn path(&self, object: &Value) -> Result<String> {
        Ok(format!("{}/{}", self.collection(object)?, name(object)))
    }

    fn collection(&self, object: &Value) -> Result<String> {
        let resource = self.resource(object)?;
        let (version, plural) = (text(object, "apiVersion"), &resource.plural);
        let root = if version.contains('/') { "/apis" } else { "/api" };
        Ok(match object["metadata"]["namespace"].as_str() {
            Some(namespace) if resource.is_namespaced() => {
                format!("{root}/{version}/namespaces/{namespace}/{plural}")
            }
            _ => format!("{root}/{version}/{plural}"),
        })
    }

    fn resource(&self, object: &Value) -> Result<Arc<Resource>> {
        let (api_version, kind) = (text(object, "apiVersion"), text(object, "kind"));
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        self.server
            .registry()
            .kinds()
            .by_kind(group, version, kind)
            .cloned()
            .ok_or_else(|| {
                let error = Error::project(format!("the cluster knows no kind `{kind}` in `{api_version}`"));
                error.help("run `cargo krate generate`, then this again")
            })
    }
}

fn value(object: &ObjectRef) -> Value {
    object.value().clone()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

fn refused(verb: &str, object: &Value, error: &status::Error) -> Error {
    let message = format!(
        "the cluster refused to {verb} {} `{}`",
        text(object, "kind"),
        name(object)
    );
    Error::project(message).because(error.message.clone())
}
