//! What a reconcile run asks for next.

use std::time::Duration;

/// The outcome of a successful reconcile run.
///
/// A run that failed returns an [`Error`](crate::Error) instead and is retried with back-off.
///
/// ```
/// use std::time::Duration;
/// use krate::Action;
///
/// assert_eq!(Action::done().requeue_after(), None);
/// let action = Action::requeue(Duration::from_secs(30));
/// assert_eq!(action.requeue_after(), Some(Duration::from_secs(30)));
/// ```
#[must_use = "the controller only acts on the action it is returned"]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Action {
    requeue_after: Option<Duration>,
}

impl Action {
    /// Waits for the next change; the usual outcome.
    pub const fn done() -> Self {
        Self { requeue_after: None }
    }

    /// Runs again after `after`, or earlier if something changes.
    ///
    /// For what the cluster does not tell: certificates that expire, systems outside Kubernetes.
    /// Do not poll with it for objects that can be watched.
    pub const fn requeue(after: Duration) -> Self {
        Self {
            requeue_after: Some(after),
        }
    }

    /// Returns how long until the next run is due, if nothing changes before.
    #[must_use]
    pub const fn requeue_after(&self) -> Option<Duration> {
        self.requeue_after
    }
}
