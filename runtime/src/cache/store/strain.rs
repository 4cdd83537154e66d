//! Notices a kind of which so much is read that text is the wrong form for it.
//!
//! The metric `krate_cache_decoded_objects_total` tells the same, to whoever looks; a log tells those who do not.

use std::sync::{Mutex, PoisonError};

use tokio::time::{Duration, Instant};

/// So many objects decoded within a window are worth a word: that takes a twentieth of a core.
const MANY: usize = 600_000;

const WINDOW: Duration = Duration::from_secs(60);

/// How much is decoded of one store.
#[derive(Default)]
pub(super) struct Strain {
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    began: Option<Instant>,
    decoded: usize,
    is_said: bool,
}

impl Strain {
    /// Counts objects that were decoded; returns true where that should be said, once in the life of a store.
    pub(super) fn grew(&self, decoded: usize) -> bool {
        let now = Instant::now();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = window.began.is_none_or(|began| now >= began + WINDOW);
        if is_over {
            (window.began, window.decoded) = (Some(now), 0);
        }
        window.decoded += decoded;
        window.decoded >= MANY && !std::mem::replace(&mut window.is_said, true)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    /// Decodes objects at times, in seconds since the last; expects whether each is the moment to say so.
    async fn check(steps: &[(u64, usize, bool)]) {
        let strain = Strain::default();
        for (place, (seconds, decoded, expected)) in steps.iter().enumerate() {
            advance(Duration::from_secs(*seconds)).await;
            assert_eq!(strain.grew(*decoded), *expected, "step {place}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_objects_within_a_minute_are_said_once() {
        check(&[
            (0, MANY - 1, false),
            (59, 1, true),
            (1, MANY, false),
            (60, MANY, false),
        ])
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_over_a_longer_time_are_not() {
        check(&[(0, MANY - 1, false), (60, MANY - 1, false), (60, 1, false)]).await;
        check(&[(0, MANY - 1, false), (60, MANY, true)]).await;
    }
}
