//! For how long a controller runs, and with which client.

use kube::Client;
use tokio_util::sync::CancellationToken;

use crate::election::Term;

/// One stretch of work of the controllers of an operator: from start to stop, or for a term of leadership.
#[derive(Clone)]
pub(crate) struct Tenure {
    /// What the runs of this stretch write with.
    pub(crate) client: Client,
    /// The term of leadership, if it is one.
    pub(crate) term: Option<Term>,
    /// Nothing new is started; what runs may finish.
    pub(crate) stop: CancellationToken,
    /// What runs is cut off as well.
    pub(crate) cut: CancellationToken,
}

impl Tenure {
    /// Returns true if no new run may start.
    pub(crate) fn is_over(&self) -> bool {
        self.stop.is_cancelled() || self.cut.is_cancelled()
    }

    /// Waits until no new run may start.
    pub(crate) async fn over(&self) {
        tokio::select! {
            () = self.cut.cancelled() => {}
            () = self.stop.cancelled() => {}
        }
    }
}
