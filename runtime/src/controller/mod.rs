//! From keys to runs: takes keys off the queue, runs the reconciler, and does with the key what the run says.
//!
//! A controller has a number of workers and one queue. A key never runs twice at once; a run that fails, panics or
//! takes too long backs off its own key and nobody else's. It starts no run before every store it reads is complete.
//!
//! [`Controller`] is what an operator is given; `Engine` is the loop, and knows nothing of reconcilers; `bind`
//! connects both.

mod bind;
mod declare;
mod echo;
mod engine;
mod history;
mod options;
mod stats;
mod tenure;

pub use declare::Controller;
pub use history::RunReport;
pub use stats::{Report, Stats};

pub(crate) use declare::{Prepare, Prepared};
pub(crate) use echo::{SharedEchoes, Version};
pub(crate) use engine::Engine;
pub(crate) use tenure::Tenure;
