//! What is noted as it happens, because no report can tell it afterwards: durations, requests, webhooks.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

use super::buckets;
use crate::serve::{Observe, Outcome};

/// The meters of one operator; clones share them.
#[derive(Clone, Default)]
pub struct Meters {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    controllers: Mutex<BTreeMap<String, ControllerMeter>>,
    webhooks: Mutex<BTreeMap<String, WebhookMeter>>,
    client: ClientMeter,
    conversion_panics: AtomicU64,
    certificate_reads: AtomicU64,
    certificate_read_errors: AtomicU64,
}

impl Meters {
    /// Returns the meter of the controller of this name.
    pub(crate) fn controller(&self, name: &str) -> ControllerMeter {
        locked(&self.shared.controllers)
            .entry(name.to_owned())
            .or_default()
            .clone()
    }

    /// Returns the meter of requests to the API server.
    pub(crate) fn client(&self) -> &ClientMeter {
        &self.shared.client
    }

    /// Returns the meter of an admission webhook, named by its path; a webhook that is never called shows zeros.
    #[must_use]
    pub fn webhook(&self, path: &str) -> WebhookMeter {
        locked(&self.shared.webhooks)
            .entry(path.to_owned())
            .or_default()
            .clone()
    }

    /// Notes that a conversion panicked.
    pub fn conversion_panicked(&self) {
        self.shared.conversion_panics.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that a serving certificate was read from its files, or could not be.
    pub fn certificate_read(&self, succeeded: bool) {
        self.shared.certificate_reads.fetch_add(1, Ordering::Relaxed);
        if !succeeded {
            self.shared
                .certificate_read_errors
                .fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn conversion_panics(&self) -> u64 {
        self.shared.conversion_panics.load(Ordering::Relaxed)
    }

    pub(super) fn certificate_reads(&self) -> (u64, u64) {
        (
            self.shared.certificate_reads.load(Ordering::Relaxed),
            self.shared.certificate_read_errors.load(Ordering::Relaxed),
        )
    }

    pub(super) fn webhooks(&self) -> BTreeMap<String, WebhookMeter> {
        locked(&self.shared.webhooks).clone()
    }
}

/// What a controller tells about each run; clones share it.
#[derive(Clone)]
pub(crate) struct ControllerMeter {
    pub(super) reconciles: Histogram,
    pub(super) queue: Histogram,
    pub(super) work: Histogram,
    writes: Arc<Writes>,
}

#[derive(Default)]
struct Writes {
    sent: AtomicU64,
    skipped: AtomicU64,
}

impl ControllerMeter {
    /// Notes how long a key was in line.
    pub(crate) fn queued(&self, waited: Duration) {
        self.queue.observe(waited.as_secs_f64());
    }

    /// Notes how long a run took.
    pub(crate) fn ran(&self, took: Duration) {
        self.reconciles.observe(took.as_secs_f64());
        self.work.observe(took.as_secs_f64());
    }

    /// Notes that an apply was sent.
    pub(crate) fn applied(&self) {
        self.writes.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that an apply was not sent, because it would have changed nothing.
    pub(crate) fn skipped(&self) {
        self.writes.skipped.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many applies were sent, and how many were not.
    pub(super) fn applies(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.writes.sent), read(&self.writes.skipped))
    }
}

impl Default for ControllerMeter {
    fn default() -> Self {
        Self {
            reconciles: Histogram::new(buckets::RECONCILE),
            queue: Histogram::new(buckets::fine()),
            work: Histogram::new(buckets::fine()),
            writes: Arc::default(),
        }
    }
}

/// What an admission webhook tells about each request; clones share it.
#[derive(Clone)]
pub struct WebhookMeter {
    pub(super) latency: Histogram,
    in_flight: Arc<AtomicI64>,
    answers: Arc<Mutex<BTreeMap<u16, u64>>>,
    panics: Arc<AtomicU64>,
}

impl WebhookMeter {
    /// Notes that a request came in.
    pub fn begun(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that a request was answered with this HTTP status after this time, or that the client left before.
    pub fn ended(&self, status: Option<u16>, took: Duration) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.latency.observe(took.as_secs_f64());
        if let Some(status) = status {
            *locked(&self.answers).entry(status).or_default() += 1;
        }
    }

    /// Notes that a webhook panicked.
    pub fn panicked(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(super) fn answers(&self) -> BTreeMap<u16, u64> {
        locked(&self.answers).clone()
    }

    pub(super) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}

impl Default for WebhookMeter {
    fn default() -> Self {
        // controller-runtime shows the successful and the failed answers from the start.
        let answers = BTreeMap::from([(200, 0), (500, 0)]);
        Self {
            latency: Histogram::new(buckets::fine()),
            in_flight: Arc::default(),
            answers: Arc::new(Mutex::new(answers)),
            panics: Arc::default(),
        }
    }
}

/// A server whose routes are webhooks is observed by the operator's meters.
impl Observe for Meters {
    fn begun(&self, route: &str) {
        self.webhook(route).begun();
    }

    fn ended(&self, route: &str, outcome: &Outcome) {
        let webhook = self.webhook(route);
        webhook.ended(outcome.status.map(|status| status.as_u16()), outcome.took);
        if outcome.panicked {
            webhook.panicked();
        }
    }
}

impl fmt::Debug for WebhookMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookMeter")
            .field("in_flight", &self.in_flight())
            .field("answers", &self.answers())
            .finish_non_exhaustive()
    }
}

/// One kind of request to the API server: its method and the host it goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route {
    pub(super) verb: String,
    pub(super) host: String,
}

/// What requests to the API server come to; clones share it.
#[derive(Clone, Default)]
pub(crate) struct ClientMeter {
    shared: Arc<Mutex<Requests>>,
}

#[derive(Default)]
pub(super) struct Requests {
    /// By status code, `<error>` without an answer.
    pub(super) codes: BTreeMap<(String, Route), u64>,
    pub(super) routes: BTreeMap<Route, Sizes>,
}

/// The histograms of one route.
pub(super) struct Sizes {
    pub(super) duration: Histogram,
    pub(super) request: Histogram,
    pub(super) response: Histogram,
    pub(super) limiter: Histogram,
}

/// One answered request, or one that got no answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    /// The status code, none if there was no answer.
    pub(crate) code: Option<u16>,
    /// How long the head of the answer took.
    pub(crate) took: Duration,
    /// How long the operator's own limit held it back, if there is one.
    pub(crate) held: Option<Duration>,
    /// Bytes sent, if that is known.
    pub(crate) sent: Option<u64>,
    /// Bytes the answer has, if it says so.
    pub(crate) received: Option<u64>,
}

impl ClientMeter {
    /// Notes one request.
    pub(crate) fn exchanged(&self, exchange: &Exchange<'_>) {
        let route = Route {
            verb: exchange.method.to_owned(),
            host: exchange.host.to_owned(),
        };
        let code = exchange
            .code
            .map_or_else(|| "<error>".to_owned(), |code| code.to_string());
        let mut requests = locked(&self.shared);
        let sizes = requests.routes.entry(route.clone()).or_default();
        sizes.duration.observe(exchange.took.as_secs_f64());
        let observe = |histogram: &Histogram, bytes: Option<u64>| {
            if let Some(bytes) = bytes {
                histogram.observe(bytes as f64);
            }
        };
        if let Some(held) = exchange.held {
            sizes.limiter.observe(held.as_secs_f64());
        }
        observe(&sizes.request, exchange.sent);
        observe(&sizes.response, exchange.received);
        *requests.codes.entry((code, route)).or_default() += 1;
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Requests) -> T) -> T {
        read(&locked(&self.shared))
    }
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            duration: Histogram::new(buckets::REQUEST),
            request: Histogram::new(buckets::SIZE),
            response: Histogram::new(buckets::SIZE),
            limiter: Histogram::new(buckets::REQUEST),
        }
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meters(..)")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
