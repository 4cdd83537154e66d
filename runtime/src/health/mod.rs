//! `/healthz` and `/readyz`: is this process alive, and may others rely on it.
//!
//! Alive means that it answers, and that no liveness check of the program's own fails. It says nothing of the API
//! server: a restart would not bring that back. Ready means that every cache has had a complete list once, and that
//! no check fails; a replica that waits for its turn to lead is ready. A cache in trouble later is told, and does not
//! make the replica unready: that would take away its webhooks, and mend nothing. An operator that serves webhooks is
//! ready without its caches, because the API server may need its conversions to fill them.
//!
//! Start reading at [`Checks`]; [`HealthPage`] answers.

mod caches;
mod checks;
mod election;
mod page;
mod report;

pub use checks::Checks;
pub(crate) use election::line as election_line;
pub use page::HealthPage;
