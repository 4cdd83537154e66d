//! The one source of wall clock, chance and identifiers of a server.
//!
//! Everything the server makes up – uids, name suffixes, token ids, timestamps – comes from here, so that two
//! servers with the same seed on the same (virtual) clock give the same answers byte for byte.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use tokio::time::Instant;

/// The wall clock, entropy and ids of one server; cheap to clone, clones share their state.
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
        Self::new(Timestamp::now(), Rng::new().u64(..))
    }

    /// Returns an environment whose clock starts at `epoch` and moves with tokio's clock, and whose ids follow
    /// from `seed`.
    #[must_use]
    pub fn seeded(epoch: Timestamp, seed: u64) -> Self {
        Self::new(epoch, seed)
    }

    fn new(epoch: Timestamp, seed: u64) -> Self {
        let rng = Mutex::new(Rng::with_seed(seed));
        Self {
            shared: Arc::new(Shared {
                epoch,
                started: Instant::now(),
                rng,
            }),
        }
    }

    /// Returns the wall clock; it moves with tokio's clock, so it stands still while that is paused.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.epoch + self.shared.started.elapsed()
    }

    /// Returns the time since this environment was made.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.shared.started.elapsed()
    }

    /// Returns the wall clock as Kubernetes writes it: RFC 3339 in UTC, whole seconds.
    #[must_use]
    pub fn timestamp(&self) -> String {
        self.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Returns a new version 4 UUID.
    #[must_use]
    pub fn uid(&self) -> String {
        let bits = self.with_rng(|rng| rng.u128(..));
        let bits = bits & !(0xf << 76) | (0x4 << 76);
        let bits = bits & !(0x3 << 62) | (0x2 << 62);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            (bits >> 96) as u32,
            (bits >> 80) as u16,
            (bits >> 64) as u16,
            (bits >> 48) as u16,
            bits & 0xffff_ffff_ffff,
        )
    }

    /// Returns the five characters `generateName` appends.
    ///
    /// The alphabet leaves out vowels and look-alikes, as apimachinery's `rand.String` does.
    #[must_use]
    pub fn name_suffix(&self) -> String {
        const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        self.with_rng(|rng| {
            (0..5)
                .map(|_| char::from(ALPHABET[rng.usize(..ALPHABET.len())]))
                .collect()
        })
    }

    /// Returns a uniformly distributed number.
    #[must_use]
    pub fn random(&self) -> u64 {
        self.with_rng(|rng| rng.u64(..))
    }

    fn with_rng<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(
            &mut self
                .shared
                .rng
                .lock()
                .expect("no draw panics while holding the generator"),
        )
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

    fn sample(seed: u64) -> (String, String, u64) {
        let env = Environment::seeded(Timestamp::UNIX_EPOCH, seed);
        (env.uid(), env.name_suffix(), env.random())
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_seed_gives_the_same_ids() {
        assert_eq!(sample(7), sample(7));
        assert_ne!(sample(7), sample(8));
    }

    #[tokio::test(start_paused = true)]
    async fn a_uid_is_a_version_4_uuid() {
        let uid = Environment::seeded(Timestamp::UNIX_EPOCH, 1).uid();
        let lengths: Vec<usize> = uid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{uid}");
        assert_eq!(&uid[14..15], "4", "{uid}");
        assert!("89ab".contains(&uid[19..20]), "{uid}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_wall_clock_moves_with_the_paused_clock() {
        let env = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(env.timestamp(), "1970-01-01T00:01:30Z");
    }
}
