//! Which namespaces an operator looks into, where a label selector picks them: followed for as long as it runs.
//!
//! The namespaces themselves are followed by a store like any other, of metadata only. What it holds is compared with
//! what the other stores look into, as a whole each time: a store gets an informer per namespace that comes, and loses
//! the informer and the objects of one that goes.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::Notify;

use super::caches::Caches;
use super::selection::Partition;
use super::slot::{Entry, Task};
use super::{AnyMetadata, Namespaces, Selection, Status, Store};

/// Returns the selection of the namespaces with these labels.
pub(super) fn selection(labels: &str) -> Selection {
    Selection {
        namespaces: Namespaces::All,
        labels: Some(labels.to_owned()),
        fields: None,
    }
}

/// Keeps what the caches look into in line with the namespaces there are.
pub(super) async fn follow(caches: Caches, namespaces: Store<AnyMetadata>) {
    let changed = Arc::new(Notify::new());
    let notify = Arc::clone(&changed);
    let _tie = namespaces.subscribe(Arc::new(move |_| notify.notify_one()));
    let mut status = namespaces.statuses();
    loop {
        status.mark_unchanged();
        let now = namespaces.status();
        let wanted: BTreeSet<String> = namespaces
            .list()
            .iter()
            .map(|namespace| namespace.metadata.name.clone().unwrap_or_default())
            .collect();
        // Before the list is complete, a namespace that is missing from it need not be gone.
        caches.choose(now.synced.then_some(&wanted), &now).await;
        tokio::select! {
            () = changed.notified() => {}
            _ = status.changed() => {}
        }
    }
}

/// The namespaces chosen so far, for stores that are added later.
#[derive(Default)]
pub(super) struct Chosen {
    pub(super) namespaces: BTreeSet<String>,
    pub(super) status: Option<Status>,
}

impl Chosen {
    /// Adds what a store is to look into, and notes how the choice is doing.
    pub(super) fn add_to(&self, entry: &Entry) {
        if !entry.slot.partitions().contains(&Partition::Choice) {
            return;
        }
        for namespace in &self.namespaces {
            let partition = Partition::Namespace(namespace.clone());
            entry.slot.add_partition(&partition);
        }
        if let Some(status) = &self.status {
            entry.slot.choice(status);
        }
    }

    /// Returns the partitions a store is to look into no more, each with the informer to end before it is dropped.
    pub(super) fn take_from(&self, entry: &mut Entry) -> Vec<(Partition, Option<Task>)> {
        let partitions = entry.slot.partitions();
        if !partitions.contains(&Partition::Choice) {
            return Vec::new();
        }
        let is_gone = |partition: &Partition| {
            let namespace = partition.namespace();
            namespace.is_some_and(|namespace| !self.namespaces.contains(namespace))
        };
        let gone = partitions.into_iter().filter(is_gone);
        gone.map(|partition| {
            let task = entry.take(&partition);
            (partition, task)
        })
        .collect()
    }
}
