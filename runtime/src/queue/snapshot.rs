//! What is in a queue, for people who ask why nothing happens.

use std::hash::Hash;

use tokio::time::Instant;

use super::super::entry::{Place as Inner, Reason};
use super::{Level, Queue};

/// What is in a queue at one moment, bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot<K, C> {
    /// The keys in line, the most urgent level first, then those that wait for a time, the earliest first.
    pub queued: Vec<Queued<K, C>>,
    /// How many more there are.
    pub omitted: usize,
}

/// One key of a queue that is not running.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queued<K, C> {
    /// The key.
    pub key: K,
    /// Where it is.
    pub place: Place,
    /// How urgent it is.
    pub level: Level,
    /// Why it is due.
    pub reason: Reason<C>,
    /// How often it failed in a row.
    pub failures: u32,
}

/// Where a key is in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// In line since then.
    Ready(Instant),
    /// Waits until then: a timer, a back-off or the shortest time between two runs.
    Waiting(Instant),
}

impl<K: Clone + Eq + Hash, C: Clone> Queue<K, C> {
    /// Returns what is in the queue, at most `limit` keys; costs O(limit), keep it small.
    #[must_use]
    pub fn snapshot(&self, limit: usize) -> Snapshot<K, C> {
        let in_line = Level::ALL.iter().rev().flat_map(|level| self.ready.keys(*level));
        let queued: Vec<_> = in_line
            .chain(self.timers.values())
            .take(limit)
            .filter_map(|key| self.queued(key))
            .collect();
        let all: usize = Level::ALL.iter().map(|level| self.ready(*level)).sum();
        Snapshot {
            omitted: (all + self.timers.len()).saturating_sub(limit),
            queued,
        }
    }

    /// A key that only keeps its distance from its last run is not due, so it is not shown.
    fn queued(&self, key: &K) -> Option<Queued<K, C>> {
        let entry = self.entries.get(key)?;
        let (place, due) = match &entry.place {
            Inner::Ready { since, due, .. } => (Place::Ready(*since), due),
            Inner::Waiting { at, due, .. } => (Place::Waiting(*at), due),
            Inner::Idle | Inner::Cooling { .. } | Inner::Running { .. } => return None,
        };
        Some(Queued {
            key: key.clone(),
            place,
            level: due.level,
            reason: due.reason.clone(),
            failures: entry.failures,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Backoff, Outcome};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn shows_who_is_next_and_who_waits() {
        let start = Instant::now();
        let mut queue: Queue<&str, &str> = Queue::new(Backoff::default(), 1);
        queue.add("low", Level::Low, "initial", start);
        queue.add("web", Level::Normal, "changed", start + SECOND);
        queue.add_after("later", Level::Normal, "requested", SECOND * 60, start);
        let shown = queue.snapshot(10);
        let lines: Vec<_> = shown
            .queued
            .iter()
            .map(|queued| (queued.key, queued.place, queued.reason.clone()))
            .collect();
        assert_eq!(
            lines,
            [
                ("web", Place::Ready(start + SECOND), Reason::Added("changed")),
                ("low", Place::Ready(start), Reason::Added("initial")),
                (
                    "later",
                    Place::Waiting(start + SECOND * 60),
                    Reason::Added("requested")
                ),
            ]
        );
        assert_eq!(shown.omitted, 0);
        let first = queue.snapshot(1);
        assert_eq!((first.queued.len(), first.omitted), (1, 2));
    }

    #[test]
    fn what_runs_is_not_shown_and_failures_are() {
        let now = Instant::now();
        let mut queue: Queue<&str, &str> = Queue::new(Backoff::default(), 1);
        queue.add("web", Level::Normal, "changed", now);
        queue.pop(now);
        assert!(queue.snapshot(10).queued.is_empty());
        queue.finish(&"web", Outcome::RetryAfter(SECOND), now);
        queue.pop(now + SECOND);
        queue.finish(&"web", Outcome::Retry, now + SECOND);
        let shown = &queue.snapshot(10).queued[0];
        assert_eq!((shown.failures, &shown.reason), (1, &Reason::Retry));
    }

    fn waited(queue: &mut Queue<&'static str, ()>, at: Instant) -> Option<(&'static str, Duration)> {
        queue.pop(at).map(|run| (run.key, run.waited))
    }

    #[test]
    fn the_time_in_line_counts_from_when_it_was_due() {
        let start = Instant::now();
        let mut queue = Queue::new(Backoff::default(), 1);
        queue.add("now", Level::Low, (), start);
        queue.add("now", Level::Normal, (), start + SECOND);
        queue.add_after("later", Level::Normal, (), SECOND, start);
        assert_eq!(waited(&mut queue, start + SECOND * 3), Some(("now", SECOND * 3)));
        assert_eq!(
            waited(&mut queue, start + SECOND * 3),
            Some(("later", SECOND * 2))
        );
    }

    #[test]
    fn traffic_counts_places_in_line_and_delays() {
        let now = Instant::now();
        let mut queue: Queue<&str, ()> = Queue::new(Backoff::default(), 1);
        queue.add("web", Level::Normal, (), now);
        queue.add("web", Level::Normal, (), now);
        queue.pop(now);
        queue.add("web", Level::Normal, (), now);
        queue.finish(&"web", Outcome::Done, now);
        queue.pop(now);
        queue.finish(&"web", Outcome::Requeue(SECOND), now);
        queue.pop(now + SECOND);
        let traffic = queue.traffic();
        assert_eq!((traffic.added, traffic.delayed), (3, 1));
    }
}
