//! The one source of wall clock, chance and identifiers of an operator.
//!
//! Whatever an operator makes up – back-off jitter, reconcile ids, timestamps in conditions and leases – is drawn
//! here, so that a run can be replayed: the same seed on the same (paused) clock gives the same decisions.
//! Durations and timers are not drawn here, they are tokio's.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use tokio::time::Instant;

/// The wall clock, entropy and ids of one operator; cheap to clone, clones share their state.
#[derive(Clone)]
pub struct Environment {
    shared: Arc<Shared>,
}

struct Shared {
    epoch: Timestamp,
    started: Instant,
    rng: Mutex<Rng>,
}

impl Environment {
    /// Returns an environment on the machine's clock, seeded from the machine's entropy.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock and entropy"
    )]
    pub fn system() -> Self {
        Self::seeded(Timestamp::now(), Rng::new().u64(..))
    }

    /// Returns an environment whose clock starts at `epoch` and moves with tokio's clock, and whose chance
    /// follows from `seed`.
    #[must_use]
    pub fn seeded(epoch: Timestamp, seed: u64) -> Self {
        let shared = Shared {
            epoch,
            started: Instant::now(),
            rng: Mutex::new(Rng::with_seed(seed)),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Returns the wall clock; it moves with tokio's clock, so it stands still while that is paused.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.epoch + self.elapsed()
    }

    /// Returns the time since this environment was made.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.shared.started.elapsed()
    }

    /// Returns a uniformly distributed number.
    #[must_use]
    pub fn random(&self) -> u64 {
        self.draw(|rng| rng.u64(..))
    }

    /// Returns a new version 4 UUID.
    #[must_use]
    pub fn uid(&self) -> String {
        let mut bytes = self.draw(|rng| rng.u128(..)).to_be_bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = String::with_capacity(36);
        for (position, byte) in bytes.iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.extend([byte >> 4, byte & 0xf].map(hex_digit));
        }
        text
    }

    fn draw<T>(&self, from: impl FnOnce(&mut Rng) -> T) -> T {
        let mut rng = self
            .shared
            .rng
            .lock()
            .expect("no draw panics while it holds the generator");
        from(&mut rng)
    }
}

fn hex_digit(nibble: u8) -> char {
    char::from(b"0123456789abcdef"[usize::from(nibble)])
}

impl Default for Environment {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("epoch", &self.shared.epoch)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seed: u64) -> (String, u64) {
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, seed);
        (environment.uid(), environment.random())
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_seed_makes_the_same_choices() {
        assert_eq!(sample(7), sample(7));
        assert_ne!(sample(7), sample(8));
    }

    #[tokio::test(start_paused = true)]
    async fn a_uid_is_a_version_4_uuid() {
        for seed in 0..64 {
            let (uid, _) = sample(seed);
            let lengths: Vec<usize> = uid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{uid}");
            assert_eq!(&uid[14..15], "4", "{uid}");
            assert!("89ab".contains(&uid[19..20]), "{uid}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_wall_clock_moves_with_the_paused_clock() {
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        assert_eq!(environment.now(), Timestamp::UNIX_EPOCH);
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(environment.now().as_second(), 90);
    }
}
