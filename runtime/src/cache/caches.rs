//! The stores of one operator, found by the type they hold.

use std::any::{Any, TypeId};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use k8s_openapi::api::core::v1::Namespace;
use kube::Client;
use serde::Serialize;
use serde_json::Value;

use super::choice::{self, Chosen};
use super::slot::{Entry, Slot, Task};
use super::{AnyMetadata, Cached, Known, Namespaces, ObjectKey, Report, Selection, Status, Store, Tie};
use crate::{Environment, Kind};

/// The stores of one operator; clones share them.
///
/// A store is declared by what the operator's controllers own and watch, and lives as long as one of them. It is never
/// started by a read: asking for a kind that nobody declared answers `None`.
#[derive(Clone)]
pub struct Caches {
    shared: Arc<Shared>,
}

struct Shared {
    namespaces: Namespaces,
    slots: Mutex<Slots>,
}

#[derive(Default)]
struct Slots {
    entries: Vec<Entry>,
    next: u64,
    chosen: Chosen,
    running: Option<Running>,
}

/// How a store is held.
#[derive(Clone, Copy)]
enum Hold {
    /// For as long as the operator lives.
    Pinned,
    /// By one more, who lets go of it some time.
    Counted,
}

/// What is there while informers run.
struct Running {
    setting: Setting,
    /// Follows the choice of namespaces, if they are chosen by their labels.
    choice: Option<Task>,
}

/// What every informer of an operator works with.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) client: Client,
    pub(crate) environment: Environment,
    pub(crate) keep_managed_fields: bool,
    /// The kinds whose objects are kept decoded.
    pub(crate) decoded: BTreeSet<Kind>,
}

/// The informers of an operator; they end with this.
#[derive(Default)]
pub(crate) struct Informers {
    caches: Option<Caches>,
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
    pub fn store<K: Known>(&self) -> Option<Store<K>> {
        self.store_of(&self.whole())
    }

    /// Returns the store of a selection of a kind, `None` if it was not declared.
    #[must_use]
    pub fn store_of<K: Known>(&self, selection: &Selection) -> Option<Store<K>> {
        self.store_of_kind(&Kind::of::<K>(), selection)
    }

    /// Returns the store of a selection of a kind that may be known at run time only, `None` if it was not declared.
    #[must_use]
    pub fn store_of_kind<K: Cached>(&self, kind: &Kind, selection: &Selection) -> Option<Store<K>> {
        let mut slots = self.slots();
        find(&mut slots, kind, selection).map(|(store, _)| store)
    }

    /// Returns how every store is doing, in order of declaration.
    #[must_use]
    pub fn reports(&self) -> Vec<Report> {
        self.each_slot().iter().map(|slot| slot.report()).collect()
    }

    /// Returns the selection of everything the operator looks at.
    #[must_use]
    pub fn whole(&self) -> Selection {
        Selection {
            namespaces: self.shared.namespaces.clone(),
            ..Selection::default()
        }
    }

    /// Returns the store of a selection of a kind, and makes one if there is none; it stays.
    #[cfg(test)]
    pub(crate) fn declare<K: Known>(&self, selection: &Selection) -> Store<K> {
        self.declare_with(&Kind::of::<K>(), selection, Hold::Pinned)
    }

    /// Returns the store of the metadata of a kind.
    ///
    /// The type is the same for all kinds: what a store and an informer are is there once, not once for each.
    pub(crate) fn declare_metadata(&self, kind: &Kind, selection: &Selection) -> Store<AnyMetadata> {
        self.declare_with(kind, selection, Hold::Pinned)
    }

    /// Returns the store of a selection of a kind, and makes one if there is none; it goes with the last who holds it.
    pub(crate) fn lease<K: Cached>(&self, kind: &Kind, selection: &Selection) -> (Store<K>, Tie) {
        let store = self.declare_with::<K>(kind, selection, Hold::Counted);
        let (caches, kind, selection) = (Arc::downgrade(&self.shared), kind.clone(), selection.clone());
        let tie = Tie::new(move || {
            if let Some(shared) = caches.upgrade() {
                Self { shared }.release::<K>(&kind, &selection);
            }
        });
        (store, tie)
    }

    fn declare_with<K: Cached>(&self, kind: &Kind, selection: &Selection, hold: Hold) -> Store<K> {
        let mut slots = self.slots();
        if let Some((store, entry)) = find(&mut slots, kind, selection) {
            entry.holders = match hold {
                Hold::Pinned => None,
                Hold::Counted => entry.holders.map(|holders| holders + 1),
            };
            return store;
        }
        let holders = match hold {
            Hold::Pinned => None,
            Hold::Counted => Some(1),
        };
        let store = Store::of(kind.clone(), selection.clone());
        let Slots {
            entries,
            next,
            chosen,
            running,
        } = &mut *slots;
        *next += 1;
        let mut entry = Entry::new(*next, Arc::new(store.clone()), holders);
        if let Some(running) = running {
            chosen.add_to(&entry);
            entry.start(&running.setting);
        }
        entries.push(entry);
        store
    }

    /// Tells every store of the kind what a write answered, but the one of this very type that holds all.
    pub(crate) fn wrote_elsewhere<K: Cached + Serialize>(&self, kind: &Kind, object: &K) {
        let (own, whole) = (TypeId::of::<Store<K>>(), self.whole());
        let mut others = self.told_of(kind, &ObjectKey::of(object));
        others.retain(|slot| {
            let store: &dyn Any = slot.as_ref();
            store.type_id() != own || *slot.selection() != whole
        });
        if others.is_empty() {
            return;
        }
        if let Ok(answer) = serde_json::to_value(object) {
            others.iter().for_each(|slot| slot.wrote(&answer));
        }
    }

    /// Tells every store of the kind what a write answered.
    pub(crate) fn wrote(&self, kind: &Kind, key: &ObjectKey, answer: &Value) {
        let told = self.told_of(kind, key);
        told.iter().for_each(|slot| slot.wrote(answer));
    }

    /// Tells every store of the kind that a delete was answered.
    pub(crate) fn deleted(&self, kind: &Kind, key: &ObjectKey, uid: Option<&str>) {
        let told = self.told_of(kind, key);
        told.iter().for_each(|slot| slot.deleted(key, uid));
    }

    /// Tells every store of the kind that a write got no answer.
    pub(crate) fn lost(&self, kind: &Kind, key: &ObjectKey) {
        self.told_of(kind, key).iter().for_each(|slot| slot.lost(key));
    }

    /// Returns the stores that hold all of a kind, or this object.
    ///
    /// Whether another selection would hold an object that it does not hold yet only the server knows.
    fn told_of(&self, kind: &Kind, key: &ObjectKey) -> Vec<Arc<dyn Slot>> {
        let whole = self.whole();
        let mut slots = self.each_slot();
        slots.retain(|slot| slot.kind() == kind && (*slot.selection() == whole || slot.holds(key)));
        slots
    }

    /// Lets go of a store, and stops it if nobody else holds it.
    fn release<K: Cached>(&self, kind: &Kind, selection: &Selection) {
        let unused = {
            let mut slots = self.slots();
            let Some((_, entry)) = find::<K>(&mut slots, kind, selection) else {
                return;
            };
            entry.holders = entry.holders.map(|holders| holders.saturating_sub(1));
            if entry.holders != Some(0) {
                return;
            }
            let number = entry.number;
            let (unused, kept) = std::mem::take(&mut slots.entries)
                .into_iter()
                .partition(|entry| entry.number == number);
            slots.entries = kept;
            let unused: Vec<Entry> = unused;
            unused
        };
        // Outside the lock: what subscribed may hold caches itself.
        unused.iter().for_each(|entry| entry.slot.close());
    }

    /// Starts every informer; they end when what this returns is dropped.
    pub(crate) fn start(&self, setting: &Setting) -> Informers {
        let follow = match &self.shared.namespaces {
            Namespaces::Labelled(labels) => {
                let kind = Kind::of::<Namespace>();
                let namespaces = self.declare_metadata(&kind, &choice::selection(labels));
                Some(choice::follow(self.clone(), namespaces))
            }
            Namespaces::All | Namespaces::Only(_) => None,
        };
        let mut slots = self.slots();
        slots.entries.iter_mut().for_each(|entry| entry.start(setting));
        slots.running = Some(Running {
            setting: setting.clone(),
            choice: follow.map(Task::spawn),
        });
        Informers {
            caches: Some(self.clone()),
        }
    }

    /// Looks into these namespaces from now on, if they are known, and notes how the choice is doing.
    pub(super) async fn choose(&self, namespaces: Option<&BTreeSet<String>>, status: &Status) {
        let gone: Vec<_> = {
            let mut slots = self.slots();
            let Slots {
                entries,
                chosen,
                running: Some(running),
                ..
            } = &mut *slots
            else {
                return;
            };
            if let Some(namespaces) = namespaces {
                chosen.namespaces.clone_from(namespaces);
            }
            chosen.status = Some(status.clone());
            let mut gone = Vec::new();
            for entry in entries {
                chosen.add_to(entry);
                // Before any informer is taken: it would be started again.
                entry.start(&running.setting);
                let slot = Arc::clone(&entry.slot);
                let taken = chosen.take_from(entry).into_iter();
                gone.extend(taken.map(|taken| (Arc::clone(&slot), taken)));
            }
            gone
        };
        for (slot, (partition, informer)) in gone {
            if let Some(informer) = informer {
                informer.end().await;
            }
            slot.remove_partition(&partition);
        }
    }

    /// Waits until every store is complete or an informer of it has said why it is not: one kind that is missing
    /// holds up nobody else.
    pub(crate) async fn settled(&self) {
        for slot in self.each_slot() {
            slot.settled().await;
        }
    }

    /// Cuts the ties between stores and controllers, which hold each other.
    pub(crate) fn close(&self) {
        self.each_slot().iter().for_each(|slot| slot.close());
    }

    fn each_slot(&self) -> Vec<Arc<dyn Slot>> {
        let slots = self.slots();
        slots
            .entries
            .iter()
            .map(|entry| Arc::clone(&entry.slot))
            .collect()
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.shared.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds the store of a selection of a kind, and its place.
fn find<'a, K: Cached>(
    slots: &'a mut Slots,
    kind: &Kind,
    selection: &Selection,
) -> Option<(Store<K>, &'a mut Entry)> {
    slots.entries.iter_mut().find_map(|entry| {
        let slot: &dyn Any = entry.slot.as_ref();
        let store = slot.downcast_ref::<Store<K>>()?;
        let is_it = store.kind() == kind && store.selection() == selection;
        is_it.then(|| store.clone()).map(|store| (store, entry))
    })
}

impl Informers {
    /// Ends every informer, and returns once none does anything more.
    pub(crate) async fn shutdown(&mut self) {
        for task in self.take() {
            task.end().await;
        }
    }

    fn take(&mut self) -> Vec<Task> {
        let Some(caches) = self.caches.take() else {
            return Vec::new();
        };
        let mut slots = caches.slots();
        let choice = slots.running.take().and_then(|running| running.choice);
        let informers = slots.entries.iter_mut().flat_map(Entry::take_all);
        choice.into_iter().chain(informers).collect()
    }
}

impl Drop for Informers {
    fn drop(&mut self) {
        // The tasks end with their handles.
        self.take();
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.reports()).finish()
    }
}
