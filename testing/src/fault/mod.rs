//! Faults on the way to an API server, as a `tower` layer under a `kube::Client`.
//!
//! [`Faults`] is a handle: put it around a client, tell it what shall go wrong with an [`Injection`], and read from
//! its [`record`](Faults::record) what was asked and what struck. Each [`Fault`] is a value, and chance comes from a
//! seed, so a run can be written down, compared and played again.
//!
//! It works between client and server and leaves the server alone: what a fault says happened, happened. A lost
//! response was carried out, a conflict has a real writer behind it. What happens to a cluster as a whole – a
//! definition that is deleted, a role that is taken away – is done to the cluster itself, not here.
//!
//! Follow a request: `asked` (what it is) → `plan` (does a fault strike it) → `service` (what then happens) →
//! `watched` (how a watch is spoiled) and `memory` (what lists said before).

mod asked;
mod body;
mod memory;
mod plan;
mod rival;
mod service;
mod target;
mod types;
mod watched;

pub use asked::{Asked, Verb};
pub use body::FaultBody;
pub use plan::{Faults, Record};
pub use service::FaultService;
pub use target::Target;
pub use types::{Fault, Injection};
