//! How a store is doing, for metrics and people.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Store;
use crate::Kind;
use crate::cache::{Cached, InformerReport, Report};

impl<K: Cached> Store<K> {
    /// Returns how the store is doing.
    #[must_use]
    pub fn report(&self) -> Report {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.shared.counters;
        let progress = self.shared.status.borrow().clone();
        let (objects, unconfirmed_writes, informers) = {
            let state = self.state();
            let informers = progress.into_iter().map(|(partition, status)| InformerReport {
                namespace: partition.namespace().map(str::to_owned),
                lag: state.reached.get(&partition).map(|reached| reached.at.elapsed()),
                status,
            });
            (state.table.len(), state.overlay.expired(), informers.collect())
        };
        Report {
            group: self.kind().group().to_owned(),
            kind: self.kind().kind().to_owned(),
            form: form::<K>(self.kind()),
            selection: self.selection().clone(),
            status: self.status(),
            informers,
            objects,
            unreadable: read(&counters.unreadable),
            lists: read(&counters.lists),
            watches: read(&counters.watches),
            failures: read(&counters.failures),
            panics: read(&counters.panics),
            unconfirmed_writes,
            live_reads: read(&counters.live_reads),
        }
    }
}

/// Returns what a type keeps of the objects of a kind, as reports call it.
fn form<K: Cached>(kind: &Kind) -> String {
    if K::metadata_api() {
        return "metadata".to_owned();
    }
    let name = std::any::type_name::<K>();
    // Of a generic type, what it is about.
    let inner = name.split(['<', '>']).rfind(|part| !part.is_empty());
    let short = inner.unwrap_or(name).rsplit("::").next().unwrap_or(name);
    if short == kind.kind() || short == "DynamicObject" {
        String::new()
    } else {
        short.to_owned()
    }
}
