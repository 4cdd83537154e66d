//! The last runs of a controller: what ran, why, and how it went.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

use super::engine::Ticket;
use crate::cache::ObjectKey;
use crate::context::Causes;
use crate::queue::Outcome;

/// How many runs are remembered.
const MOST: usize = 64;

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunReport {
    /// What was reconciled.
    pub key: ObjectKey,
    /// Why.
    pub causes: Causes,
    /// How often it had failed in a row just before.
    pub attempt: u32,
    /// When it started.
    pub started: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// How it went.
    pub outcome: Outcome,
}

impl RunReport {
    pub(super) fn new(ticket: &Ticket, started: Timestamp) -> Self {
        Self {
            key: ticket.key.clone(),
            causes: ticket.causes.clone(),
            attempt: ticket.attempt,
            started,
            took: Duration::ZERO,
            outcome: Outcome::Done,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct History {
    runs: VecDeque<RunReport>,
}

impl History {
    pub(super) fn add(&mut self, run: RunReport) {
        if self.runs.len() == MOST {
            self.runs.pop_front();
        }
        self.runs.push_back(run);
    }

    pub(super) fn all(&self) -> Vec<RunReport> {
        self.runs.iter().cloned().collect()
    }
}
