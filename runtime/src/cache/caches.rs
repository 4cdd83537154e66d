//! The stores of one operator, found by the type they hold.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Cached, Namespaces, Selection, Status, Store};

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

/// A store whose type is forgotten.
pub(super) trait Slot: Any + Send + Sync {
    fn kind(&self) -> String;
    fn status(&self) -> Status;
}

impl<K: Cached> Slot for Store<K> {
    fn kind(&self) -> String {
        K::kind(&()).into_owned()
    }

    fn status(&self) -> Status {
        Store::status(self)
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

    /// Returns the kind and the status of every store, in order of declaration.
    #[must_use]
    pub fn statuses(&self) -> Vec<(String, Status)> {
        self.slots()
            .iter()
            .map(|slot| (slot.kind(), slot.status()))
            .collect()
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

    fn slots(&self) -> MutexGuard<'_, Vec<Arc<dyn Slot>>> {
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.statuses()).finish()
    }
}
