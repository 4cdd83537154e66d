//! One run, and what all runs of a controller share: the part of a context that does not know the reconciler's type.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::warn;

use super::Causes;
use crate::Kind;
use crate::cache::{Cached, Caches, ObjectKey, Store};
use crate::controller::{SharedEchoes, Version};
use crate::election::Term;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::{ControllerMeter, Metrics};
use crate::reconcile::Subject;
use crate::write::{Event, Memory, Recorder};

/// How long the API server has for one answer; the client itself would wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// What all runs of one controller share.
pub(crate) struct Shared {
    pub(crate) client: Client,
    pub(crate) caches: Caches,
    pub(crate) environment: Environment,
    /// The kind that is reconciled.
    pub(crate) kind: Kind,
    /// True if every apply takes over the fields of other managers.
    pub(crate) force: bool,
    /// The name of the controller: field manager of its writes, reporter of its events.
    pub(crate) controller: String,
    pub(crate) recorder: Recorder,
    pub(crate) memory: Memory,
    pub(crate) metrics: Metrics,
    pub(crate) meter: ControllerMeter,
    /// The term of leadership these runs belong to, if they do.
    pub(crate) term: Option<Term>,
    /// Tells which runs are echoes of their own writes; `None` if nobody wants to know.
    pub(crate) echoes: Option<SharedEchoes>,
}

impl Shared {
    /// Returns what the runs of the controller of this name share.
    pub(crate) fn new(
        client: Client,
        caches: Caches,
        environment: Environment,
        recorder: Recorder,
        (metrics, kind): (Metrics, Kind),
        controller: impl Into<String>,
    ) -> Self {
        let controller = controller.into();
        let meter = metrics.meters().controller(&controller);
        Self {
            client,
            caches,
            environment,
            kind,
            force: false,
            controller,
            recorder,
            memory: Memory::default(),
            metrics,
            meter,
            term: None,
            echoes: None,
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

    /// Tells people once that an object keeps running because of its own writes.
    pub(crate) fn report_loop<K: Subject>(&self, key: &ObjectKey, object: &K) {
        let Some(found) = self.echoes.as_ref().and_then(|echoes| echoes.lock().tell(key)) else {
            return;
        };
        warn!("{found}");
        let event = Event::warning("HotLoop", found.to_string());
        self.recorder.record(&self.controller, &self.kind, object, event);
    }

    /// Notes what a run wrote, to know it again when it comes back as a change.
    fn note_write<K: Subject>(&self, run: &ObjectKey, kind: &Kind, key: &ObjectKey, object: &K) {
        let (Some(echoes), Some(version)) = (&self.echoes, &object.meta().resource_version) else {
            return;
        };
        let mut echoes = echoes.lock();
        echoes.wrote(run, Version::new(kind.kind(), version));
        if echoes.is_suspicious(run)
            && let Ok(value) = serde_json::to_value(object)
        {
            echoes.compare(run, kind.kind(), key, value);
        }
    }
}

/// One run of one object.
pub(crate) struct Run {
    pub(crate) shared: Arc<Shared>,
    pub(crate) key: ObjectKey,
    pub(crate) causes: Causes,
    pub(crate) attempt: u32,
}

impl Run {
    /// Returns the cache of a kind, if it is declared and has seen everything.
    pub(crate) fn store<K: Cached>(&self, kind: &Kind) -> Option<Store<K>> {
        self.any_store(kind).filter(|store| store.status().synced)
    }

    fn any_store<K: Cached>(&self, kind: &Kind) -> Option<Store<K>> {
        let caches = &self.shared.caches;
        caches.store_of_kind(kind, &caches.whole())
    }

    /// Starts a request about objects of a kind, in a namespace or in all.
    pub(crate) fn request(kind: &Kind, namespace: Option<&str>) -> kube::core::Request {
        kube::core::Request::new(kind.url_path(namespace))
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
    pub(crate) async fn write<K: Subject>(
        &self,
        verb: &str,
        kind: &Kind,
        key: &ObjectKey,
        request: Built,
    ) -> Result<Arc<K>> {
        let store = self.any_store::<K>(kind);
        let doubt = Doubt::new(&self.shared.caches, kind, key);
        let answer = self.ask::<K>(request).await;
        doubt.over();
        match answer {
            Ok(mut object) => {
                // As the watch would show it.
                object.meta_mut().managed_fields = None;
                self.shared.note_write(&self.key, kind, key, &object);
                self.shared.caches.wrote_elsewhere(kind, &object);
                Ok(match store {
                    Some(store) => store.wrote(object),
                    None => Arc::new(object),
                })
            }
            Err(error) => {
                if is_unanswered(&error) {
                    self.shared.caches.lost(kind, key);
                }
                Err(error.context(format!("{verb} {kind} `{key}`")))
            }
        }
    }

    /// Sends a delete: later reads do not see the object, or know that there was no answer.
    pub(crate) async fn delete(
        &self,
        kind: &Kind,
        key: &ObjectKey,
        uid: Option<String>,
        request: Built,
    ) -> Result<()> {
        let caches = &self.shared.caches;
        let doubt = Doubt::new(caches, kind, key);
        let answer = self.ask::<Value>(request).await;
        doubt.over();
        match answer {
            Ok(answer) if is_lingering(&answer) => caches.wrote(kind, key, &answer),
            Ok(_) => caches.deleted(kind, key, uid.as_deref()),
            Err(error) => {
                if is_unanswered(&error) {
                    caches.lost(kind, key);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(&self, request: Built) -> Result<T> {
        let text = self.ask_text(request).await?;
        Ok(serde_json::from_str(&text).map_err(kube::Error::SerdeError)?)
    }

    /// What does not depend on the type of the answer is here, to be there once and not once for each.
    async fn ask_text(&self, request: Built) -> Result<String> {
        let request = self.shared.client.request_text(request?);
        Ok(tokio::time::timeout(PATIENCE, request).await??)
    }
}

/// A write in flight: a run that is cut off in the middle of it leaves the key uncertain.
struct Doubt<'a> {
    caches: Option<&'a Caches>,
    kind: &'a Kind,
    key: &'a ObjectKey,
}

impl<'a> Doubt<'a> {
    fn new(caches: &'a Caches, kind: &'a Kind, key: &'a ObjectKey) -> Self {
        Self {
            caches: Some(caches),
            kind,
            key,
        }
    }

    /// There is an answer, or an error that tells.
    fn over(mut self) {
        self.caches = None;
    }
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if let Some(caches) = self.caches {
            caches.lost(self.kind, self.key);
        }
    }
}

/// A request as [`kube::core::Request`] builds it.
pub(crate) type Built = Result<http::Request<Vec<u8>>, kube::core::request::Error>;

/// Returns true if the object a delete answered is kept by its finalizers or a time of grace.
///
/// A `Status` in place of the object has no metadata of its own and is not lingering either way.
fn is_lingering(answer: &Value) -> bool {
    let metadata = &answer["metadata"];
    let finalizers = metadata["finalizers"].as_array();
    let is_kept = finalizers.is_some_and(|finalizers| !finalizers.is_empty())
        || metadata["deletionGracePeriodSeconds"].as_i64() > Some(0);
    metadata["deletionTimestamp"].is_string() && is_kept
}

/// Returns true if the request may have been carried out although it failed.
fn is_unanswered(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Timeout | ErrorKind::Transport | ErrorKind::Decode => true,
        ErrorKind::Api => error.status().is_none_or(|status| status.code >= 500),
        _ => false,
    }
}
