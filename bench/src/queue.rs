//! The work queue alone: add, take, finish.

use std::collections::VecDeque;
use std::hint::black_box;

use krate::cache::ObjectKey;
use krate::queue::{Backoff, Level, Outcome};
use tokio::time::Instant;

use crate::Result;

/// Add, take and finish keys.
#[derive(clap::Args)]
pub(crate) struct Queue {
    /// How many keys a round has
    #[arg(long, default_value_t = 1_000)]
    keys: usize,
    /// How many rounds; the median is printed
    #[arg(long, default_value_t = 1_001)]
    rounds: usize,
}

impl Queue {
    /// Runs the measurement and prints it.
    pub(crate) fn run(&self) -> Result<()> {
        for (name, nanoseconds) in [
            ("krate", median(self.keys, self.rounds, round)),
            ("floor", median(self.keys, self.rounds, floor)),
        ] {
            let per_second = self.keys as f64 * 1e9 / nanoseconds;
            println!(
                "{name}: {} × add, take, finish: {:.3} ms ({per_second:.0} keys/s)",
                self.keys,
                nanoseconds / 1e6,
            );
        }
        Ok(())
    }
}

/// Returns the median nanoseconds of a round.
pub(crate) fn median(keys: usize, rounds: usize, round: fn(&[ObjectKey]) -> f64) -> f64 {
    let keys: Vec<ObjectKey> = (0..keys)
        .map(|key| ObjectKey::namespaced(&format!("bench-{}", key % 10), &format!("item-{key:06}")))
        .collect();
    let mut rounds: Vec<f64> = (0..rounds).map(|_| round(&keys)).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2] * 1e9
}

/// Returns the seconds one round of krate's queue takes.
pub(crate) fn round(keys: &[ObjectKey]) -> f64 {
    let mut queue = krate::queue::Queue::new(Backoff::default(), 1);
    let began = Instant::now();
    for key in keys {
        queue.add(key.clone(), Level::Normal, (), Instant::now());
    }
    while let Some(run) = queue.pop(Instant::now()) {
        queue.finish(&run.key, Outcome::Done, Instant::now());
    }
    began.elapsed().as_secs_f64()
}

/// The least a queue that takes each key once has to do: a set and a line.
#[expect(
    clippy::disallowed_types,
    reason = "as any Rust program would do it; the order is not seen"
)]
pub(crate) fn floor(keys: &[ObjectKey]) -> f64 {
    let began = Instant::now();
    let (mut known, mut line) = (std::collections::HashSet::new(), VecDeque::new());
    for key in keys {
        if known.insert(key.clone()) {
            line.push_back(key.clone());
        }
    }
    while let Some(key) = line.pop_front() {
        known.remove(black_box(&key));
    }
    began.elapsed().as_secs_f64()
}
