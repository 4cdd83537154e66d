//! Leader election: of several replicas of an operator, one acts, and its writes are known to be its own.
//!
//! A [`Lease`](k8s_openapi::api::coordination::v1::Lease) names who leads. Its holder renews it; everybody else watches
//! it, and takes over when it is released, or when it has not changed for its whole duration by their own clock – the
//! clocks of others are never compared. The protocol is client-go's, so operators written with either may follow each
//! other on one lease.
//!
//! What is different: losing the lease ends a *term*, not the process, and every write of a term is
//! [fenced](crate::client). Start at [`LeaderElection`]; `machine` decides, without any I/O, `elector` does.

mod elector;
mod machine;
mod options;
mod record;
mod status;
mod term;
mod wire;

pub use options::LeaderElection;
pub use status::Report;
pub use term::Term;

pub(crate) use elector::Elector;
pub(crate) use options::Settled;
pub(crate) use status::Status;
pub(crate) use term::Started;
