//! Telling a handler what a store holds, as the first list did: how a queue is filled that is late to the store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use tracing::warn;

use super::store::Handler;
use super::{Cached, Change, Store};

impl<K: Cached> Store<K> {
    /// Hands every object to the handler as an initial one, in order of namespace and name.
    pub(crate) fn replay(&self, handler: &Handler<K>) {
        // One at a time: decoded all at once, they would take several times the memory of the store.
        for new in self.each() {
            self.tell(handler, &Change::Added { new, initial: true });
        }
    }

    /// Calls a handler; one that panics is counted and skipped.
    pub(super) fn tell(&self, handler: &Handler<K>, change: &Change<K>) {
        if catch_unwind(AssertUnwindSafe(|| handler(change))).is_err() {
            self.counters().panics.fetch_add(1, Ordering::Relaxed);
            warn!(kind = %self.kind(), object = %change.key(), "a mapper or predicate panicked, skipped it");
        }
    }
}
