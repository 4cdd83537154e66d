//! What a controller has done so far.

use std::sync::atomic::{AtomicU64, Ordering};

use std::time::Duration;

use crate::queue::{Level, Traffic};

/// How often the runs of a controller ended in which way, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Runs that were started.
    pub started: u64,
    /// Runs that succeeded.
    pub succeeded: u64,
    /// Runs that succeeded and asked for another one after a time.
    pub requeued: u64,
    /// Runs that failed and are retried, those that panicked or timed out among them.
    pub failed: u64,
    /// Runs that failed for good.
    pub terminal: u64,
    /// Runs that panicked.
    pub panicked: u64,
    /// Runs that did not end before their deadline.
    pub timed_out: u64,
    /// How often an object was found to keep running because of its own writes.
    pub looped: u64,
}

/// How a controller is doing right now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The name of the controller.
    pub name: String,
    /// What it has done so far.
    pub stats: Stats,
    /// How many objects of each level wait for a worker.
    pub ready: [(Level, usize); 3],
    /// How many objects wait for a time: a timer or a back-off.
    pub waiting: usize,
    /// How many objects are being reconciled.
    pub running: usize,
    /// How many objects may be reconciled at the same time.
    pub workers: usize,
    /// What went through the queue so far.
    pub traffic: Traffic,
    /// How long all that is being reconciled has been so, together.
    pub unfinished: Duration,
    /// How long the longest of them has been.
    pub longest: Duration,
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) started: AtomicU64,
    pub(super) succeeded: AtomicU64,
    pub(super) requeued: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) terminal: AtomicU64,
    pub(super) panicked: AtomicU64,
    pub(super) timed_out: AtomicU64,
    pub(super) looped: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counts {
    pub(super) fn read(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            started: read(&self.started),
            succeeded: read(&self.succeeded),
            requeued: read(&self.requeued),
            failed: read(&self.failed),
            terminal: read(&self.terminal),
            panicked: read(&self.panicked),
            timed_out: read(&self.timed_out),
            looped: read(&self.looped),
        }
    }
}
