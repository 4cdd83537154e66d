//! A part of an operator that is not a controller: a server, a background task, the election.

use std::fmt;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Site;
use crate::Result;

/// When a part is started and stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Health and metrics: first up, last down but the lease.
    Servers,
    /// Admission and conversion: up before any object is read.
    Webhooks,
    /// Whatever runs on every replica, leader or not; the caches are there.
    Tasks,
    /// Decides whether this process may act: ready means elected. Down last, when nothing writes any more.
    Election,
}

/// A part of an operator: a name and a future.
///
/// The future calls [`Scope::ready`] once it is up – nothing later is started before – and ends after
/// [`Scope::stopped`]. If it fails, the operator stops.
///
/// ```
/// use krate::operator::{Operator, Part, Stage};
///
/// let beat = Part::new("heartbeat", |scope| async move {
///     scope.ready();
///     scope.stopped().await;
///     Ok(())
/// });
/// let operator = Operator::new().part(Stage::Tasks, beat);
/// # let _ = operator;
/// ```
pub struct Part {
    name: String,
    run: Box<dyn FnOnce(Scope) -> BoxFuture<'static, Result<()>> + Send>,
}

/// What a part is given: the site, and its place in the order of things.
#[derive(Debug)]
pub struct Scope {
    site: Site,
    ready: std::sync::Mutex<Option<oneshot::Sender<()>>>,
    stop: CancellationToken,
}

impl Part {
    /// Returns a part with a name for logs and errors.
    #[must_use]
    pub fn new<F>(name: impl Into<String>, run: impl FnOnce(Scope) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self {
            name: name.into(),
            run: Box::new(move |scope| run(scope).boxed()),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn run(self, scope: Scope) -> BoxFuture<'static, Result<()>> {
        (self.run)(scope)
    }
}

impl Scope {
    pub(super) fn new(site: Site, ready: oneshot::Sender<()>, stop: CancellationToken) -> Self {
        Self {
            site,
            ready: std::sync::Mutex::new(Some(ready)),
            stop,
        }
    }

    /// Returns what the operator works with.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Says that the part is up.
    pub fn ready(&self) {
        let mut ready = self
            .ready
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(ready) = ready.take() {
            // Nobody listens any more if the operator is already stopping.
            let _ = ready.send(());
        }
    }

    /// Waits until the part is to end.
    pub async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
