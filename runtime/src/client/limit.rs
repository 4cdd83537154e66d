//! The limit of an operator: so many requests a second, and no more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tracing::debug;

use super::bucket::Bucket;
use crate::{Error, Result};

/// A wait that is worth a line in the log.
const LONG: Duration = Duration::from_secs(1);

/// How many requests an operator may send: at a rate, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Requests per second in the long run; `QPS` in client-go.
    pub qps: f64,
    /// Requests that may go at once after a time of silence.
    pub burst: u32,
}

/// What a limit has held up so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitReport {
    /// Requests that had to wait.
    pub delayed: u64,
    /// How long they waited, all together.
    pub waited: Duration,
    /// Requests that wait right now.
    pub waiting: u64,
}

/// How long a request was held back by the limit; it travels with the request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held(pub(super) Duration);

/// A limit at work; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Limiter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bucket: Mutex<Bucket>,
    delayed: AtomicU64,
    waited_nanos: AtomicU64,
    waiting: AtomicU64,
}

/// A place in line; given up, its token goes to the next.
struct Place<'a> {
    limiter: &'a Limiter,
    used: bool,
}

impl Limiter {
    /// Returns a limiter that lets `burst` requests through at once.
    ///
    /// # Errors
    ///
    /// If the limit would let nothing through.
    pub(crate) fn new(limit: Limit) -> Result<Self> {
        let Limit { qps, burst } = limit;
        let interval = Duration::try_from_secs_f64(1.0 / qps).ok();
        let Some(interval) = interval.filter(|_| qps > 0.0 && burst > 0) else {
            return Err(Error::new(format!(
                "a limit of {qps} requests a second with a burst of {burst} lets nothing through; help: both must be above 0, as in `limit(20.0, 30)`"
            )));
        };
        let shared = Shared {
            bucket: Mutex::new(Bucket::new(interval, burst)),
            delayed: AtomicU64::new(0),
            waited_nanos: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Waits for a turn, and returns how long; turns come in the order in which they were asked for.
    pub(super) async fn turn(&self) -> Held {
        let asked = Instant::now();
        let at = self.bucket().take(asked);
        if at <= asked {
            return Held(Duration::ZERO);
        }
        let mut place = Place::new(self);
        sleep_until(at).await;
        place.used = true;
        let waited = asked.elapsed();
        if waited >= LONG {
            debug!(?waited, "a request waited for the limit of this operator");
        }
        let nanos = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        self.shared.delayed.fetch_add(1, Ordering::Relaxed);
        self.shared.waited_nanos.fetch_add(nanos, Ordering::Relaxed);
        Held(waited)
    }

    pub(crate) fn report(&self) -> LimitReport {
        LimitReport {
            delayed: self.shared.delayed.load(Ordering::Relaxed),
            waited: Duration::from_nanos(self.shared.waited_nanos.load(Ordering::Relaxed)),
            waiting: self.shared.waiting.load(Ordering::Relaxed),
        }
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.shared.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Place<'a> {
    fn new(limiter: &'a Limiter) -> Self {
        limiter.shared.waiting.fetch_add(1, Ordering::Relaxed);
        Self { limiter, used: false }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.limiter.shared.waiting.fetch_sub(1, Ordering::Relaxed);
        if !self.used {
            self.limiter.bucket().put_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_lets_nothing_through_is_refused() {
        let check = |qps, burst, expected| {
            assert_eq!(
                Limiter::new(Limit { qps, burst }).is_ok(),
                expected,
                "{qps} {burst}"
            );
        };
        check(20.0, 30, true);
        check(0.1, 1, true);
        check(0.0, 1, false);
        check(-1.0, 1, false);
        check(f64::NAN, 1, false);
        check(20.0, 0, false);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_waiting_leaves_the_turn_to_the_next() {
        let limiter = Limiter::new(Limit { qps: 1.0, burst: 1 }).unwrap();
        let start = Instant::now();
        limiter.turn().await;
        let gave_up = tokio::time::timeout(Duration::from_millis(10), limiter.turn()).await;
        assert!(gave_up.is_err());
        limiter.turn().await;
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        let report = limiter.report();
        assert_eq!((report.delayed, report.waiting), (1, 0));
        assert_eq!(report.waited, Duration::from_millis(990));
    }
}
