//! Reads: what is known of a key, of a namespace, of everything.

use std::sync::Arc;

use tokio::time::Instant;

use super::Store;
use crate::cache::index::by_owner;
use crate::cache::overlay::View;
use crate::cache::{Cached, Index, ObjectKey};

/// The answer of [`Store::read`].
#[derive(Clone, Debug)]
pub enum Read<K> {
    /// The object.
    Found(Arc<K>),
    /// There is no such object.
    Absent,
    /// The store cannot know: a write of this process is unconfirmed, or the first list is not complete.
    /// Ask the server, and tell the store with [`Store::observed`].
    Uncertain,
}

impl<K: Cached> Store<K> {
    /// Returns an object as far as it is known: where the store is uncertain, as the watch showed it last.
    ///
    /// Use [`read`](Self::read) where the difference matters, as before creating something.
    #[must_use]
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<K>> {
        match self.read(key) {
            Read::Found(object) => Some(object),
            Read::Absent => None,
            Read::Uncertain => self.state().table.get(key).cloned(),
        }
    }

    /// Returns what is known about a key.
    #[must_use]
    pub fn read(&self, key: &ObjectKey) -> Read<K> {
        let state = self.state();
        match state.overlay_view(key) {
            Some(View::Present(object)) => Read::Found(object),
            Some(View::Absent) => Read::Absent,
            Some(View::Uncertain) => Read::Uncertain,
            None => match state.table.get(key) {
                Some(object) => Read::Found(Arc::clone(object)),
                None if self.covers(key) => Read::Absent,
                None => Read::Uncertain,
            },
        }
    }

    /// Returns every object.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<K>> {
        let state = self.state();
        state.merge(state.table.iter(None), |_, _| true)
    }

    /// Returns every object of a namespace.
    #[must_use]
    pub fn list_in(&self, namespace: &str) -> Vec<Arc<K>> {
        let state = self.state();
        state.merge(state.table.iter(Some(namespace)), |key, _| {
            key.namespace() == Some(namespace)
        })
    }

    /// Returns every object that names this uid among its owners.
    #[must_use]
    pub fn owned_by(&self, uid: &str) -> Vec<Arc<K>> {
        self.indexed(&by_owner(), uid)
    }

    /// Returns every object an index holds under a value; finds nothing if the index was not registered.
    #[must_use]
    pub fn indexed(&self, index: &Index<K>, value: &str) -> Vec<Arc<K>> {
        let state = self.state();
        match state.table.find(index.name(), value) {
            Some(found) => state.merge(found, |_, object| index.matches(object, value)),
            None => Vec::new(),
        }
    }

    /// Returns the keys about which the store knows too little: read them live before trusting a list.
    #[must_use]
    pub fn uncertain(&self) -> Vec<ObjectKey> {
        let state = self.state();
        let uncertain = state
            .overlay
            .iter(Instant::now())
            .filter(|(_, view)| matches!(view, View::Uncertain));
        uncertain.map(|(key, _)| key.clone()).collect()
    }

    /// Returns the number of objects the watch has shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().table.len()
    }

    /// Returns true if the watch has shown no object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns true if the store looks into a namespace.
    #[must_use]
    pub fn looks_into(&self, namespace: &str) -> bool {
        let progress = self.shared.status.borrow();
        progress.keys().any(|partition| partition.holds(Some(namespace)))
    }

    /// Returns true if the absence of a key from the table means something.
    fn covers(&self, key: &ObjectKey) -> bool {
        let progress = self.shared.status.borrow();
        progress
            .iter()
            .any(|(partition, status)| partition.holds(key.namespace()) && status.synced)
    }
}
