//! Certificates of a server: its own authority, its serving certificate, those of its clients.
//!
//! Start at [`Authority`]. Keys come from the machine's entropy, as in `token`.

mod authority;
mod der;
mod subject;
mod verifier;

pub use authority::{Authority, Pair};
pub(crate) use verifier::ClientCertificates;
