//! How a store is doing, for metrics and people.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Store;
use crate::cache::{Cached, InformerReport, Report, form};

impl<K: Cached> Store<K> {
    /// Returns how the store is doing.
    #[must_use]
    pub fn report(&self) -> Report {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.shared.counters;
        let progress = self.shared.status.borrow().clone();
        let (objects, bytes, unconfirmed_writes, informers) = {
            let state = self.state();
            let informers = progress.into_iter().map(|(partition, status)| InformerReport {
                namespace: partition.namespace().map(str::to_owned),
                lag: state.reached.get(&partition).map(|reached| reached.at.elapsed()),
                status,
            });
            let table = &state.table;
            (
                table.len(),
                table.bytes(),
                state.overlay.expired(),
                informers.collect(),
            )
        };
        Report {
            group: self.kind().group().to_owned(),
            kind: self.kind().kind().to_owned(),
            form: form::name::<K>(self.kind()),
            selection: self.selection().clone(),
            status: self.status(),
            informers,
            objects,
            bytes,
            unreadable: read(&counters.unreadable),
            lists: read(&counters.lists),
            watches: read(&counters.watches),
            failures: read(&counters.failures),
            panics: read(&counters.panics),
            unconfirmed_writes,
            live_reads: read(&counters.live_reads),
            decoded: read(&counters.decoded),
        }
    }
}
