//! What can go wrong, as values.

use std::time::Duration;

use super::Target;

/// One way in which a request goes wrong.
///
/// Those that are about watches leave other requests alone, and the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The server refuses with this status, and does nothing.
    Refused {
        /// The HTTP status.
        code: u16,
        /// The whole seconds the server asks to wait, as `Retry-After` and in the details of the answer.
        retry_after: Option<u32>,
    },
    /// The connection breaks before the server has seen the request.
    RequestLost,
    /// The server does as asked, and the connection breaks before it can say so.
    ResponseLost,
    /// The server does as asked, and no answer ever comes.
    Unanswered,
    /// The request reaches the server this much later.
    Slow(Duration),
    /// Just before the request somebody else writes to its object, so that what the sender knows of it is old.
    ///
    /// Needs [`Faults::with_rival`](super::Faults::with_rival). The object ends up as it was, but for its version.
    Raced,
    /// A list is answered as it was the first time, versions and all: by a server that lags behind.
    ///
    /// Without effect on what was not listed before, or comes in pages. A kube-apiserver does not do this to lists
    /// that name no version, but a cache in front of one may.
    Stale,
    /// A watch is told that the version it starts from is too old.
    Expired,
    /// A watch ends before its first event.
    Closed,
    /// A watch breaks in the middle of an event.
    Truncated {
        /// The events that come whole before.
        events: usize,
    },
    /// Each event of a watch comes this much later, in order.
    Delayed(Duration),
    /// Events of different objects change places with their neighbours, so that versions go back and forth.
    ///
    /// Events of one object stay in order, and a bookmark comes after all it stands for.
    Reordered,
    /// Each event of a watch comes twice.
    Repeated,
}

impl Fault {
    /// Returns one of each, with values worth trying.
    #[must_use]
    pub fn catalogue() -> Vec<Self> {
        let refused = |code, retry_after| Self::Refused { code, retry_after };
        vec![
            refused(429, Some(2)),
            refused(500, None),
            refused(503, Some(1)),
            refused(504, None),
            refused(403, None),
            refused(409, None),
            Self::RequestLost,
            Self::ResponseLost,
            Self::Unanswered,
            Self::Slow(Duration::from_secs(3)),
            Self::Raced,
            Self::Stale,
            Self::Expired,
            Self::Closed,
            Self::Truncated { events: 1 },
            Self::Delayed(Duration::from_secs(5)),
            Self::Reordered,
            Self::Repeated,
        ]
    }

    /// Returns whether the fault is about watches, and no other requests.
    #[must_use]
    pub fn is_of_watches(&self) -> bool {
        matches!(
            self,
            Self::Expired
                | Self::Closed
                | Self::Truncated { .. }
                | Self::Delayed(_)
                | Self::Reordered
                | Self::Repeated
        )
    }
}

/// A fault, and which requests it strikes.
///
/// ```
/// use krate_testing::fault::{Fault, Injection, Target};
///
/// // The first two writes of Secrets are carried out, and their answers lost.
/// let injection = Injection::new(Fault::ResponseLost)
///     .on(Target::writes().of("secrets"))
///     .times(2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injection {
    pub(super) fault: Fault,
    pub(super) target: Target,
    pub(super) times: Option<u32>,
    pub(super) skip: u32,
    pub(super) per_mille: u16,
}

impl Injection {
    /// Strikes every request the fault can be about.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            target: Target::any(),
            times: None,
            skip: 0,
            per_mille: 1000,
        }
    }

    /// Strikes only these requests.
    #[must_use]
    pub fn on(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// Strikes this often at most.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets this many pass first.
    #[must_use]
    pub fn after(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Strikes each request with this chance, out of a thousand.
    #[must_use]
    pub fn chance(mut self, per_mille: u16) -> Self {
        self.per_mille = per_mille;
        self
    }

    /// Returns the fault.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}
