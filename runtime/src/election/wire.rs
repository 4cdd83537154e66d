//! The requests of an election, each with a deadline.

use std::time::Duration;

use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{PostParams, WatchEvent, WatchParams};
use kube::{Api, Client};
use tokio::time::timeout;

use super::options::Settled;
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
    pub(super) async fn watch(&self, version: &str) -> Result<BoxStream<'static, Result<News>>> {
        let params = WatchParams::default()
            .fields(&format!("metadata.name={}", self.name))
            .timeout(LIFETIME)
            .disable_bookmarks();
        let events = self.send("watch", self.api.watch(&params, version)).await?;
        let news = events.map_err(Error::from).try_filter_map(|event| async {
            match event {
                WatchEvent::Added(lease) | WatchEvent::Modified(lease) => {
                    Ok(Some(News::Lease(Box::new(lease))))
                }
                WatchEvent::Deleted(_) => Ok(Some(News::Gone)),
                WatchEvent::Bookmark(_) => Ok(None),
                WatchEvent::Error(status) => Err(Error::from(kube::Error::Api(status))),
            }
        });
        Ok(news.boxed())
    }

    async fn send<T>(&self, verb: &str, request: impl Future<Output = kube::Result<T>>) -> Result<T> {
        let answer = match timeout(self.patience, request).await {
            Ok(answer) => answer.map_err(Error::from),
            Err(elapsed) => Err(elapsed.into()),
        };
        answer.map_err(|error| error.context(format!("{verb} Lease `{}`", self.name)))
    }
}
