//! The certificates an operator serves with, who trusts them, and how both are kept fresh.
//!
//! [`Certificates`] is what a server is given; behind it is one of
//!
//! - [`SelfManaged`]: an own authority and certificate in a Secret, shared by all replicas, rotated before they end,
//!   and made known to the API server; the default for webhooks,
//! - [`Mounted`]: files somebody else keeps fresh, as cert-manager does,
//! - [`InMemory`]: a certificate nobody can verify, for endpoints whose clients do not try.
//!
//! All of them fill a [`Slot`], from which [`Tls`](crate::serve::Tls) takes the certificate of each handshake.
//!
//! Inside: `authority` signs, `material` is what the Secret holds, `plan` decides what it should hold next – all pure –
//! `custody` does it, `target` and `injection` keep the `caBundle` of webhook configurations and definitions right.
//!
//! Keys come from the machine's entropy and from nowhere else: a key that follows from a seed is no secret.

mod authority;
mod certificates;
mod custody;
mod injection;
mod material;
mod memory;
mod mounted;
mod pair;
mod plan;
mod report;
mod self_managed;
mod slot;
mod target;
#[cfg(test)]
mod tests;
mod trust;

pub use certificates::Certificates;
pub use memory::InMemory;
pub use mounted::Mounted;
pub use pair::Pair;
pub use plan::Lifetimes;
pub use report::{Report, Source};
pub use self_managed::SelfManaged;
pub use slot::Slot;
pub use target::Target;
