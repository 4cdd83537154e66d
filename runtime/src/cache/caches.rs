//! The stores of one operator, found by the type they hold.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use kube::Client;
use tokio::task::JoinSet;

use super::informer::Informer;
use super::{Cached, Namespaces, Phase, Report, Selection, Status, Store};
use crate::Environment;

/// The stores of one operator; clones share them.
///
/// A store is declared while the operator is built, by what its controllers own and watch. It is never started by a
/// read: asking for a kind that nobody declared answers `None`.
#[derive(Clone)]
pub struct Caches {
    shared: Arc<Shared>,
}

struct Shared {
    namespaces: Namespaces,
    slots: Mutex<Vec<Arc<dyn Slot>>>,
}

/// What every informer of an operator works with.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) client: Client,
    pub(crate) environment: Environment,
    pub(crate) keep_managed_fields: bool,
}

/// A store whose type is forgotten.
pub(super) trait Slot: Any + Send + Sync {
    fn report(&self) -> Report;
    /// Starts the informers of the store.
    fn start(&self, setting: &Setting, tasks: &mut JoinSet<()>);
    /// Waits until the store is complete, or an informer has said why it is not.
    fn settled(&self) -> BoxFuture<'_, ()>;
    /// Cuts the ties to whoever subscribed.
    fn close(&self);
}

impl<K: Cached> Slot for Store<K> {
    fn report(&self) -> Report {
        Self::report(self)
    }

    fn start(&self, setting: &Setting, tasks: &mut JoinSet<()>) {
        for partition in self.partitions() {
            let Setting {
                client,
                environment,
                keep_managed_fields,
            } = setting.clone();
            let informer = Informer::new(self.clone(), partition, client, environment, keep_managed_fields);
            tasks.spawn(informer.run());
        }
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        let settled =
            |status: &Status| status.synced || !matches!(status.phase, Phase::Syncing | Phase::Live);
        Box::pin(async move {
            self.wait_for(settled).await;
        })
    }

    fn close(&self) {
        self.unsubscribe();
    }
}

impl Caches {
    /// Returns the caches of an operator that works in these namespaces.
    pub(crate) fn new(namespaces: Namespaces) -> Self {
        Self {
            shared: Arc::new(Shared {
                namespaces,
                slots: Mutex::default(),
            }),
        }
    }

    /// Returns the store of a kind in the operator's namespaces, `None` if it was not declared.
    #[must_use]
    pub fn store<K: Cached>(&self) -> Option<Store<K>> {
        self.store_of(&self.whole())
    }

    /// Returns the store of a selection of a kind, `None` if it was not declared.
    #[must_use]
    pub fn store_of<K: Cached>(&self, selection: &Selection) -> Option<Store<K>> {
        let slots = self.slots();
        let stores = slots.iter().filter_map(|slot| {
            let slot: &dyn Any = slot.as_ref();
            slot.downcast_ref::<Store<K>>()
        });
        stores
            .into_iter()
            .find(|store| store.selection() == selection)
            .cloned()
    }

    /// Returns how every store is doing, in order of declaration.
    #[must_use]
    pub fn reports(&self) -> Vec<Report> {
        self.slots().iter().map(|slot| slot.report()).collect()
    }

    /// Returns the selection of everything the operator looks at.
    #[must_use]
    pub fn whole(&self) -> Selection {
        Selection {
            namespaces: self.shared.namespaces.clone(),
            ..Selection::default()
        }
    }

    /// Returns the store of a selection of a kind, and makes one if there is none.
    pub(crate) fn declare<K: Cached>(&self, selection: &Selection) -> Store<K> {
        if let Some(store) = self.store_of(selection) {
            return store;
        }
        let store = Store::new(selection.clone());
        self.slots().push(Arc::new(store.clone()));
        store
    }

    /// Starts every informer; they end when the tasks are dropped.
    pub(crate) fn start(&self, setting: &Setting) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        for slot in self.slots().iter() {
            slot.start(setting, &mut tasks);
        }
        tasks
    }

    /// Waits until every store is complete or an informer of it has said why it is not: one kind that is missing
    /// holds up nobody else.
    pub(crate) async fn settled(&self) {
        let slots = self.slots().clone();
        for slot in &slots {
            slot.settled().await;
        }
    }

    /// Cuts the ties between stores and controllers, which hold each other.
    pub(crate) fn close(&self) {
        self.slots().iter().for_each(|slot| slot.close());
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Arc<dyn Slot>>> {
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.reports()).finish()
    }
}
