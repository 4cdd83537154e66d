//! What every request of an operator passes on its way to the API server.
//!
//! In this order:
//!
//! 1. the [limit](Limit) of the whole operator: a request waits for its turn,
//! 2. the [`fence`] of a term: a write past the term's deadline is refused, however long it waited before,
//! 3. [`measured`], which counts and times it,
//! 4. the client the operator was given, or the one [`find`](find()) found: that of the [`pod`] in production, that of
//!    a [`kubeconfig`] on a developer's machine.
//!
//! [`chain`] puts it together, limit and fence in one hop: one client for everything that is not bound to a term, one
//! for each term, and the bare one for the election, whose requests must never wait for others.

mod bucket;
mod chain;
mod fence;
mod find;
#[cfg_attr(not(feature = "kubeconfig"), path = "no_kubeconfig.rs")]
mod kubeconfig;
mod limit;
mod measure;
mod pass;
mod pod;
mod stream;

pub use fence::NotLeader;
pub use limit::{Limit, LimitReport};

pub(crate) use chain::Clients;
pub(crate) use fence::{Fence, Unanswered};
pub(crate) use find::find;
pub(crate) use measure::measured_client;
pub(crate) use stream::{Event, Stream, stream, watch};

use measure::measured;
