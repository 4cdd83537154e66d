//! The server as a `tower` service: from HTTP to handlers and back.
//!
//! [`ApiService`] is the whole way of a request; connections and TLS are in `listen`.

mod about;
mod body;
mod log;
mod path;
mod respond;
mod service;

pub use self::body::Body;
pub use self::log::{Entry, RequestLog};
pub use self::service::ApiService;
