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
/// Adding never waits. There is no task; the timer is in whoever waits in [`next`](Self::next).
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
        let (is_news, drained) = {
            let mut queue = self.queue();
            let before = queue.next_timer();
            queue.finish_with(key, finish.into(), Instant::now());
            // Mostly nothing is to be done for a key that is done, and nobody is woken for that.
            let is_earlier = queue
                .next_timer()
                .is_some_and(|at| before.is_none_or(|before| at < before));
            (queue.has_ready() || is_earlier, queue.is_drained())
        };
        if is_news {
            self.shared.changed.notify_one();
        }
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

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake, Waker};

    use tokio::time::timeout;

    use super::*;
    use crate::queue::{Backoff, Outcome};

    type Keys = WorkQueue<&'static str, ()>;

    /// A queue of two keys, one of them taken.
    async fn queue() -> Keys {
        let queue = Keys::new(Queue::new(Backoff::default(), 1));
        for key in ["a", "b"] {
            queue.add(key, Level::Normal, ());
        }
        assert_eq!(queue.next().await.map(|run| run.key), Some("a"));
        queue
    }

    /// Whoever waits already is told, although whoever finishes takes another key and is busy from then on.
    async fn check(again: impl Fn(&Keys), outcome: Outcome) {
        let queue = queue().await;
        let second = queue.next().await.map(|run| run.key);
        let other = queue.clone();
        let waiting = tokio::spawn(async move { other.next().await.map(|run| run.key) });
        tokio::task::yield_now().await;
        again(&queue);
        queue.finish(&"a", outcome);
        let taken = timeout(Duration::from_secs(60), waiting).await;
        assert_eq!(
            (second, taken.ok().and_then(Result::ok)),
            (Some("b"), Some(Some("a")))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_is_due_again_is_taken_by_whoever_waits() {
        check(|_| {}, Outcome::Requeue(Duration::from_secs(5))).await;
        check(|_| {}, Outcome::Retry).await;
        check(|queue| queue.add("a", Level::Normal, ()), Outcome::Done).await;
    }

    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_that_is_done_wakes_nobody() {
        let queue = queue().await;
        assert_eq!(queue.next().await.map(|run| run.key), Some("b"));
        let wakes = Arc::new(Wakes(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&wakes));
        let mut next = pin!(queue.next());
        // The second time, what was left over of the additions is used up.
        for _ in 0..2 {
            assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        let before = wakes.0.load(Ordering::Relaxed);
        queue.finish(&"b", Outcome::Done);
        assert_eq!(wakes.0.load(Ordering::Relaxed), before);
        queue.add("c", Level::Normal, ());
        assert_eq!(wakes.0.load(Ordering::Relaxed), before + 1);
    }
}
