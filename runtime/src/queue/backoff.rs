//! How long a key waits after its n-th failure in a row.

use std::time::Duration;

/// Exponential back-off with full jitter: after failure n a random time between nothing and `base * 2^(n-1)`, at
/// most `max`.
///
/// Full jitter spreads keys that failed together over the whole interval, so that they do not fail together again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The limit after the first failure.
    pub base: Duration,
    /// The limit after many.
    pub max: Duration,
}

impl Default for Backoff {
    /// Returns 5 milliseconds to 1000 seconds, as controller-runtime has it.
    fn default() -> Self {
        Self {
            base: Duration::from_millis(5),
            max: Duration::from_secs(1000),
        }
    }
}

impl Backoff {
    /// Returns the longest wait after this many failures in a row.
    #[must_use]
    pub fn limit(&self, failures: u32) -> Duration {
        let factor = 1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base
            .checked_mul(factor)
            .map_or(self.max, |limit| limit.min(self.max))
    }

    /// Returns the wait after this many failures in a row, for a uniformly random `draw`.
    #[must_use]
    pub fn delay(&self, failures: u32, draw: u64) -> Duration {
        let nanos = u64::try_from(self.limit(failures).as_nanos()).unwrap_or(u64::MAX);
        // The high half of the product scales the draw to 0..=nanos.
        let scaled = (u128::from(draw) * (u128::from(nanos) + 1)) >> 64;
        Duration::from_nanos(u64::try_from(scaled).unwrap_or(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_doubles_up_to_the_maximum() {
        let backoff = Backoff::default();
        let millis: Vec<u128> = [1, 2, 3, 18, 19, 32, 33, u32::MAX]
            .map(|n| backoff.limit(n).as_millis())
            .into();
        assert_eq!(
            millis,
            [5, 10, 20, 655_360, 1_000_000, 1_000_000, 1_000_000, 1_000_000]
        );
    }

    #[test]
    fn a_delay_covers_the_whole_interval() {
        let backoff = Backoff::default();
        assert_eq!(backoff.delay(3, 0), Duration::ZERO);
        assert_eq!(backoff.delay(3, u64::MAX / 2 + 1).as_millis(), 10);
        assert_eq!(backoff.delay(3, u64::MAX), Duration::from_millis(20));
    }
}
