//! The requests of an election, each with a deadline.

use std::time::Duration;

use futures::AsyncBufReadExt;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{PostParams, WatchParams};
use kube::core::Request;
use kube::{Api, Client};
use tokio::time::timeout;

use super::options::Settled;
use crate::client::{self, Event, Stream};
use crate::{Error, Result};

/// How long a watch lives, in seconds; the server would end it some time anyway.
const LIFETIME: u32 = 290;

/// One lease of the API server.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    api: Api<Lease>,
    name: String,
    patience: Duration,
}

/// What a watch has to tell.
pub(super) enum News {
    /// The lease as it is now.
    Lease(Box<Lease>),
    /// There is none any more.
    Gone,
}

/// A watch of a lease.
pub(super) struct Watch {
    body: Stream,
    line: Vec<u8>,
}

impl Watch {
    /// Waits for news; `None` if the watch ended.
    pub(super) async fn next(&mut self) -> Result<Option<News>> {
        loop {
            self.line.clear();
            self.body.read_until(b'\n', &mut self.line).await?;
            if self.line.last() != Some(&b'\n') {
                return Ok(None);
            }
            if let Some(news) = news(serde_json::from_slice(&self.line)?)? {
                return Ok(Some(news));
            }
        }
    }
}

fn news(event: Event<'_>) -> Result<Option<News>> {
    let object = event.object.get();
    match event.kind.as_ref() {
        "ADDED" | "MODIFIED" => Ok(Some(News::Lease(serde_json::from_str(object)?))),
        "DELETED" => Ok(Some(News::Gone)),
        "ERROR" => Err(kube::Error::Api(serde_json::from_str(object)?).into()),
        _ => Ok(None),
    }
}

impl Wire {
    pub(super) fn new(client: Client, settled: &Settled) -> Self {
        Self {
            api: Api::namespaced(client, &settled.namespace),
            name: settled.name.clone(),
            patience: settled.times.patience(),
        }
    }

    /// Reads the lease.
    pub(super) async fn get(&self) -> Result<Option<Lease>> {
        self.send("get", self.api.get_opt(&self.name)).await
    }

    /// Creates a lease without a version; replaces exactly the version a lease has.
    pub(super) async fn put(&self, lease: &Lease) -> Result<Lease> {
        let params = PostParams::default();
        match lease.metadata.resource_version {
            None => self.send("create", self.api.create(&params, lease)).await,
            Some(_) => {
                self.send("update", self.api.replace(&self.name, &params, lease))
                    .await
            }
        }
    }

    /// Follows the lease from a version on.
    pub(super) async fn watch(&self, version: &str) -> Result<Watch> {
        let params = WatchParams::default()
            .fields(&format!("metadata.name={}", self.name))
            .timeout(LIFETIME)
            .disable_bookmarks();
        let request = Request::new(self.api.resource_url()).watch(&params, version);
        let open = async {
            let request = request.map_err(kube::Error::BuildRequest)?;
            client::watch(&self.api.clone().into_client(), request).await
        };
        let body = self.send("watch", open).await?;
        let line = Vec::new();
        Ok(Watch { body, line })
    }

    async fn send<T>(&self, verb: &str, request: impl Future<Output = kube::Result<T>>) -> Result<T> {
        let answer = match timeout(self.patience, request).await {
            Ok(answer) => answer.map_err(Error::from),
            Err(elapsed) => Err(elapsed.into()),
        };
        answer.map_err(|error| error.context(format!("{verb} Lease `{}`", self.name)))
    }
}
