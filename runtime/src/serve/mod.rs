//! The one HTTP server of an operator: metrics, health, debug and webhooks are all served by this.
//!
//! ```text
//! Address ─▶ Server ─listen─▶ Listener ─serve─▶ connection (Tls, Pulse) ─▶ Routes ─▶ handler
//! ```
//!
//! Every server has limits ([`Limits`]), survives handlers that panic, and ends in order: it stops to accept, lets
//! requests in flight finish, and cuts what is left. HTTP/1.1 only, unless `Tls::http2` asks for more. It knows
//! nothing of Kubernetes; what is served is up to [`Routes`]. Start reading at [`Server`].

mod address;
mod body;
mod connection;
#[cfg(feature = "http2")]
mod http2;
mod limits;
mod listener;
mod observe;
mod protocol;
mod pulse;
mod report;
mod routes;
mod server;
#[cfg(test)]
pub(crate) mod tests;
mod tls;

pub use address::Address;
pub use body::{Body, Refused};
pub use limits::Limits;
pub use listener::Listener;
pub use observe::{Observe, Outcome};
pub use report::{Handle, Report};
pub use routes::{Peer, Request, Response, Routes, respond};
pub use server::Server;
pub use tls::Tls;
