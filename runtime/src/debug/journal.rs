//! What a controller runs, and what it ran last for each object.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::cache::ObjectKey;
use crate::context::Cause;

/// The longest text of an error that is remembered.
const LONGEST: usize = 1024;

/// The runs of one controller.
///
/// Of runs that ended, the last of each object is remembered, for a bounded number of objects: the latest that
/// succeeded and, apart from those, the latest that failed, so that a busy controller does not forget its failures.
#[derive(Debug)]
pub(crate) struct Journal {
    /// How many objects are remembered of each kind; nothing is copied if it is zero.
    limit: usize,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    running: BTreeMap<ObjectKey, Entry>,
    succeeded: Shelf,
    failed: Shelf,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    since: Instant,
    /// More about it, if it will be remembered.
    run: Option<Running>,
    ended: Option<Ended>,
}

/// A run that has begun.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) cause: Cause,
    pub(crate) attempt: u32,
    pub(crate) id: String,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Done { requeue_after: Option<Duration> },
    Failed { error: String, retried: bool },
    Panicked { message: String },
    TimedOut { deadline: Duration },
}

/// A run that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Recent {
    pub(crate) run: Running,
    pub(crate) ended: Ended,
    pub(crate) at: Timestamp,
    pub(crate) took: Duration,
    order: u64,
}

/// The last runs of some objects, and the order in which they ended.
#[derive(Debug, Default)]
struct Shelf {
    runs: BTreeMap<ObjectKey, Recent>,
    order: BTreeMap<u64, ObjectKey>,
}

impl Shelf {
    fn remove(&mut self, key: &ObjectKey) {
        if let Some(old) = self.runs.remove(key) {
            self.order.remove(&old.order);
        }
    }

    fn put(&mut self, key: ObjectKey, recent: Recent, limit: usize) {
        self.order.insert(recent.order, key.clone());
        self.runs.insert(key, recent);
        while self.runs.len() > limit {
            match self.order.pop_first() {
                Some((_, oldest)) => self.runs.remove(&oldest),
                None => return,
            };
        }
    }
}

impl Journal {
    /// Returns a journal that remembers the last runs of so many objects.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            pages: Mutex::default(),
        }
    }

    /// Notes that a run begins.
    pub(crate) fn started(&self, key: &ObjectKey, since: Instant, run: impl FnOnce() -> Running) {
        let entry = Entry {
            since,
            run: (self.limit > 0).then(run),
            ended: None,
        };
        self.pages().running.insert(key.clone(), entry);
    }

    /// Notes that nothing runs any more: what did not end was cut off.
    pub(crate) fn cut_off(&self) {
        self.pages().running.clear();
    }

    /// Notes what a run came to.
    pub(crate) fn came_to(&self, key: &ObjectKey, ended: impl FnOnce() -> Ended) {
        if self.limit == 0 {
            return;
        }
        let ended = ended().shortened();
        if let Some(entry) = self.pages().running.get_mut(key) {
            entry.ended = Some(ended);
        }
    }

    /// Notes that a run is over.
    pub(crate) fn ended(&self, key: &ObjectKey, at: Timestamp) {
        let mut pages = self.pages();
        let Some(entry) = pages.running.remove(key) else {
            return;
        };
        let (Some(run), Some(ended)) = (entry.run, entry.ended) else {
            return;
        };
        pages.next += 1;
        let recent = Recent {
            took: entry.since.elapsed(),
            order: pages.next,
            run,
            ended,
            at,
        };
        let Pages {
            succeeded, failed, ..
        } = &mut *pages;
        succeeded.remove(key);
        failed.remove(key);
        let shelf = match recent.ended {
            Ended::Done { .. } => succeeded,
            Ended::Failed { .. } | Ended::Panicked { .. } | Ended::TimedOut { .. } => failed,
        };
        shelf.put(key.clone(), recent, self.limit);
    }

    /// Returns how long everything at work has been so, together, and the longest of it.
    pub(crate) fn unfinished(&self) -> (Duration, Duration) {
        let pages = self.pages();
        let times = || pages.running.values().map(|entry| entry.since.elapsed());
        (times().sum(), times().max().unwrap_or_default())
    }

    /// Returns what is at work, the longest first.
    pub(crate) fn running(&self) -> Vec<(ObjectKey, Duration, Option<Running>)> {
        let pages = self.pages();
        let entries = pages.running.iter();
        let mut running: Vec<_> = entries
            .map(|(key, entry)| (key.clone(), entry.since.elapsed(), entry.run.clone()))
            .collect();
        running.sort_by_key(|(_, since, _)| std::cmp::Reverse(*since));
        running
    }

    /// Returns what ran last, for the objects `wanted` takes: what failed before what succeeded, the latest first.
    pub(crate) fn recent(
        &self,
        limit: usize,
        wanted: impl Fn(&ObjectKey) -> bool,
    ) -> Vec<(ObjectKey, Recent)> {
        let pages = self.pages();
        let of = |shelf: &Shelf| -> Vec<(ObjectKey, Recent)> {
            let latest = shelf.order.values().rev().filter(|key| wanted(key));
            latest
                .filter_map(|key| Some((key.clone(), shelf.runs.get(key)?.clone())))
                .take(limit)
                .collect()
        };
        let mut all = of(&pages.failed);
        all.extend(of(&pages.succeeded));
        all.truncate(limit);
        all
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ended {
    fn shortened(mut self) -> Self {
        let text = match &mut self {
            Self::Failed { error, .. } => error,
            Self::Panicked { message } => message,
            Self::Done { .. } | Self::TimedOut { .. } => return self,
        };
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> ObjectKey {
        ObjectKey::namespaced("default", name)
    }

    fn begin(journal: &Journal, name: &str) {
        let since = Instant::now();
        journal.started(&key(name), since, || Running {
            cause: Cause::Initial,
            attempt: 0,
            id: name.to_owned(),
        });
    }

    fn run(journal: &Journal, name: &str, ended: Ended) {
        begin(journal, name);
        journal.came_to(&key(name), || ended);
        journal.ended(&key(name), Timestamp::UNIX_EPOCH);
    }

    fn failed() -> Ended {
        Ended::Failed {
            error: "no".into(),
            retried: true,
        }
    }

    fn done() -> Ended {
        Ended::Done { requeue_after: None }
    }

    fn names(journal: &Journal) -> Vec<String> {
        let recent = journal.recent(100, |_| true);
        recent.into_iter().map(|(key, _)| key.name().to_owned()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn failures_outlive_a_flood_of_successes() {
        let journal = Journal::new(3);
        run(&journal, "bad", failed());
        for round in 0..100 {
            run(&journal, &format!("good-{round}"), done());
        }
        assert_eq!(names(&journal), ["bad", "good-99", "good-98", "good-97"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_is_remembered_once_as_it_went_last() {
        let journal = Journal::new(3);
        run(&journal, "a", failed());
        run(&journal, "b", failed());
        run(&journal, "a", done());
        assert_eq!(names(&journal), ["b", "a"]);
        run(&journal, "a", failed());
        assert_eq!(names(&journal), ["a", "b"]);
        assert_eq!(journal.recent(1, |key| key.name() == "b").len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_remembered_of_what_ended_unless_asked_for() {
        let journal = Journal::new(0);
        begin(&journal, "a");
        tokio::time::advance(Duration::from_secs(3)).await;
        begin(&journal, "b");
        tokio::time::advance(Duration::from_secs(1)).await;
        let (together, longest) = journal.unfinished();
        assert_eq!((together.as_secs(), longest.as_secs()), (5, 4));
        assert!(journal.running().iter().all(|(_, _, run)| run.is_none()));
        journal.came_to(&key("a"), || unreachable!("it is not kept"));
        journal.ended(&key("a"), Timestamp::UNIX_EPOCH);
        assert!(names(&journal).is_empty());
        assert_eq!(journal.unfinished().0.as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_error_is_cut() {
        let journal = Journal::new(1);
        let error = "é".repeat(LONGEST * 2);
        run(&journal, "a", Ended::Failed { error, retried: true });
        let (_, recent) = journal.recent(1, |_| true).remove(0);
        let Ended::Failed { error, .. } = recent.ended else {
            panic!("it failed")
        };
        assert_eq!(error.chars().count(), LONGEST + 1);
    }
}
