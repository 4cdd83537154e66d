//! A term: one stretch of time in which this process leads.

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::client::Fence;

/// A term of leadership: from the moment this process holds the lease until it gives it up or loses it.
///
/// Systems outside the cluster can be fenced, too: hand them [`transitions`](Self::transitions), and let them refuse
/// whoever comes with a smaller number than they have seen.
#[derive(Clone, Debug)]
pub struct Term {
    transitions: i32,
    fence: Fence,
}

/// A term for whoever works in it; the election waits until `working` is dropped before it stands again.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) term: Term,
    pub(crate) working: oneshot::Sender<()>,
}

impl Term {
    pub(super) fn new(transitions: i32, fence: Fence) -> Self {
        Self { transitions, fence }
    }

    /// Returns how often the lease had changed hands when this term began; grows from leader to leader for as long as
    /// nobody deletes the lease.
    #[must_use]
    pub fn transitions(&self) -> i32 {
        self.transitions
    }

    /// Returns true while writes of this term are let out.
    ///
    /// It may be false a moment later: it is for ending early, the fence is what guards.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.fence.is_open()
    }

    pub(crate) fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Returns what is cancelled when the term is lost.
    pub(crate) fn cut(&self) -> CancellationToken {
        self.fence.shut_token()
    }
}
