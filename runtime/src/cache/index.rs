//! Lookups other than by key: by owner, and by whatever the operator registers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Cached, ObjectKey};

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

/// Returns the index by the uid of each owner; every store has it.
pub(super) fn by_owner<K: Cached>() -> Index<K> {
    Index::new("metadata.ownerReferences.uid", |object: &K| {
        object
            .meta()
            .owner_references
            .iter()
            .flatten()
            .map(|owner| owner.uid.clone())
            .collect()
    })
}

/// An index together with what it holds.
pub(super) struct Filled<K> {
    index: Index<K>,
    keys: BTreeMap<String, BTreeSet<ObjectKey>>,
}

impl<K> Filled<K> {
    pub(super) fn new(index: Index<K>) -> Self {
        Self {
            index,
            keys: BTreeMap::new(),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.index.name
    }

    pub(super) fn find(&self, value: &str) -> impl Iterator<Item = &ObjectKey> {
        self.keys.get(value).into_iter().flatten()
    }

    pub(super) fn insert(&mut self, key: &ObjectKey, object: &K) {
        for value in self.index.values_of(object) {
            self.keys.entry(value).or_default().insert(key.clone());
        }
    }

    pub(super) fn remove(&mut self, key: &ObjectKey, object: &K) {
        for value in self.index.values_of(object) {
            if let Some(keys) = self.keys.get_mut(&value) {
                keys.remove(key);
                if keys.is_empty() {
                    self.keys.remove(&value);
                }
            }
        }
    }
}
