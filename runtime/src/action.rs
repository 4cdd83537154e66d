//! What a reconcile run asks for next.

use std::time::Duration;

use crate::queue::Level;

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
    level: Option<Level>,
}

impl Action {
    /// Waits for the next change; the usual outcome.
    pub const fn done() -> Self {
        Self {
            requeue_after: None,
            level: None,
        }
    }

    /// Waits for the next change: [`done`](Self::done), as kube's `Action` calls it.
    ///
    /// Reconcilers written for kube's controller return the same two actions: change the `use`, and they compile. There
    /// is no conversion, since kube's type does not tell the time it was made with.
    pub const fn await_change() -> Self {
        Self::done()
    }

    /// Runs again after `after`, or earlier if something changes.
    ///
    /// For what the cluster does not tell: certificates that expire, systems outside Kubernetes.
    /// Do not poll with it for objects that can be watched.
    pub const fn requeue(after: Duration) -> Self {
        Self {
            requeue_after: Some(after),
            level: None,
        }
    }

    /// Sets how urgent the next run is that this asks for; normal if it is left out.
    ///
    /// ```
    /// use std::time::Duration;
    /// use krate::{Action, queue::Level};
    ///
    /// let action = Action::requeue(Duration::from_secs(3600)).priority(Level::Low);
    /// assert_eq!(action.level(), Some(Level::Low));
    /// ```
    pub const fn priority(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Returns how long until the next run is due, if nothing changes before.
    #[must_use]
    pub const fn requeue_after(&self) -> Option<Duration> {
        self.requeue_after
    }

    /// Returns how urgent the next run is that this asks for, if that was said.
    #[must_use]
    pub const fn level(&self) -> Option<Level> {
        self.level
    }
}
