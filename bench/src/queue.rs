//! The work queue alone: add, take, finish.

use krate::queue::{Backoff, Level, Outcome};
use tokio::time::Instant;

use crate::Result;

/// Add, take and finish keys.
#[derive(clap::Args)]
pub(crate) struct Queue {
    /// How many keys a round has
    #[arg(long, default_value_t = 1_000)]
    keys: u32,
    /// How many rounds; the median is printed
    #[arg(long, default_value_t = 1_001)]
    rounds: usize,
}

impl Queue {
    /// Runs the measurement and prints it.
    pub(crate) fn run(&self) -> Result<()> {
        let mut rounds: Vec<f64> = (0..self.rounds).map(|_| self.round()).collect();
        rounds.sort_by(f64::total_cmp);
        let median = rounds[rounds.len() / 2];
        println!(
            "{} × add, take, finish: {:.3} ms ({:.0} keys/s)",
            self.keys,
            median * 1e3,
            f64::from(self.keys) / median
        );
        Ok(())
    }

    /// Returns the seconds one round takes.
    fn round(&self) -> f64 {
        let mut queue = krate::queue::Queue::new(Backoff::default(), 1);
        let began = Instant::now();
        for key in 0..self.keys {
            queue.add(key, Level::Normal, (), began);
        }
        while let Some(run) = queue.pop(began) {
            queue.finish(&run.key, Outcome::Done, began);
        }
        began.elapsed().as_secs_f64()
    }
}
