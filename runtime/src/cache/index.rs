//! Lookups other than by key: by owner, and by whatever the operator registers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::decode::Arrived;
use super::{Cached, ObjectKey, Past};

/// A named way to find objects of one kind; the type keeps it from being asked of another kind.
///
/// Register it while building the operator, then ask [`Store::indexed`](super::Store::indexed). Lookups cost the
/// number of objects found, not the number of objects stored. For a one-off search, filter a list instead.
///
/// ```
/// use k8s_openapi::api::core::v1::Pod;
/// use krate::cache::Index;
///
/// const BY_NODE: Index<Pod> =
///     Index::new("spec.nodeName", |pod| pod.spec.iter().filter_map(|spec| spec.node_name.clone()).collect());
/// # let _ = BY_NODE;
/// ```
pub struct Index<K> {
    name: &'static str,
    values: fn(&K) -> Vec<String>,
}

impl<K> Index<K> {
    /// Returns an index with a name, unique per kind, and the values under which an object is found.
    #[must_use]
    pub const fn new(name: &'static str, values: fn(&K) -> Vec<String>) -> Self {
        Self { name, values }
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns true if an object is found under a value.
    pub(super) fn matches(&self, object: &K, value: &str) -> bool {
        self.values_of(object).iter().any(|found| found == value)
    }

    /// An operator's function that panics on one object hides that object from the index, and harms nobody else.
    fn values_of(&self, object: &K) -> Vec<String> {
        catch_unwind(AssertUnwindSafe(|| (self.values)(object))).unwrap_or_default()
    }
}

impl<K> Clone for Index<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Index<K> {}

impl<K> fmt::Debug for Index<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The name of the index by owner.
const OWNER: &str = "metadata.ownerReferences.uid";

/// Returns the index by the uid of each owner; every store has it.
pub(super) fn by_owner<K: Cached>() -> Index<K> {
    Index::new(OWNER, |object: &K| {
        object
            .meta()
            .owner_references
            .iter()
            .flatten()
            .map(|owner| owner.uid.clone())
            .collect()
    })
}

/// The indexes of a store.
///
/// What an object was is decoded only where an index could tell it from what it is: owners are compared as text.
pub(super) struct Indexes<K> {
    owners: Filled<K>,
    others: Vec<Filled<K>>,
}

impl<K: Cached> Indexes<K> {
    pub(super) fn new() -> Self {
        Self {
            owners: Filled::new(by_owner()),
            others: Vec::new(),
        }
    }

    /// Adds an index over the objects that are there; a second index of the same name is the same index.
    pub(super) fn add(&mut self, index: Index<K>, objects: impl Iterator<Item = (ObjectKey, Arc<K>)>) {
        if self.find(index.name()).is_some() {
            return;
        }
        let mut filled = Filled::new(index);
        objects.for_each(|(key, object)| filled.insert(&key, &object));
        self.others.push(filled);
    }

    /// Returns the index of a name.
    pub(super) fn find(&self, name: &str) -> Option<&Filled<K>> {
        match name {
            OWNER => Some(&self.owners),
            _ => self.others.iter().find(|known| known.index.name == name),
        }
    }

    /// Takes an object that was not there.
    pub(super) fn insert(&mut self, key: &ObjectKey, object: &K) {
        self.each().for_each(|index| index.insert(key, object));
    }

    /// Takes an object in place of what it was; notes in that if its owners are the same.
    pub(super) fn replace(&mut self, key: &ObjectKey, past: &mut Past<K>, now: &Arrived<K>) {
        if have_same_owners(past, now) {
            past.keep_owners();
        } else {
            self.owners.remove(key, past);
            self.owners.insert(key, &now.object);
        }
        for index in &mut self.others {
            index.remove(key, past);
            index.insert(key, &now.object);
        }
    }

    /// Drops an object.
    pub(super) fn remove(&mut self, key: &ObjectKey, past: &Past<K>) {
        let is_owned = past.text().is_none_or(|text| text.owners().is_some());
        if is_owned {
            self.owners.remove(key, past);
        }
        self.others.iter_mut().for_each(|index| index.remove(key, past));
    }

    fn each(&mut self) -> impl Iterator<Item = &mut Filled<K>> {
        std::iter::once(&mut self.owners).chain(&mut self.others)
    }
}

fn have_same_owners<K: Cached>(past: &Past<K>, now: &Arrived<K>) -> bool {
    let (past, now) = (past.text(), now.packed.as_ref());
    matches!((past, now), (Some(past), Some(now)) if past.owners() == now.owners())
}

/// An index together with what it holds.
pub(super) struct Filled<K> {
    index: Index<K>,
    keys: BTreeMap<String, BTreeSet<ObjectKey>>,
}

impl<K: Cached> Filled<K> {
    fn new(index: Index<K>) -> Self {
        Self {
            index,
            keys: BTreeMap::new(),
        }
    }

    pub(super) fn find(&self, value: &str) -> impl Iterator<Item = &ObjectKey> {
        self.keys.get(value).into_iter().flatten()
    }

    fn insert(&mut self, key: &ObjectKey, object: &K) {
        for value in self.index.values_of(object) {
            self.keys.entry(value).or_default().insert(key.clone());
        }
    }

    /// Drops what is held of an object as it was; of one that cannot be read any more, all there is.
    fn remove(&mut self, key: &ObjectKey, past: &Past<K>) {
        let values = match past.get() {
            Some(object) => self.index.values_of(object),
            None => self.keys.keys().cloned().collect(),
        };
        for value in values {
            if let Some(keys) = self.keys.get_mut(&value) {
                keys.remove(key);
                if keys.is_empty() {
                    self.keys.remove(&value);
                }
            }
        }
    }
}
