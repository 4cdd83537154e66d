//! Calling webhooks: where they are, whom to trust, and how failures read.
//!
//! [`Client`] names a webhook, [`Caller`] posts a review to it, over sockets ([`Sockets`]) or to whatever service
//! the server was built with ([`Builder::webhook_transport`](crate::Builder::webhook_transport)).
//! What is sent and what an answer means is not here: see `admission` and the conversions in `handler`.

mod answer;
mod caller;
mod client;
mod reviews;
mod service;
mod sockets;
mod trust;

pub(crate) use self::caller::{Caller, Service};
pub(crate) use self::client::Client;
pub(crate) use self::reviews::{Version, review_version};
