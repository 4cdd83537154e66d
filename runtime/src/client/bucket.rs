//! A token bucket that is told what time it is: whoever takes a token learns when to use it.

use std::time::Duration;

use tokio::time::Instant;

/// Tokens that come one per interval, of which some may be saved up.
///
/// It remembers one instant: when the next token comes if none was saved. A token may be used as much earlier as
/// there is room for saved ones.
#[derive(Debug)]
pub(super) struct Bucket {
    interval: Duration,
    /// How much earlier than it comes a token may be used.
    ahead: Duration,
    next: Option<Instant>,
}

impl Bucket {
    /// Returns a full bucket.
    pub(super) fn new(interval: Duration, burst: u32) -> Self {
        Self {
            interval,
            ahead: interval.saturating_mul(burst.saturating_sub(1)),
            next: None,
        }
    }

    /// Takes a token and returns when it may be used; later calls never get an earlier time.
    pub(super) fn take(&mut self, now: Instant) -> Instant {
        let comes = self.next.map_or(now, |next| next.max(now));
        self.next = comes.checked_add(self.interval).or(Some(comes));
        comes.checked_sub(self.ahead).map_or(now, |at| at.max(now))
    }

    /// Puts back a token that was not used.
    pub(super) fn put_back(&mut self) {
        self.next = self.next.and_then(|next| next.checked_sub(self.interval));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Takes tokens at these milliseconds, and compares when they may be used.
    fn check(burst: u32, taken: &[u32], expected: &[u32]) {
        let start = Instant::now();
        let mut bucket = Bucket::new(MILLISECOND * 100, burst);
        for (at, expected) in taken.iter().zip(expected) {
            let used = bucket.take(start + MILLISECOND * *at);
            assert_eq!(
                used.duration_since(start),
                MILLISECOND * *expected,
                "{burst} {taken:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_saved_goes_at_once_and_the_rest_at_the_rate() {
        check(1, &[0, 0, 0], &[0, 100, 200]);
        check(3, &[0, 0, 0, 0, 0], &[0, 0, 0, 100, 200]);
        check(2, &[0, 0, 150, 150], &[0, 0, 150, 200]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_saved_than_there_is_room_for() {
        check(2, &[0, 9000, 9000, 9000], &[0, 9000, 9000, 9100]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_was_put_back_is_there_for_the_next() {
        let start = Instant::now();
        let mut bucket = Bucket::new(MILLISECOND * 100, 1);
        bucket.take(start);
        bucket.take(start);
        bucket.put_back();
        assert_eq!(bucket.take(start), start + MILLISECOND * 100);
    }
}
