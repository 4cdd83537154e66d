//! The queue as tasks see it: add from anywhere, take from one place.

use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::{Finish, Level, Queue, Run};

/// A [`Queue`] shared between tasks; clones share it.
///
/// Adding never waits. There is one timer, in whoever waits in [`next`](Self::next), and no task.
pub struct WorkQueue<K, C> {
    shared: Arc<Shared<K, C>>,
}

struct Shared<K, C> {
    queue: Mutex<Queue<K, C>>,
    /// Something may be ready earlier than whoever waits believes.
    changed: Notify,
    /// Nothing is left to do after a drain.
    drained: Notify,
}

impl<K: Clone + Eq + Hash, C> WorkQueue<K, C> {
    /// Returns a queue to share.
    #[must_use]
    pub fn new(queue: Queue<K, C>) -> Self {
        let shared = Shared {
            queue: Mutex::new(queue),
            changed: Notify::new(),
            drained: Notify::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Makes a key due now.
    pub fn add(&self, key: K, level: Level, cause: C) {
        self.queue().add(key, level, cause, Instant::now());
        self.shared.changed.notify_one();
    }

    /// Makes a key due after a time.
    pub fn add_after(&self, key: K, level: Level, cause: C, after: Duration) {
        self.queue().add_after(key, level, cause, after, Instant::now());
        self.shared.changed.notify_one();
    }

    /// Forgets the failures of a key and the time it waits for.
    pub fn forget(&self, key: &K) {
        self.queue().forget(key, Instant::now());
    }

    /// Waits for the key that is next; `None` once the queue is closed, or drained of what was ready.
    pub async fn next(&self) -> Option<Run<K, C>> {
        loop {
            let timer = {
                let mut queue = self.queue();
                if let Some(run) = queue.pop(Instant::now()) {
                    return Some(run);
                }
                if queue.is_finished() {
                    // Whoever else waits is to see it too.
                    self.shared.changed.notify_one();
                    return None;
                }
                queue.next_timer()
            };
            match timer {
                Some(at) => tokio::select! {
                    () = self.shared.changed.notified() => {}
                    () = sleep_until(at) => {}
                },
                None => self.shared.changed.notified().await,
            }
        }
    }

    /// Takes how a run went.
    pub fn finish(&self, key: &K, finish: impl Into<Finish>) {
        let drained = {
            let mut queue = self.queue();
            queue.finish_with(key, finish.into(), Instant::now());
            queue.is_drained()
        };
        self.shared.changed.notify_one();
        if drained {
            self.shared.drained.notify_waiters();
        }
    }

    /// Takes nothing in any more, but hands out what is ready; see [`Queue::drain`].
    pub fn drain(&self) {
        self.queue().drain();
        self.shared.changed.notify_one();
    }

    /// Takes nothing in and hands nothing out any more; see [`Queue::close`].
    pub fn close(&self) {
        self.queue().close();
        self.shared.changed.notify_one();
        self.shared.drained.notify_waiters();
    }

    /// Starts over, empty; see [`Queue::reopen`].
    pub fn reopen(&self) {
        self.queue().reopen();
        self.shared.changed.notify_one();
    }

    /// Returns true if keys are taken in.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.queue().is_open()
    }

    /// Waits until a drained or closed queue has nothing running; runs may still be finished meanwhile.
    pub async fn drained(&self) {
        loop {
            let drained = self.shared.drained.notified();
            if self.queue().is_drained() {
                return;
            }
            drained.await;
        }
    }

    /// Looks at the queue, for metrics; keep it short, everyone else waits.
    pub fn inspect<T>(&self, look: impl FnOnce(&Queue<K, C>) -> T) -> T {
        look(&self.queue())
    }

    fn queue(&self) -> MutexGuard<'_, Queue<K, C>> {
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, C> Clone for WorkQueue<K, C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<K, C> fmt::Debug for WorkQueue<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkQueue(..)")
    }
}
