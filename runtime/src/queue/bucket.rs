//! How many keys may start in a time, all together: a token bucket that is told what time it is.

use std::time::Duration;

use tokio::time::Instant;

/// A rate with bursts: so many at once, then one per interval.
///
/// ```
/// use std::time::Duration;
/// use krate::queue::RateLimit;
///
/// assert_eq!(RateLimit::per_second(10, 100), RateLimit::CLASSIC);
/// assert_eq!(RateLimit::CLASSIC.interval, Duration::from_millis(100));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The time between two, once the burst is used up.
    pub interval: Duration,
    /// How many may come at once after a long rest; zero counts as one.
    pub burst: u32,
}

impl RateLimit {
    /// Ten per second in bursts of a hundred: the retries of all keys in client-go's classic queue.
    pub const CLASSIC: Self = Self::per_second(10, 100);

    /// Returns a rate per second; zero counts as one.
    #[must_use]
    pub const fn per_second(rate: u32, burst: u32) -> Self {
        let rate = if rate == 0 { 1 } else { rate };
        Self {
            interval: Duration::from_nanos(1_000_000_000 / rate as u64),
            burst,
        }
    }
}

/// A bucket of tokens, kept as the one time at which it will be full again.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    interval: Duration,
    /// How far the time at which the bucket is full may lie ahead.
    slack: Duration,
    full: Option<Instant>,
}

impl Bucket {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self {
            interval: limit.interval,
            slack: limit.interval * limit.burst.saturating_sub(1),
            full: None,
        }
    }

    /// Takes a token if there is one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let is_there = self.next().is_none_or(|at| at <= now);
        if is_there {
            self.reserve(now);
        }
        is_there
    }

    /// Takes a token, and returns when it may be used.
    pub(super) fn reserve(&mut self, now: Instant) -> Instant {
        let full = self.full.map_or(now, |full| full.max(now));
        self.full = Some(full + self.interval);
        full.checked_sub(self.slack).map_or(now, |at| at.max(now))
    }

    /// Returns when the next token is there; `None` if that is long ago.
    pub(super) fn next(&self) -> Option<Instant> {
        self.full?.checked_sub(self.slack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reserves at each millisecond, and returns when each token may be used.
    fn check(limit: RateLimit, at: &[u64], expected: &[u64]) {
        let start = Instant::now() + Duration::from_secs(3600);
        let mut bucket = Bucket::new(limit);
        let used = at.iter().map(|at| {
            let now = start + Duration::from_millis(*at);
            (bucket.reserve(now) - start).as_millis() as u64
        });
        assert_eq!(used.collect::<Vec<_>>(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_one_by_one() {
        check(
            RateLimit::per_second(10, 3),
            &[0, 0, 0, 0, 0, 0],
            &[0, 0, 0, 100, 200, 300],
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_fills_the_bucket_and_not_more() {
        check(
            RateLimit::per_second(10, 2),
            &[0, 0, 0, 10_000, 10_000, 10_000],
            &[0, 0, 100, 10_000, 10_000, 10_100],
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_taken_from_an_empty_bucket() {
        let now = Instant::now();
        let mut bucket = Bucket::new(RateLimit::per_second(1, 0));
        assert!(bucket.take(now));
        assert!(!bucket.take(now));
        let next = bucket.next().unwrap();
        assert_eq!(next - now, Duration::from_secs(1));
        assert!(bucket.take(next));
    }
}
