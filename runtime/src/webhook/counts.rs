//! What webhooks have done so far, and how long it took.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How the webhooks at one path are doing, since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The path: what tells webhooks apart.
    pub path: String,
    /// Calls that are being answered.
    pub in_flight: u64,
    /// Calls that were answered with a review, refusals among them.
    pub answered: u64,
    /// Calls that were no review, or too large a one.
    pub malformed: u64,
    /// Calls that ended with a panic, and were refused or failed for it.
    pub panicked: u64,
}

/// A call that has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The path that was called.
    pub path: &'a str,
    /// The status code of the answer: 200 also where the review in it refuses.
    pub code: u16,
    /// How long it took.
    pub took: Duration,
    /// What panicked, if anything did; the answer says so.
    pub panicked: Option<Panicked>,
}

/// What panicked in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panicked {
    /// A defaulting or validating webhook.
    Admission,
    /// A conversion.
    Conversion,
}

/// Told of every call, for what a [`Report`] does not keep: a histogram of how long calls take.
pub trait Observer: Send + Sync {
    /// Takes note of a call.
    fn answered(&self, call: &Call<'_>);
}

/// The counters behind a [`Report`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    in_flight: AtomicU64,
    answered: AtomicU64,
    malformed: AtomicU64,
    panicked: AtomicU64,
}

/// A call in flight; it lands when this is dropped, also if its client went away.
pub(super) struct Flight<'a>(&'a Counts);

impl Counts {
    pub(super) fn start(&self) -> Flight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Flight(self)
    }

    pub(super) fn answered(&self, panicked: bool) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.panicked.fetch_add(u64::from(panicked), Ordering::Relaxed);
    }

    pub(super) fn malformed(&self) {
        self.malformed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn report(&self, path: &str) -> Report {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Report {
            path: path.to_owned(),
            in_flight: read(&self.in_flight),
            answered: read(&self.answered),
            malformed: read(&self.malformed),
            panicked: read(&self.panicked),
        }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The place of the one observer.
#[derive(Default)]
pub(super) struct Watch(OnceLock<Arc<dyn Observer>>);

impl Watch {
    /// Sets the observer; the first stays.
    pub(super) fn set(&self, observer: Arc<dyn Observer>) {
        // Whoever came first keeps its histogram whole.
        let _ = self.0.set(observer);
    }

    pub(super) fn tell(&self, call: &Call<'_>) {
        if let Some(observer) = self.0.get() {
            observer.answered(call);
        }
    }
}
