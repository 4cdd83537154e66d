//! How others learn of requests: metrics, mostly.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

/// Is told of every request a route takes; must not block.
pub trait Observe: Send + Sync + 'static {
    /// A request arrived at a route; `route` is as it was registered.
    fn begun(&self, route: &str);

    /// The handler has answered, panicked, or was dropped because the client left.
    fn ended(&self, route: &str, outcome: &Outcome);
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The status answered, 500 after a panic; `None` if the client left before there was an answer.
    pub status: Option<StatusCode>,
    /// How long the handler took.
    pub took: Duration,
    /// Whether the handler panicked.
    pub panicked: bool,
}

/// A request being handled; tells its observers of the end, however it comes.
pub(super) struct Observed {
    observers: Arc<[Arc<dyn Observe>]>,
    route: Arc<str>,
    begun: Instant,
    outcome: Outcome,
}

impl Observed {
    pub(super) fn begin(observers: Arc<[Arc<dyn Observe>]>, route: Arc<str>) -> Self {
        for observer in observers.iter() {
            observer.begun(&route);
        }
        Self {
            observers,
            route,
            begun: Instant::now(),
            outcome: Outcome {
                status: None,
                took: Duration::ZERO,
                panicked: false,
            },
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode, panicked: bool) {
        self.outcome.status = Some(status);
        self.outcome.panicked = panicked;
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.outcome.took = self.begun.elapsed();
        for observer in self.observers.iter() {
            observer.ended(&self.route, &self.outcome);
        }
    }
}
