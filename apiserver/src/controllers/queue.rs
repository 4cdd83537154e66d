//! What a controller still has to look at: each key once, in the order it came, failures later and later.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The first wait after a failure; doubled with each further one.
const FIRST_RETRY: Duration = Duration::from_millis(10);
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// A queue of distinct keys.
#[derive(Debug)]
pub(super) struct Queue<K> {
    ready: VecDeque<K>,
    waiting: BTreeSet<K>,
    later: BTreeSet<(Instant, K)>,
    failures: BTreeMap<K, u32>,
}

impl<K: Ord + Clone> Queue<K> {
    pub(super) fn new() -> Self {
        Self {
            ready: VecDeque::new(),
            waiting: BTreeSet::new(),
            later: BTreeSet::new(),
            failures: BTreeMap::new(),
        }
    }

    /// Queues `key` unless it already waits.
    pub(super) fn add(&mut self, key: K) {
        if self.waiting.insert(key.clone()) {
            self.ready.push_back(key);
        }
    }

    /// Queues `key` once `wait` has passed.
    pub(super) fn add_after(&mut self, key: K, wait: Duration) {
        self.later.insert((Instant::now() + wait, key));
    }

    /// Queues `key` again after a failure, each time later.
    pub(super) fn retry(&mut self, key: K) {
        let failures = self.failures.entry(key.clone()).or_default();
        let wait = FIRST_RETRY.saturating_mul(1 << (*failures).min(16));
        *failures += 1;
        self.add_after(key, wait.min(LONGEST_RETRY));
    }

    /// Forgets the failures of a key that went well.
    pub(super) fn succeeded(&mut self, key: &K) {
        self.failures.remove(key);
    }

    /// Takes the next key that is due.
    pub(super) fn pop(&mut self) -> Option<K> {
        self.promote(Instant::now());
        let key = self.ready.pop_front()?;
        self.waiting.remove(&key);
        Some(key)
    }

    /// Waits until a delayed key is due; forever if there is none.
    pub(super) async fn due(&self) {
        match self.later.first() {
            Some((due, _)) => sleep_until(*due).await,
            None => std::future::pending().await,
        }
    }

    fn promote(&mut self, now: Instant) {
        while let Some((due, _)) = self.later.first() {
            if *due > now {
                return;
            }
            if let Some((_, key)) = self.later.pop_first() {
                self.add(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(queue: &mut Queue<&'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_waits_once_in_order() {
        let mut queue = Queue::new();
        for key in ["b", "a", "b"] {
            queue.add(key);
        }
        assert_eq!(drain(&mut queue), ["b", "a"]);
        queue.add("b");
        assert_eq!(drain(&mut queue), ["b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_wait_longer_each_time_until_one_success() {
        let mut queue = Queue::new();
        let mut waits = Vec::new();
        for _ in 0..3 {
            queue.retry("a");
            let before = Instant::now();
            assert_eq!(queue.pop(), None);
            queue.due().await;
            assert_eq!(queue.pop(), Some("a"));
            waits.push(before.elapsed().as_millis());
        }
        assert_eq!(waits, [10, 20, 40]);
        queue.succeeded(&"a");
        queue.retry("a");
        let before = Instant::now();
        queue.due().await;
        assert_eq!(before.elapsed().as_millis(), 10);
    }
}
