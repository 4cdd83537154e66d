//! Where objects live: one revision counter, ordered maps, a bounded history, and watchers that read it.
//!
//! Objects of one kind, in all its versions, are a *bucket*; keys are `namespace/name` or `name`.
//! A write holds the lock only to check what it was based on, take the next revision, record the change and wake
//! watchers; everything that takes time happens before, in `handler`.
//! The history serves three readers at once: watches follow it, snapshots of past revisions are the present with
//! later changes undone, and its length decides what is too old.
//! It knows no kinds and no HTTP: start at [`Store`].

mod bucket;
mod event;
mod range;
mod watcher;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::{Value, json};
use tokio::sync::watch;

pub use self::event::{Change, Event};
pub use self::range::{Page, Range};
pub use self::watcher::{Batch, Watcher};

use self::bucket::Bucket;
use crate::object::{Object, ObjectRef, metadata_mut};

/// The objects of a server.
#[derive(Debug)]
pub struct Store {
    state: RwLock<State>,
    reached: watch::Sender<u64>,
    window: usize,
}

#[derive(Debug)]
struct State {
    revision: u64,
    buckets: BTreeMap<Box<str>, Bucket>,
}

/// A write was based on another state than the stored one.
#[derive(Debug)]
pub struct Stale {
    /// What is stored, if anything.
    pub current: Option<ObjectRef>,
}

/// The revision asked for is no longer kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compacted {
    /// The oldest revision that can still be read.
    pub floor: u64,
}

impl Store {
    /// Returns an empty store that remembers the last `window` changes of each bucket.
    #[must_use]
    pub fn new(window: usize) -> Self {
        let first = 1;
        let state = State {
            revision: first,
            buckets: BTreeMap::new(),
        };
        Self {
            state: RwLock::new(state),
            reached: watch::Sender::new(first),
            window: window.max(1),
        }
    }

    /// Returns the revision of the last write.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.read().revision
    }

    /// Waits until a write has taken `revision` or a later one.
    pub async fn reach(&self, revision: u64) {
        let mut reached = self.reached.subscribe();
        // The sender lives as long as `self`.
        drop(reached.wait_for(|now| *now >= revision).await);
    }

    /// Returns the revision of the bucket's last change, 0 if there was none.
    #[must_use]
    pub fn changed(&self, bucket: &str) -> u64 {
        self.read().buckets.get(bucket).map_or(0, Bucket::changed)
    }

    /// Returns the object stored under `key`.
    #[must_use]
    pub fn get(&self, bucket: &str, key: &str) -> Option<ObjectRef> {
        self.read().buckets.get(bucket)?.get(key).cloned()
    }

    /// Returns the objects of a range in key order, as of revision `at`, or of now.
    ///
    /// # Errors
    /// [`Compacted`] if changes since `at` are no longer all known.
    pub fn page(&self, bucket: &str, range: &Range<'_>, at: Option<u64>) -> Result<Page, Compacted> {
        let state = self.read();
        let revision = at.unwrap_or(state.revision);
        match state.buckets.get(bucket) {
            Some(bucket) => bucket.page(range, revision),
            None => Ok(Page::empty(revision)),
        }
    }

    /// Returns all objects of a bucket in key order.
    #[must_use]
    pub fn all(&self, bucket: &str) -> Vec<ObjectRef> {
        let state = self.read();
        let objects = state.buckets.get(bucket).map(Bucket::objects);
        objects.into_iter().flatten().cloned().collect()
    }

    /// Stores `value` under `key` at the next revision, provided that what is there now is of revision `expected`
    /// (`None`: nothing is there).
    ///
    /// # Errors
    /// [`Stale`] if something else is there.
    pub fn put(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<u64>,
        value: Value,
    ) -> Result<ObjectRef, Stale> {
        self.write(bucket, key, expected, value, Change::Stored)
    }

    /// Removes `current`, which is stored under `key`; returns its last state at the revision of the removal.
    ///
    /// # Errors
    /// [`Stale`] if something else is there.
    pub fn delete(&self, bucket: &str, key: &str, current: &Object) -> Result<ObjectRef, Stale> {
        let last = current.value().clone();
        self.write(bucket, key, Some(current.revision()), last, Change::Removed)
    }

    /// Returns a watcher of the bucket's changes after revision `from`.
    #[must_use]
    pub fn watch(self: &Arc<Self>, bucket: &str, from: u64) -> Watcher {
        let mut state = self.write_lock();
        let entry = state.bucket(bucket);
        Watcher::new(Arc::clone(self), bucket, from, entry)
    }

    /// Ends every watch of the bucket once it has seen the last change: its kind is served no longer.
    pub fn close(&self, bucket: &str) {
        let mut state = self.write_lock();
        let revision = state.revision;
        if let Some(bucket) = state.buckets.get_mut(bucket) {
            bucket.close(revision);
        }
    }

    fn write(
        &self,
        bucket: &str,
        key: &str,
        expected: Option<u64>,
        mut value: Value,
        change: Change,
    ) -> Result<ObjectRef, Stale> {
        let forgotten;
        let object;
        {
            let mut state = self.write_lock();
            let next = state.revision + 1;
            let target = state.bucket(bucket);
            let current = target.get(key);
            if current.map(|one| one.revision()) != expected {
                let current = current.cloned();
                return Err(Stale { current });
            }
            metadata_mut(&mut value).insert("resourceVersion".to_owned(), json!(next.to_string()));
            object = Arc::new(Object::new(value, next));
            forgotten = target.record(key, Arc::clone(&object), change, self.window);
            state.revision = next;
            self.reached.send_replace(next);
        }
        // Old states are freed outside the lock: they may be large.
        drop(forgotten);
        Ok(object)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_lock(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn bucket(&mut self, name: &str) -> &mut Bucket {
        if !self.buckets.contains_key(name) {
            self.buckets.insert(name.into(), Bucket::default());
        }
        self.buckets.get_mut(name).expect("inserted above")
    }
}

#[cfg(test)]
mod tests;
