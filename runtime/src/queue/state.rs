//! The queue itself: a pure structure that is told what time it is.

use std::collections::BTreeMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash};
use std::time::Duration;

use fastrand::Rng;
use hashbrown::HashMap;
use tokio::time::Instant;

use super::backoff::Backoff;
use super::bucket::{Bucket, RateLimit};
use super::entry::{Again, Due, Entry, Place};
use super::level::{Level, Ready};

pub use super::entry::Reason;

/// A queue keeps room for so many keys, however few there are.
const ROOM: usize = 2048;

/// A queue of keys `K`, each at most once, with causes `C` for whoever asks why a key runs.
///
/// Adding, taking and finishing cost O(log n).
///
/// ```
/// use krate::queue::{Backoff, Level, Outcome, Queue};
/// use tokio::time::Instant;
///
/// let now = Instant::now();
/// let mut queue: Queue<&str, &str> = Queue::new(Backoff::default(), 42);
/// queue.add("web", Level::Normal, "created", now);
/// queue.add("web", Level::Normal, "changed", now);
///
/// let run = queue.pop(now).expect("one key is ready");
/// assert_eq!((run.key, run.failures), ("web", 0));
/// assert!(queue.pop(now).is_none(), "the second addition joined the first");
///
/// queue.finish(&"web", Outcome::Done, now);
/// assert!(queue.is_empty());
/// ```
pub struct Queue<K, C> {
    entries: HashMap<K, Entry<C>, BuildHasherDefault<DefaultHasher>>,
    ready: Ready<K>,
    timers: BTreeMap<(Instant, u64), K>,
    next_ticket: u64,
    running: usize,
    backoff: Backoff,
    min_interval: Duration,
    run_limit: Option<Bucket>,
    retry_limit: Option<Bucket>,
    rng: Rng,
    intake: Intake,
    traffic: Traffic,
}

/// What went through a queue since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// How often a key got in line; additions that joined a key in line are not counted.
    pub added: u64,
    /// How often a key was told to wait: a timer or a back-off.
    pub delayed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Intake {
    Open,
    /// Nothing comes in; what is ready is still handed out.
    Draining,
    /// Nothing comes in or goes out; only running keys can finish.
    Closed,
}

/// A key handed out: run it, then say how it went with [`Queue::finish`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<K, C> {
    /// The key.
    pub key: K,
    /// How urgent it was.
    pub level: Level,
    /// Why it is due.
    pub reason: Reason<C>,
    /// What else asked for it since its last run, in order; the first few.
    pub also: Vec<C>,
    /// How many more asked for it.
    pub omitted: u32,
    /// How often it failed in a row just before.
    pub failures: u32,
    /// How long it was in line.
    pub waited: Duration,
}

/// How a run went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It succeeded, or failed in a way that a retry cannot mend; its failures are forgotten.
    Done,
    /// It succeeded and is to run again after a time; its failures are forgotten.
    Requeue(Duration),
    /// It failed; it runs again after its back-off.
    Retry,
    /// It is not done and knows when to try again; its failures are neither counted up nor forgotten.
    RetryAfter(Duration),
}

/// How a run went, and what that means for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finish {
    /// How it went.
    pub outcome: Outcome,
    /// How urgent the next run is that the outcome asks for; a retry is as urgent as the run was, a timer is normal.
    pub level: Option<Level>,
    /// How long to wait at least with what came in during the run.
    pub hold: Option<Duration>,
}

impl From<Outcome> for Finish {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            level: None,
            hold: None,
        }
    }
}

impl<K: Clone + Eq + Hash, C> Queue<K, C> {
    /// Returns an empty queue; the seed decides the jitter of its back-off.
    #[must_use]
    pub fn new(backoff: Backoff, seed: u64) -> Self {
        Self {
            entries: HashMap::default(),
            ready: Ready::new(),
            timers: BTreeMap::new(),
            next_ticket: 0,
            running: 0,
            backoff,
            min_interval: Duration::ZERO,
            run_limit: None,
            retry_limit: None,
            rng: Rng::with_seed(seed),
            intake: Intake::Open,
            traffic: Traffic::default(),
        }
    }

    /// Keeps at least this time between the starts of two runs of one key.
    #[must_use]
    pub fn with_min_interval(mut self, min_interval: Duration) -> Self {
        self.min_interval = min_interval;
        self
    }

    /// Hands out keys no faster than this, all keys together.
    #[must_use]
    pub fn with_run_limit(mut self, limit: RateLimit) -> Self {
        self.run_limit = Some(Bucket::new(limit));
        self
    }

    /// Lets failed keys run again no faster than this, all keys together, on top of the back-off of each.
    #[must_use]
    pub fn with_retry_limit(mut self, limit: RateLimit) -> Self {
        self.retry_limit = Some(Bucket::new(limit));
        self
    }

    /// Makes a key due now, also if it is backing off; during its run, due right after it.
    #[expect(clippy::needless_pass_by_value, reason = "a key is handed over, as to a map")]
    pub fn add(&mut self, key: K, level: Level, cause: C, now: Instant) {
        self.request(
            &key,
            Again {
                at: None,
                due: Due::new(level, Reason::Added(cause)),
            },
            now,
        );
    }

    /// Makes a key due after a time, or earlier if it already is.
    #[expect(clippy::needless_pass_by_value, reason = "a key is handed over, as to a map")]
    pub fn add_after(&mut self, key: K, level: Level, cause: C, after: Duration, now: Instant) {
        let at = deadline(now, after);
        self.count_delay(at, now);
        self.request(
            &key,
            Again {
                at: Some(at),
                due: Due::new(level, Reason::Added(cause)),
            },
            now,
        );
    }

    /// Takes the key that is next, if one is due.
    pub fn pop(&mut self, now: Instant) -> Option<Run<K, C>> {
        if self.intake == Intake::Closed {
            return None;
        }
        self.expire(now);
        if self.ready.is_empty() || !self.run_limit.as_mut().is_none_or(|limit| limit.take(now)) {
            return None;
        }
        let (_, key) = self.ready.pop()?;
        let entry = self
            .entries
            .get_mut(&key)
            .expect("every key in line has an entry");
        let Place::Ready { since, due, .. } = std::mem::replace(&mut entry.place, Place::Idle) else {
            unreachable!("a key in line is ready")
        };
        let due = *due;
        entry.place = Place::Running {
            level: due.level,
            again: None,
        };
        entry.started = Some(now);
        self.running += 1;
        Some(Run {
            key,
            level: due.level,
            reason: due.reason,
            also: due.also,
            omitted: due.omitted,
            failures: entry.failures,
            waited: now.saturating_duration_since(since),
        })
    }

    /// Takes how the run of a key went; a key that is not running is left alone.
    pub fn finish(&mut self, key: &K, outcome: Outcome, now: Instant) {
        self.finish_with(key, Finish::from(outcome), now);
    }

    /// Takes how the run of a key went, and how urgent its next one is.
    pub fn finish_with(&mut self, key: &K, finish: Finish, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        let Place::Running { level, again } = &mut entry.place else {
            return;
        };
        let Finish { outcome, hold, .. } = finish;
        let level = finish.level.unwrap_or(match outcome {
            // A key from the first list that fails is as little urgent as it was.
            Outcome::Retry | Outcome::RetryAfter(_) => *level,
            Outcome::Done | Outcome::Requeue(_) => Level::Normal,
        });
        let mut again = again.take();
        if let (Some(hold), Some(again)) = (hold, &mut again) {
            again.at = again.at.max(Some(deadline(now, hold)));
        }
        entry.place = Place::Idle;
        entry.failures = match outcome {
            Outcome::Done | Outcome::Requeue(_) => 0,
            Outcome::Retry => entry.failures.saturating_add(1),
            Outcome::RetryAfter(_) => entry.failures,
        };
        let failures = entry.failures;
        self.running -= 1;
        let own = self.next_by_outcome(outcome, failures, level, now);
        match join(again, own).filter(|next| self.takes(next)) {
            Some(next) => self.schedule(key, next, now),
            None => self.rest(key, now),
        }
    }

    /// Forgets the failures of a key and the time it waits for: its object is gone.
    ///
    /// What is ready or running stays so.
    pub fn forget(&mut self, key: &K, now: Instant) {
        let Some(entry) = self.entries.get_mut(key) else {
            return;
        };
        entry.failures = 0;
        if let Place::Waiting { at, ticket, .. } = entry.place {
            self.timers.remove(&(at, ticket));
            entry.place = Place::Idle;
            self.rest(key, now);
        }
    }

    /// Returns when to call [`pop`](Self::pop) next if nothing is added before; `None` if no timer is set.
    #[must_use]
    pub fn next_timer(&self) -> Option<Instant> {
        let timer = self.timers.first_key_value().map(|((at, _), _)| *at);
        let limit = self.run_limit.as_ref().filter(|_| !self.ready.is_empty());
        let permitted = limit.and_then(Bucket::next);
        match (timer, permitted) {
            (Some(timer), Some(permitted)) => Some(timer.min(permitted)),
            (timer, permitted) => timer.or(permitted),
        }
    }

    /// Returns true if a key is in line.
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Returns how many keys of a level are ready.
    #[must_use]
    pub fn ready(&self, level: Level) -> usize {
        self.ready.len(level)
    }

    /// Returns how many keys are running.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running
    }

    /// Returns how many keys wait for a time.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.timers.len()
    }

    /// Returns what went through so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Returns true if there is nothing to remember: no key is ready, waiting or running, and none has failed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes nothing in any more; hands out what is ready, and drops what waits. Calling it again changes nothing.
    pub fn drain(&mut self) {
        if self.intake == Intake::Open {
            self.intake = Intake::Draining;
            self.drop_waiting();
        }
    }

    /// Takes nothing in and hands nothing out any more. Calling it again changes nothing.
    pub fn close(&mut self) {
        self.drain();
        self.intake = Intake::Closed;
        self.ready.clear();
        self.entries
            .retain(|_, entry| matches!(entry.place, Place::Running { .. }));
    }

    /// Starts over: forgets every key and takes keys in again. Nothing may be running any more.
    pub fn reopen(&mut self) {
        self.entries.clear();
        self.timers.clear();
        self.ready.clear();
        self.running = 0;
        self.intake = Intake::Open;
    }

    /// Returns true if keys are taken in.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.intake == Intake::Open
    }

    /// Returns true if nothing will be handed out any more and nothing is running.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.intake != Intake::Open && self.running == 0 && self.ready.is_empty()
    }

    /// Returns true if nothing will ever be handed out any more.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match self.intake {
            Intake::Open => false,
            Intake::Draining => self.ready.is_empty(),
            Intake::Closed => true,
        }
    }

    /// Puts a key where a request wants it; the one place where requests meet what is already known of a key.
    fn request(&mut self, key: &K, next: Again<C>, now: Instant) {
        if self.intake != Intake::Open {
            return;
        }
        let entry = self.entries.entry(key.clone()).or_insert(Entry {
            place: Place::Idle,
            failures: 0,
            started: None,
        });
        match std::mem::replace(&mut entry.place, Place::Idle) {
            Place::Idle => self.schedule(key, next, now),
            Place::Cooling { at, ticket } => {
                self.timers.remove(&(at, ticket));
                self.schedule(key, next, now);
            }
            Place::Waiting { at, ticket, due } => {
                self.timers.remove(&(at, ticket));
                self.schedule(key, Again { at: Some(at), due }.join(next), now);
            }
            Place::Ready { ticket, since, due } => self.stay_ready(key, ticket, (since, due), next),
            Place::Running { level, again } => {
                let again = join(again, Some(next));
                entry.place = Place::Running { level, again };
            }
        }
    }

    /// A ready key keeps its place in line, unless it rises to a higher level.
    fn stay_ready(&mut self, key: &K, ticket: u64, (since, due): (Instant, Box<Due<C>>), next: Again<C>) {
        let level = due.level;
        // A timer can wait: the key runs before it, and that run says when the next one is due.
        let due = if next.at.is_none() {
            due.join(*next.due)
        } else {
            due
        };
        let ticket = if due.level > level {
            self.ready.remove(level, ticket);
            let ticket = self.ticket();
            self.ready.insert(due.level, ticket, key.clone());
            ticket
        } else {
            ticket
        };
        self.place(key, Place::Ready { ticket, since, due });
    }

    fn schedule(&mut self, key: &K, next: Again<C>, now: Instant) {
        let earliest = self.earliest_start(key).filter(|_| self.intake == Intake::Open);
        let at = next.at.max(earliest);
        let ticket = self.ticket();
        match at.filter(|at| *at > now) {
            Some(at) => {
                self.timers.insert((at, ticket), key.clone());
                self.place(
                    key,
                    Place::Waiting {
                        at,
                        ticket,
                        due: next.due,
                    },
                );
            }
            None => self.line_up(key, ticket, now, next.due),
        }
    }

    /// Puts a key in line, which it has been waiting in since a time.
    fn line_up(&mut self, key: &K, ticket: u64, since: Instant, due: Box<Due<C>>) {
        self.traffic.added += 1;
        self.ready.insert(due.level, ticket, key.clone());
        self.place(key, Place::Ready { ticket, since, due });
    }

    fn count_delay(&mut self, until: Instant, now: Instant) {
        if until > now && self.intake == Intake::Open {
            self.traffic.delayed += 1;
        }
    }

    /// Leaves a key that is not due, and forgets it once nothing is worth remembering.
    fn rest(&mut self, key: &K, now: Instant) {
        match self.earliest_start(key).filter(|at| *at > now) {
            Some(at) if self.intake == Intake::Open => {
                let ticket = self.ticket();
                self.timers.insert((at, ticket), key.clone());
                self.place(key, Place::Cooling { at, ticket });
            }
            _ => self.drop_entry(key),
        }
    }

    /// Forgets a key, and gives back most of the room once few of many are left: the first list puts everything in
    /// line at once, and never again.
    fn drop_entry(&mut self, key: &K) {
        self.entries.remove(key);
        let (length, room) = (self.entries.len(), self.entries.capacity());
        if room > ROOM && length < room / 8 {
            self.entries.shrink_to(length * 2);
        }
    }

    /// Moves what has become due into line.
    fn expire(&mut self, now: Instant) {
        while let Some(timer) = self.timers.first_entry().filter(|timer| timer.key().0 <= now) {
            let (at, _) = *timer.key();
            let key = timer.remove();
            let Some(entry) = self.entries.get_mut(&key) else {
                continue;
            };
            match std::mem::replace(&mut entry.place, Place::Idle) {
                Place::Waiting { due, .. } => {
                    let ticket = self.ticket();
                    self.line_up(&key, ticket, at, due);
                }
                _ => self.drop_entry(&key),
            }
        }
    }

    fn next_by_outcome(
        &mut self,
        outcome: Outcome,
        failures: u32,
        level: Level,
        now: Instant,
    ) -> Option<Again<C>> {
        let (at, reason) = match outcome {
            Outcome::Done => return None,
            Outcome::Requeue(after) => (deadline(now, after), Reason::Timer),
            Outcome::Retry => {
                let backed_off = deadline(now, self.backoff.delay(failures, self.rng.u64(..)));
                let permitted = self.retry_limit.as_mut().map(|limit| limit.reserve(now));
                (
                    permitted.map_or(backed_off, |at| at.max(backed_off)),
                    Reason::Retry,
                )
            }
            Outcome::RetryAfter(after) => (deadline(now, after), Reason::Retry),
        };
        self.count_delay(at, now);
        Some(Again {
            at: Some(at),
            due: Due::new(level, reason),
        })
    }

    /// Returns true if a key that just ran may be due again: a draining queue still does what was asked of it before.
    fn takes(&self, next: &Again<C>) -> bool {
        match self.intake {
            Intake::Open => true,
            Intake::Draining => next.at.is_none(),
            Intake::Closed => false,
        }
    }

    fn earliest_start(&self, key: &K) -> Option<Instant> {
        if self.min_interval.is_zero() {
            return None;
        }
        Some(self.entries.get(key)?.started? + self.min_interval)
    }

    fn place(&mut self, key: &K, place: Place<C>) {
        let entry = self
            .entries
            .get_mut(key)
            .expect("only keys with an entry are placed");
        entry.place = place;
    }

    fn ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }

    fn drop_waiting(&mut self) {
        self.timers.clear();
        self.entries
            .retain(|_, entry| matches!(entry.place, Place::Ready { .. } | Place::Running { .. }));
    }
}

fn join<C>(one: Option<Again<C>>, other: Option<Again<C>>) -> Option<Again<C>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.join(other)),
        (one, other) => one.or(other),
    }
}

/// A time so far off that it cannot be told is a century away.
fn deadline(now: Instant, after: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    now + after.min(CENTURY)
}

#[path = "snapshot.rs"]
mod snapshot;
pub use snapshot::{Place as QueuePlace, Queued, Snapshot};

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "model_tests.rs"]
mod model_tests;
