//! What a server puts up with.

use std::time::Duration;

/// What a server puts up with; the numbers are those of Go operators where these have one.
///
/// How large a body may be is up to the handler that reads it, see [`Body::bytes`](super::Body::bytes).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many connections may be open; more wait to be accepted. 1000 at first.
    pub connections: usize,
    /// How many bytes the head of a request may have; 1 MiB at first.
    pub header_bytes: usize,
    /// How long the head of a request may take, from its first byte or from the connection's start; 32 s at first.
    pub header_read: Duration,
    /// How long a connection may be kept without a request; 90 s at first.
    pub idle: Duration,
    /// How long a client may leave its answer unread; 90 s at first.
    pub stalled: Duration,
    /// How long a TLS handshake may take; 10 s at first.
    pub handshake: Duration,
    /// How long requests in flight may take to finish once the server stops; 8 s at first, less than the operator
    /// gives its parts.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1000,
            header_bytes: 1 << 20,
            header_read: Duration::from_secs(32),
            idle: Duration::from_secs(90),
            stalled: Duration::from_secs(90),
            handshake: Duration::from_secs(10),
            drain: Duration::from_secs(8),
        }
    }
}
