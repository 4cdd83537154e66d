//! Fills a store without an informer, for tests of what reads stores.

use super::{Cached, Known, Phase, Selection, Store};
use crate::Kind;

impl<K: Known> Store<K> {
    /// Returns a store of a selection of a kind known at compile time.
    pub(crate) fn new(selection: Selection) -> Self {
        Self::of(Kind::of::<K>(), selection)
    }
}

impl<K: Cached> Store<K> {
    /// Puts objects in as a complete first list would.
    pub(crate) fn fill(&self, objects: impl IntoIterator<Item = K>) {
        for object in objects {
            self.state_mut().table.apply(object.into());
        }
        for partition in self.partitions() {
            self.set_status(&partition, |status| {
                status.phase = Phase::Live;
                status.synced = true;
                true
            });
        }
    }
}
