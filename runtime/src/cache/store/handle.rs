//! The handle that everyone holds, and what is shared behind it.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use super::progress::{Progress, SYNCING};
use super::state::State;
use super::strain::Strain;
use super::subscription::Handlers;
use crate::Kind;
use crate::cache::informer::Counters;
use crate::cache::selection::Partition;
use crate::cache::{Cached, Index, Selection};

/// Everything an operator knows about the objects of one kind; clones share it.
///
/// Reads see this process's own writes at once, never block on the server, and hand out the shared object: to change
/// one, clone it. `managedFields` is dropped by default. Lists are in order of namespace and name.
///
/// Objects are kept as text, a third of the size of a decoded object, and decoded when they are read: microseconds
/// each, some 40 ms for a list of ten thousand. Those read or changed last stay decoded for a while. Where lists over
/// a whole kind are hot, have it decoded for good with
/// [`Operator::keep_decoded`](crate::Operator::keep_decoded).
pub struct Store<K> {
    pub(super) shared: Arc<Shared<K>>,
}

pub(super) struct Shared<K> {
    pub(super) kind: Kind,
    pub(super) selection: Selection,
    pub(super) state: RwLock<State<K>>,
    pub(super) handlers: RwLock<Handlers<K>>,
    pub(super) status: watch::Sender<Progress>,
    pub(super) counters: Arc<Counters>,
    pub(super) strain: Strain,
}

fn syncing(partitions: Vec<Partition>) -> Progress {
    partitions
        .into_iter()
        .map(|partition| (partition, SYNCING))
        .collect()
}

impl<K: Cached> Store<K> {
    /// Returns a store of a selection of a kind, to be filled by the informers of its partitions.
    pub(crate) fn of(kind: Kind, selection: Selection) -> Self {
        let progress = syncing(selection.partitions(kind.is_cluster_scoped()));
        let state = State::new(kind.clone());
        let shared = Shared {
            kind,
            selection,
            state: RwLock::new(state),
            handlers: RwLock::default(),
            status: watch::Sender::new(progress),
            counters: Arc::default(),
            strain: Strain::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Returns the kind of the objects.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.shared.kind
    }

    /// Returns which objects the store holds.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.shared.selection
    }

    /// Registers an index; call it while building the operator.
    pub(crate) fn add_index(&self, index: Index<K>) {
        self.state_mut().table.add_index(index);
    }

    pub(in crate::cache) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.shared.counters)
    }

    pub(super) fn state(&self) -> RwLockReadGuard<'_, State<K>> {
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::cache) fn state_mut(&self) -> RwLockWriteGuard<'_, State<K>> {
        self.shared.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K> Clone for Store<K> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<K: Cached> fmt::Debug for Store<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("kind", self.kind())
            .field("selection", &self.shared.selection)
            .field("len", &self.len())
            .field("status", &self.status())
            .finish()
    }
}
