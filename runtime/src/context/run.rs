//! One run, and what all runs of a controller share: the part of a context that does not know the reconciler's type.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Cause;
use crate::cache::{Caches, ObjectKey, Store};
use crate::election::Term;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::{ControllerMeter, Metrics};
use crate::reconcile::Object;
use crate::write::{Memory, Recorder};

/// How long the API server has for one answer; the client itself would wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all runs of one controller share.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) caches: Caches,
    pub(crate) environment: Environment,
    /// The name of the controller: field manager of its writes, reporter of its events.
    pub(crate) controller: String,
    pub(crate) recorder: Recorder,
    pub(crate) memory: Memory,
    pub(crate) metrics: Metrics,
    pub(crate) meter: ControllerMeter,
    /// The term of leadership these runs belong to, if they do.
    pub(crate) term: Option<Term>,
}

impl Shared {
    /// Returns what the runs of the controller of this name share.
    pub(crate) fn new(
        client: Client,
        caches: Caches,
        environment: Environment,
        recorder: Recorder,
        metrics: Metrics,
        controller: impl Into<String>,
    ) -> Self {
        let controller = controller.into();
        let meter = metrics.meters().controller(&controller);
        Self {
            client,
            caches,
            environment,
            controller,
            recorder,
            memory: Memory::default(),
            metrics,
            meter,
            term: None,
        }
    }

    /// Says to which term of leadership the runs belong.
    pub(crate) fn in_term(self, term: Option<Term>) -> Self {
        Self { term, ..self }
    }

    /// Drops what is remembered for an object that is gone.
    pub(crate) fn forget(&self, key: &ObjectKey) {
        self.memory.forget_run(key);
    }
}

/// One run of one object.
pub(crate) struct Run {
    pub(crate) shared: Arc<Shared>,
    pub(crate) key: ObjectKey,
    pub(crate) cause: Cause,
    pub(crate) attempt: u32,
}

impl Run {
    /// Returns the cache of a kind, if it is declared and has seen everything.
    pub(crate) fn store<K: Object>(&self) -> Option<Store<K>> {
        self.shared
            .caches
            .store::<K>()
            .filter(|store| store.status().synced)
    }

    /// Starts a request about objects of a kind, in a namespace or in all.
    pub(crate) fn request<K: Object>(namespace: Option<&str>) -> kube::core::Request {
        kube::core::Request::new(K::url_path(&(), namespace))
    }

    /// Sends a request: gives an answer in time, and says what failed.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        doing: impl FnOnce() -> String,
        request: Built,
    ) -> Result<T> {
        self.ask(request).await.map_err(|error| error.context(doing()))
    }

    /// Sends a write: later reads see the answer, or know that there was none.
    pub(crate) async fn write<K: Object>(
        &self,
        verb: &str,
        key: &ObjectKey,
        request: Built,
    ) -> Result<Arc<K>> {
        let store = self.shared.caches.store::<K>();
        let doubt = Doubt::new(store.as_ref(), key);
        let answer = self.ask::<K>(request).await;
        doubt.over();
        match answer {
            Ok(mut object) => {
                // As the watch would show it.
                object.meta_mut().managed_fields = None;
                Ok(match store {
                    Some(store) => store.wrote(object),
                    None => Arc::new(object),
                })
            }
            Err(error) => {
                if let Some(store) = store.filter(|_| is_unanswered(&error)) {
                    store.lost(key.clone());
                }
                Err(error.context(format!("{verb} {} `{key}`", K::kind(&()))))
            }
        }
    }

    /// Sends a delete: later reads do not see the object, or know that there was no answer.
    pub(crate) async fn delete<K: Object>(
        &self,
        key: &ObjectKey,
        uid: Option<String>,
        request: Built,
    ) -> Result<()> {
        let store = self.shared.caches.store::<K>();
        let doubt = Doubt::new(store.as_ref(), key);
        let answer = self.ask::<Value>(request).await;
        doubt.over();
        let Some(store) = store else {
            return answer.map(drop);
        };
        match answer {
            Ok(answer) => match lingering::<K>(answer) {
                Some(object) => drop(store.wrote(object)),
                None => store.deleted(key.clone(), uid),
            },
            Err(error) => {
                if is_unanswered(&error) {
                    store.lost(key.clone());
                }
                return Err(error);
            }
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(&self, request: Built) -> Result<T> {
        let request = self.shared.client.request(request?);
        Ok(tokio::time::timeout(PATIENCE, request).await??)
    }
}

/// A write in flight: a run that is cut off in the middle of it leaves the key uncertain.
struct Doubt<'a, K: Object> {
    store: Option<&'a Store<K>>,
    key: &'a ObjectKey,
}

impl<'a, K: Object> Doubt<'a, K> {
    fn new(store: Option<&'a Store<K>>, key: &'a ObjectKey) -> Self {
        Self { store, key }
    }

    /// There is an answer, or an error that tells.
    fn over(mut self) {
        self.store = None;
    }
}

impl<K: Object> Drop for Doubt<'_, K> {
    fn drop(&mut self) {
        if let Some(store) = self.store {
            store.lost(self.key.clone());
        }
    }
}

/// A request as [`kube::core::Request`] builds it.
pub(crate) type Built = Result<http::Request<Vec<u8>>, kube::core::request::Error>;

/// Returns the object a delete answered, if its finalizers or a time of grace keep it.
fn lingering<K: Object>(answer: Value) -> Option<K> {
    // A `Status` in place of the object has no metadata of its own and is not lingering either way.
    let mut object: K = serde_json::from_value(answer).ok()?;
    let meta = object.meta_mut();
    meta.managed_fields = None;
    let is_kept = meta.finalizers.iter().flatten().next().is_some()
        || meta
            .deletion_grace_period_seconds
            .is_some_and(|seconds| seconds > 0);
    (meta.deletion_timestamp.is_some() && is_kept).then_some(object)
}

/// Returns true if the request may have been carried out although it failed.
fn is_unanswered(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Decode => true,
        ErrorKind::Api => error.status().is_none_or(|status| status.code >= 500),
        _ => false,
    }
}
