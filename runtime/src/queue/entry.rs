//! What the queue remembers of one key.

use tokio::time::Instant;

use super::Level;

/// Why a key is due, as the queue knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason<C> {
    /// It was added, with this cause.
    Added(C),
    /// The time a former run asked for has come.
    Timer,
    /// A former run failed.
    Retry,
}

/// One key; kept only as long as there is something to remember.
pub(super) struct Entry<C> {
    pub(super) place: Place<C>,
    /// Failed runs in a row.
    pub(super) failures: u32,
    /// When the last run started.
    pub(super) started: Option<Instant>,
}

pub(super) enum Place<C> {
    /// Nowhere; only its failures are remembered.
    Idle,
    /// In line, with its ticket, since a time.
    Ready {
        ticket: u64,
        since: Instant,
        due: Box<Due<C>>,
    },
    /// Due at a time, with its ticket among the timers.
    Waiting {
        at: Instant,
        ticket: u64,
        due: Box<Due<C>>,
    },
    /// Not due; its last run is too recent for the next one to start at once.
    Cooling { at: Instant, ticket: u64 },
    /// Handed out at a level. What came in since is due after it.
    Running { level: Level, again: Option<Again<C>> },
}

/// How many further causes are kept of a key that many things ask for.
const MOST: usize = 8;

/// A reason to run; it is kept in a box, because a table of entries has room for twice as many while it grows.
#[derive(Clone, Debug)]
pub(super) struct Due<C> {
    pub(super) level: Level,
    pub(super) reason: Reason<C>,
    /// What else asked for it, in order, as far as it is kept.
    pub(super) also: Vec<C>,
    /// How many causes are not kept.
    pub(super) omitted: u32,
}

/// What came in during a run: at once, or not before a time.
pub(super) struct Again<C> {
    pub(super) at: Option<Instant>,
    pub(super) due: Box<Due<C>>,
}

impl<C> Due<C> {
    pub(super) fn new(level: Level, reason: Reason<C>) -> Box<Self> {
        Box::new(Self {
            level,
            reason,
            also: Vec::new(),
            omitted: 0,
        })
    }

    /// Joins a later reason: the higher level, and the first thing that happened, with the others behind it.
    ///
    /// What happened says more than a timer or a retry, so it takes their place.
    pub(super) fn join(mut self: Box<Self>, later: Self) -> Box<Self> {
        self.level = self.level.max(later.level);
        match (&self.reason, later.reason) {
            (Reason::Timer | Reason::Retry, added @ Reason::Added(_)) => self.reason = added,
            (Reason::Added(_), Reason::Added(cause)) => self.keep(cause),
            _ => {}
        }
        later.also.into_iter().for_each(|cause| self.keep(cause));
        self.omitted = self.omitted.saturating_add(later.omitted);
        self
    }

    fn keep(&mut self, cause: C) {
        if self.also.len() < MOST {
            self.also.push(cause);
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }
}

impl<C> Again<C> {
    /// Joins a later request: the earlier time wins.
    pub(super) fn join(self, later: Self) -> Self {
        let at = match (self.at, later.at) {
            (Some(one), Some(other)) => Some(one.min(other)),
            _ => None,
        };
        Self {
            at,
            due: self.due.join(*later.due),
        }
    }
}
