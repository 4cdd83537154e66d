//! How a server is doing.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

/// How a server is doing right now; counters are since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The name of the server.
    pub name: String,
    /// Where it listens, once it does.
    pub address: Option<SocketAddr>,
    /// How many connections are open.
    pub connections: u64,
    /// How many connections were accepted.
    pub accepted: u64,
    /// How often accepting failed, as for want of file descriptors.
    pub accept_errors: u64,
    /// How many TLS handshakes failed or took too long.
    pub handshake_errors: u64,
    /// How many requests arrived.
    pub requests: u64,
    /// How many requests are being answered.
    pub in_flight: u64,
    /// How many handlers panicked.
    pub panics: u64,
}

/// A view of a server from outside; clones are about the same one.
#[derive(Clone)]
pub struct Handle {
    name: Arc<str>,
    pub(super) counters: Arc<Counters>,
    address: Arc<watch::Sender<Option<SocketAddr>>>,
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) connections: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) accept_errors: AtomicU64,
    pub(super) handshake_errors: AtomicU64,
    pub(super) requests: AtomicU64,
    pub(super) in_flight: AtomicU64,
    pub(super) panics: AtomicU64,
}

/// Counts something that is there, for as long as it is.
pub(super) struct Counted {
    counters: Arc<Counters>,
    which: fn(&Counters) -> &AtomicU64,
}

impl Handle {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            counters: Arc::default(),
            address: Arc::default(),
        }
    }

    pub(super) fn set_address(&self, address: SocketAddr) {
        self.address.send_replace(Some(address));
    }

    /// Returns the name of the server.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until the server listens, and returns where; never ends for one that is off.
    pub async fn bound(&self) -> SocketAddr {
        let mut address = self.address.subscribe();
        loop {
            if let Some(address) = *address.borrow_and_update() {
                return address;
            }
            // The sender lives in `self`, so the channel cannot close while this waits.
            let _ = address.changed().await;
        }
    }

    /// Returns how the server is doing.
    #[must_use]
    pub fn report(&self) -> Report {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.counters;
        Report {
            name: self.name.to_string(),
            address: *self.address.borrow(),
            connections: read(&counters.connections),
            accepted: read(&counters.accepted),
            accept_errors: read(&counters.accept_errors),
            handshake_errors: read(&counters.handshake_errors),
            requests: read(&counters.requests),
            in_flight: read(&counters.in_flight),
            panics: read(&counters.panics),
        }
    }
}

impl Counters {
    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Counted {
    pub(super) fn new(counters: &Arc<Counters>, which: fn(&Counters) -> &AtomicU64) -> Self {
        which(counters).fetch_add(1, Ordering::Relaxed);
        Self {
            counters: Arc::clone(counters),
            which,
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.which)(&self.counters).fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().fmt(f)
    }
}
