//! Who is told of changes.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLockWriteGuard};

use super::Store;
use crate::cache::{Cached, Change, Tie};

/// Takes the changes of a store; must not block.
pub(crate) type Handler<K> = Arc<dyn Fn(&Change<K>) + Send + Sync>;

/// The handlers of a store, by the number each is unregistered with.
pub(super) struct Handlers<K> {
    all: BTreeMap<u64, Handler<K>>,
    next: u64,
}

impl<K> Default for Handlers<K> {
    fn default() -> Self {
        Self {
            all: BTreeMap::new(),
            next: 0,
        }
    }
}

impl<K: Cached> Store<K> {
    /// Registers a handler that is called, in order, for every change from now on, until the tie is dropped.
    pub(crate) fn subscribe(&self, handler: Handler<K>) -> Tie {
        let number = {
            let mut handlers = self.handlers_mut();
            handlers.next += 1;
            let number = handlers.next;
            handlers.all.insert(number, handler);
            number
        };
        let shared = Arc::downgrade(&self.shared);
        Tie::new(move || {
            if let Some(shared) = shared.upgrade() {
                Self { shared }.handlers_mut().all.remove(&number);
            }
        })
    }

    pub(in crate::cache) fn handlers(&self) -> Vec<Handler<K>> {
        let handlers = self
            .shared
            .handlers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        handlers.all.values().cloned().collect()
    }

    fn handlers_mut(&self) -> RwLockWriteGuard<'_, Handlers<K>> {
        self.shared
            .handlers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops every handler; what they hold may hold this store.
    pub(in crate::cache) fn unsubscribe(&self) {
        self.handlers_mut().all.clear();
    }
}
