//! How fast an informer tries again: its own back-off, shared with nobody.
//!
//! A list that was answered proves nothing – the watch after it may still fail, over and over. Only a watch that was
//! of use ends a row of failures.

use std::time::Duration;

use crate::Environment;

const FIRST: Duration = Duration::from_millis(800);
const LONGEST: Duration = Duration::from_secs(30);

pub(super) struct Pace {
    environment: Environment,
    failures: u32,
}

impl Pace {
    pub(super) fn new(environment: Environment) -> Self {
        Self {
            environment,
            failures: 0,
        }
    }

    /// Counts a failure and returns how long to wait: doubling, and between half and all of the limit.
    pub(super) fn failed(&mut self) -> Duration {
        let limit = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let half = limit / 2;
        let spread = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).max(1);
        half + Duration::from_millis(self.environment.random() % (spread + 1))
    }

    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    pub(super) fn draw(&self, below: u64) -> u64 {
        self.environment.random() % below
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_double_up_to_half_a_minute_and_start_over_after_success() {
        let mut pace = Pace::new(Environment::seeded(Timestamp::UNIX_EPOCH, 1));
        for limit in [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000] {
            let wait = pace.failed().as_millis();
            assert!((limit / 2..=limit).contains(&wait), "{wait} of {limit}");
        }
        pace.succeeded();
        assert!(!pace.is_failing());
        assert!(pace.failed().as_millis() <= 800);
    }
}
