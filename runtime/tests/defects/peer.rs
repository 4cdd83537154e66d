//! kube's own controller, on the same scripted server.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use futures::{Stream, StreamExt};
use krate::cache::ObjectKey;
use kube::{Api, Resource};
use kube_runtime::controller::{Action, Controller};
use kube_runtime::watcher;
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::SECOND;
use crate::script::Server;

/// What a peer is asked to do with an object fails with this.
#[derive(Debug, thiserror::Error)]
#[error("told to fail")]
pub(crate) struct Told;

/// A controller of the peer that runs in the background.
pub(crate) struct Peer {
    started: Arc<Mutex<Vec<(Instant, String)>>>,
    task: JoinHandle<()>,
}

pub(crate) trait Kind:
    Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static
{
}

impl<K> Kind for K where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static
{
}

impl Peer {
    /// Runs a controller whose reconciles do this, and are tried again a second after they failed.
    pub(crate) fn behaving<K, F>(
        controller: Controller<K>,
        behaviour: impl Fn(Arc<K>) -> F + Send + 'static,
    ) -> Self
    where
        K: Kind,
        F: Future<Output = Result<Action, Told>> + Send + 'static,
    {
        let started: Arc<Mutex<Vec<(Instant, String)>>> = Arc::default();
        let diary = Arc::clone(&started);
        let reconcile = move |object: Arc<K>, _| {
            let key = ObjectKey::of(object.as_ref()).to_string();
            diary.lock().unwrap().push((Instant::now(), key));
            behaviour(object)
        };
        let results = controller.run(reconcile, |_, _: &Told, _| Action::requeue(SECOND), Arc::new(()));
        Self {
            started,
            task: drain(results),
        }
    }

    /// Runs a controller whose reconciles all succeed at once.
    pub(crate) fn new<K: Kind>(controller: Controller<K>) -> Self {
        Self::behaving(controller, |_| async { Ok(Action::await_change()) })
    }

    pub(crate) fn started(&self) -> Vec<(Instant, String)> {
        self.started.lock().unwrap().clone()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.started().into_iter().map(|(_, key)| key).collect()
    }

    pub(crate) fn clear(&self) {
        self.started.lock().unwrap().clear();
    }

    /// Returns whether the whole controller is gone.
    pub(crate) fn is_dead(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Consumes a stream in the background, as its author would.
pub(crate) fn drain<T: Send + 'static>(stream: impl Stream<Item = T> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(stream.for_each(|_| async {}))
}

pub(crate) fn api<K: Kind>(server: &Server) -> Api<K> {
    Api::all(server.client())
}

/// The peer's controller of a kind.
pub(crate) fn controller<K: Kind>(server: &Server) -> Controller<K> {
    Controller::new(api(server), watcher::Config::default())
}
