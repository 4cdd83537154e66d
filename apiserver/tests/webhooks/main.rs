//! Webhooks: called in process, so that each test decides what they answer, and once over TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "../common/mod.rs"]
mod common;

mod admission;
mod conversion;
mod endpoint;
mod sockets;
