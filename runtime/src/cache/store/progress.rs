//! How far the informers of a store are: one status per partition, and all of them together.

use std::collections::BTreeMap;

use tokio::sync::watch;

use super::Store;
use crate::cache::selection::Partition;
use crate::cache::{Cached, Phase, Status};

/// The state of each partition's informer.
pub(in crate::cache) type Progress = BTreeMap<Partition, Status>;

/// How a partition starts.
pub(super) const SYNCING: Status = Status {
    phase: Phase::Syncing,
    synced: false,
    error: None,
};

impl<K: Cached> Store<K> {
    /// Returns how the informers of this store are doing.
    #[must_use]
    pub fn status(&self) -> Status {
        summary(&self.shared.status.borrow())
    }

    /// Returns a view of the status that tells when it changes.
    pub(in crate::cache) fn statuses(&self) -> watch::Receiver<Progress> {
        self.shared.status.subscribe()
    }

    /// Waits until every informer of this store has had a complete list; any number of tasks may wait.
    pub async fn synced(&self) {
        let mut status = self.shared.status.subscribe();
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = status.wait_for(|progress| summary(progress).synced).await;
    }

    /// Waits until the status is what the caller is looking for, and returns it.
    pub async fn wait_for(&self, wanted: impl Fn(&Status) -> bool) -> Status {
        let mut status = self.shared.status.subscribe();
        let _ = status.wait_for(|progress| wanted(&summary(progress))).await;
        self.status()
    }

    pub(in crate::cache) fn partitions(&self) -> Vec<Partition> {
        self.shared.status.borrow().keys().cloned().collect()
    }

    /// Adds a partition that nothing is known of yet; returns false if it is there already.
    pub(in crate::cache) fn add_partition(&self, partition: &Partition) -> bool {
        self.shared.status.send_if_modified(|progress| {
            let is_new = !progress.contains_key(partition);
            progress.entry(partition.clone()).or_insert(SYNCING);
            is_new
        })
    }

    /// Drops a partition and what is known of it, and tells everyone that it is gone.
    pub(in crate::cache) fn remove_partition(&self, partition: &Partition) {
        self.shared
            .status
            .send_if_modified(|progress| progress.remove(partition).is_some());
        let changes = {
            let mut state = self.state_mut();
            state.set_back(partition);
            // A list that shows nothing sweeps out everything.
            let round = state.table.begin();
            state.table.end(round, partition)
        };
        let handlers = self.handlers();
        for change in &changes {
            handlers.iter().for_each(|handler| self.tell(handler, change));
        }
    }

    /// Changes the status of a partition; returns what the change says about itself.
    pub(in crate::cache) fn set_status(
        &self,
        partition: &Partition,
        change: impl FnOnce(&mut Status) -> bool,
    ) -> bool {
        let mut turned = false;
        self.shared
            .status
            .send_modify(|progress| turned = progress.get_mut(partition).is_some_and(change));
        turned
    }

    pub(in crate::cache) fn is_synced(&self, partition: &Partition) -> bool {
        let progress = self.shared.status.borrow();
        progress.get(partition).is_some_and(|status| status.synced)
    }
}

/// The worst of all partitions; an empty selection is complete as it is.
fn summary(progress: &Progress) -> Status {
    let badness = |phase: Phase| match phase {
        Phase::Live => 0,
        Phase::Syncing => 1,
        Phase::Failing => 2,
        Phase::Missing => 3,
        Phase::Forbidden => 4,
    };
    let worst = progress.values().max_by_key(|status| badness(status.phase));
    let synced = progress.values().all(|status| status.synced);
    worst.map_or(
        Status {
            phase: Phase::Live,
            synced,
            error: None,
        },
        |worst| Status {
            synced,
            ..worst.clone()
        },
    )
}
