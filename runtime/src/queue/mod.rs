//! Which key runs next: a pure queue, and a thin asynchronous shell around it.
//!
//! The rules are those a controller lives by. A key is in the queue once, however often it is added, and never runs
//! twice at the same time; additions during a run cause exactly one more. Among equals the first comes first; lower
//! [levels](Level) wait for higher ones but are never starved. A failed key backs off by itself, and a new event runs
//! it at once without erasing its failures.
//!
//! [`Queue`] knows no clock and no task: every method takes `now`, which makes it testable to the last corner.
//! [`WorkQueue`] adds a lock, a wake-up and a timer in whoever waits. Start reading at [`Queue`].

mod backoff;
mod bucket;
mod entry;
mod level;
mod state;
mod work;

pub use backoff::Backoff;
pub use bucket::RateLimit;
pub use level::Level;
pub use state::{Finish, Outcome, Queue, QueuePlace, Queued, Reason, Run, Snapshot, Traffic};
pub use work::WorkQueue;
