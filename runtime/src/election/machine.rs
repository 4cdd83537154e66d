//! The decisions of an election: from what is known of the lease, and what time it is, to what to do.
//!
//! No I/O, and no clock of its own. What others write as times is for people to read: whether a lease is over is
//! decided by how long *this* process has seen it unchanged.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use tokio::time::Instant;

use super::options::Settled;
use super::record::{self, holder, transitions};

/// What one replica knows, and what it makes of it.
#[derive(Debug)]
pub(super) struct Machine {
    settled: Settled,
    seen: Option<Seen>,
    /// False if the lease may have changed unseen.
    fresh: bool,
}

/// The lease as it was seen last; `None` if there was none.
#[derive(Debug)]
struct Seen {
    lease: Option<Lease>,
    /// Since when it has said the same.
    since: Instant,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Read the lease.
    Look,
    /// Write the lease: create it if it has no version, replace exactly that version otherwise.
    Put(Box<Lease>),
    /// Another one leads: wait until then, unless the lease changes before.
    Wait(Instant),
}

impl Machine {
    pub(super) fn new(settled: Settled) -> Self {
        Self {
            settled,
            seen: None,
            fresh: false,
        }
    }

    /// Notes what the lease is at this moment, or was at the moment it was asked for.
    pub(super) fn observe(&mut self, lease: Option<Lease>, now: Instant) {
        let lease = lease.map(|mut lease| {
            lease.metadata.managed_fields = None;
            lease
        });
        let since = match &self.seen {
            // A label that changed is no sign of life.
            Some(seen) if spec(&seen.lease) == spec(&lease) => seen.since,
            _ => now,
        };
        self.seen = Some(Seen { lease, since });
        self.fresh = true;
    }

    /// Notes that the lease may have changed unseen: the next step is to look.
    pub(super) fn doubt(&mut self) {
        self.fresh = false;
    }

    /// Decides what to do.
    pub(super) fn step(&self, now: Instant, wall: Timestamp) -> Step {
        let Some(seen) = self.seen.as_ref().filter(|_| self.fresh) else {
            return Step::Look;
        };
        let Some(lease) = &seen.lease else {
            return put(record::first(&self.settled, wall));
        };
        match holder(lease) {
            Some(holder) if holder == self.settled.identity => {
                put(record::renewed(lease, &self.settled, wall))
            }
            None => put(record::claimed(lease, &self.settled, wall)),
            Some(_) => {
                let over = seen.since + duration(lease);
                if over <= now {
                    put(record::claimed(lease, &self.settled, wall))
                } else {
                    Step::Wait(over)
                }
            }
        }
    }

    /// Returns our lease with a new time, without having looked; `None` if it was not ours when last seen.
    pub(super) fn renewal(&self, wall: Timestamp) -> Option<Lease> {
        self.ours()
            .map(|lease| record::renewed(lease, &self.settled, wall))
    }

    /// Returns our lease, given up; `None` if it was not ours when last seen.
    pub(super) fn release(&self, wall: Timestamp) -> Option<Lease> {
        self.ours().map(|lease| record::released(lease, wall))
    }

    /// Returns the lease as it was seen last.
    pub(super) fn lease(&self) -> Option<&Lease> {
        self.seen.as_ref()?.lease.as_ref()
    }

    /// Returns how often the lease had changed hands when it was seen last.
    pub(super) fn transitions(&self) -> i32 {
        self.lease().map(transitions).unwrap_or_default()
    }

    fn ours(&self) -> Option<&Lease> {
        self.lease()
            .filter(|lease| holder(lease) == Some(self.settled.identity.as_str()))
    }
}

fn put(lease: Lease) -> Step {
    Step::Put(Box::new(lease))
}

fn spec(lease: &Option<Lease>) -> Option<&k8s_openapi::api::coordination::v1::LeaseSpec> {
    lease.as_ref().and_then(|lease| lease.spec.as_ref())
}

/// How long its holder asked others to wait; a lease that does not say is over at once.
fn duration(lease: &Lease) -> Duration {
    let seconds = lease.spec.as_ref().and_then(|spec| spec.lease_duration_seconds);
    Duration::from_secs(u64::try_from(seconds.unwrap_or_default()).unwrap_or_default())
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
