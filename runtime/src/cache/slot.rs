//! A store whose type is forgotten, and the informers that fill it.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::caches::Setting;
use super::form::{Form, Keep};
use super::informer::Informer;
use super::selection::Partition;
use super::{Cached, ObjectKey, Phase, Report, Selection, Status, Store};
use crate::Kind;

/// A store whose type is forgotten.
pub(super) trait Slot: Any + Send + Sync {
    fn report(&self) -> Report;
    fn kind(&self) -> &Kind;
    fn selection(&self) -> &Selection;
    /// Returns true if an object is in the store.
    fn holds(&self, key: &ObjectKey) -> bool;
    /// Notes what a write answered, as any type has it.
    fn wrote(&self, answer: &Value);
    /// Notes that a delete was answered.
    fn deleted(&self, key: &ObjectKey, uid: Option<&str>);
    /// Notes that a write got no answer.
    fn lost(&self, key: &ObjectKey);
    fn partitions(&self) -> Vec<Partition>;
    /// Adds a partition; returns false if it is there already.
    fn add_partition(&self, partition: &Partition) -> bool;
    /// Drops a partition that no informer fills any more, and what is in it.
    fn remove_partition(&self, partition: &Partition);
    /// Notes how the choice of namespaces is doing, if the store depends on it.
    fn choice(&self, status: &Status);
    /// Returns what fills a partition.
    fn informer(&self, partition: Partition, setting: &Setting) -> BoxFuture<'static, ()>;
    /// Waits until the store is complete, or an informer has said why it is not.
    fn settled(&self) -> BoxFuture<'_, ()>;
    /// Cuts the ties to whoever subscribed.
    fn close(&self);
}

impl<K: Cached> Slot for Store<K> {
    fn report(&self) -> Report {
        Self::report(self)
    }

    fn kind(&self) -> &Kind {
        Self::kind(self)
    }

    fn selection(&self) -> &Selection {
        Self::selection(self)
    }

    fn holds(&self, key: &ObjectKey) -> bool {
        self.knows(key)
    }

    fn wrote(&self, answer: &Value) {
        // What this type cannot read the watch cannot show either.
        if let Ok(mut object) = K::deserialize(answer) {
            object.meta_mut().managed_fields = None;
            Self::wrote(self, object);
        }
    }

    fn deleted(&self, key: &ObjectKey, uid: Option<&str>) {
        Self::deleted(self, key.clone(), uid.map(str::to_owned));
    }

    fn lost(&self, key: &ObjectKey) {
        Self::lost(self, key.clone());
    }

    fn partitions(&self) -> Vec<Partition> {
        Self::partitions(self)
    }

    fn add_partition(&self, partition: &Partition) -> bool {
        Self::add_partition(self, partition)
    }

    fn remove_partition(&self, partition: &Partition) {
        Self::remove_partition(self, partition);
    }

    fn choice(&self, now: &Status) {
        self.set_status(&Partition::Choice, |status| {
            status.clone_from(now);
            false
        });
    }

    fn informer(&self, partition: Partition, setting: &Setting) -> BoxFuture<'static, ()> {
        let keep = Keep {
            managed_fields: setting.keep_managed_fields,
            form: Form::of::<K>(self.kind(), &setting.decoded),
        };
        let (client, environment) = (setting.client.clone(), setting.environment.clone());
        let informer = Informer::new(self.clone(), partition, client, environment, keep);
        Box::pin(informer.run())
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        let settled =
            |status: &Status| status.synced || !matches!(status.phase, Phase::Syncing | Phase::Live);
        Box::pin(async move {
            self.wait_for(settled).await;
        })
    }

    fn close(&self) {
        self.unsubscribe();
    }
}

/// A slot among others: who holds it, and what fills it.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) slot: Arc<dyn Slot>,
    /// How many hold it; without any it goes. `None` if it stays whoever holds it.
    pub(super) holders: Option<usize>,
    informers: BTreeMap<Partition, Task>,
}

impl Entry {
    pub(super) fn new(number: u64, slot: Arc<dyn Slot>, holders: Option<usize>) -> Self {
        Self {
            number,
            slot,
            holders,
            informers: BTreeMap::new(),
        }
    }

    /// Starts the informer of every partition that has none.
    pub(super) fn start(&mut self, setting: &Setting) {
        for partition in self.slot.partitions() {
            let is_watched = partition != Partition::Choice;
            if is_watched && !self.informers.contains_key(&partition) {
                let informer = self.slot.informer(partition.clone(), setting);
                self.informers.insert(partition, Task::spawn(informer));
            }
        }
    }

    /// Takes out the informer of a partition, for the caller to end.
    pub(super) fn take(&mut self, partition: &Partition) -> Option<Task> {
        self.informers.remove(partition)
    }

    /// Takes out every informer.
    pub(super) fn take_all(&mut self) -> Vec<Task> {
        std::mem::take(&mut self.informers).into_values().collect()
    }
}

/// A task that ends with its handle.
pub(super) struct Task {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Task {
    pub(super) fn spawn(work: impl Future<Output = ()> + Send + 'static) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = work => {}
            }
        });
        Self { stop, task }
    }

    /// Ends the task, and returns once it does nothing more.
    pub(super) async fn end(mut self) {
        self.stop.cancel();
        // A task that panicked has ended, too.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.task.abort();
    }
}
