//! `/debug`: what is in the queues and why, what ran last and how it went, how the caches are doing.
//!
//! Off by default, and meant for a loopback address: it shows names of objects and texts of errors to whoever asks.
//! What runs right now is always known ([`Journal`]); what ran is remembered only while `/debug` is served, for a
//! bounded number of objects.
//!
//! Start reading at [`DebugPage`]; [`view`] is what it answers as JSON, [`plain`] the same for people.

mod journal;
mod page;
mod plain;
mod view;

pub(crate) use journal::{Ended, Journal, Running};
pub use page::DebugPage;
pub use view::{ControllerView, InformerView, QueuedView, RecentView, RunningView};
