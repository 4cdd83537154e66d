//! A reader of a bucket's history: it holds a cursor and is woken, never fed.

use std::sync::Arc;

use tokio::sync::watch;

use super::bucket::Bucket;
use super::{Compacted, Event, Store};

/// How many changes a watcher takes at once, so that the lock is held briefly.
const BATCH: usize = 256;

/// Follows the changes of one bucket.
#[derive(Debug)]
pub struct Watcher {
    store: Arc<Store>,
    bucket: Box<str>,
    cursor: u64,
    closed_times: u64,
    wake: watch::Receiver<u64>,
}

/// What a watcher finds when it looks.
#[derive(Debug)]
pub enum Batch {
    /// Changes, in order.
    Events(Vec<Arc<Event>>),
    /// Nothing new up to this revision.
    Idle(u64),
    /// Changes it has not seen were forgotten.
    Expired(Compacted),
    /// The bucket is closed; there will be no more changes.
    Closed,
}

impl Watcher {
    pub(super) fn new(store: Arc<Store>, bucket: &str, from: u64, entry: &Bucket) -> Self {
        Self {
            store,
            bucket: bucket.into(),
            cursor: from,
            closed_times: entry.closed().times,
            wake: entry.subscribe(),
        }
    }

    /// Returns what happened since the last look, without waiting.
    pub fn look(&mut self) -> Batch {
        let state = self.store.read();
        let Some(bucket) = state.buckets.get(&self.bucket) else {
            return Batch::Closed;
        };
        // Marked seen before the history is read, under the lock that writers hold: no change slips between.
        self.wake.borrow_and_update();
        let closed = bucket.closed();
        let ended = closed.times != self.closed_times;
        let mut events = match bucket.since(self.cursor, BATCH) {
            Err(compacted) => return Batch::Expired(compacted),
            Ok(events) => events,
        };
        if ended {
            events.retain(|event| event.revision <= closed.at);
        }
        match events.last() {
            Some(last) => {
                self.cursor = last.revision;
                Batch::Events(events)
            }
            None if ended => Batch::Closed,
            None => {
                self.cursor = self.cursor.max(state.revision);
                Batch::Idle(state.revision)
            }
        }
    }

    /// Waits until there may be something new.
    pub async fn woken(&mut self) {
        // An error would mean the bucket is gone, which the next look reports.
        drop(self.wake.changed().await);
    }
}
