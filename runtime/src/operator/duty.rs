//! What the leader does beside its controllers.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use kube::Client;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::debug;

use super::Site;
use crate::controller::Tenure;
use crate::election::Term;
use crate::{Error, Result};

/// Work of the leader that no object asks for; clones share it.
#[derive(Clone)]
pub(super) struct Duty {
    name: Arc<str>,
    run: Arc<Run>,
}

type Run = dyn Fn(Leading) -> BoxFuture<'static, Result<()>> + Send + Sync;

/// Everything the leader does beside its controllers; clones share it.
#[derive(Clone)]
pub(super) struct Duties {
    all: Arc<[Duty]>,
    site: Site,
    failures: mpsc::UnboundedSender<Error>,
}

/// What [`Operator::while_leading`](crate::Operator::while_leading) works with: one stretch of time in which this
/// process acts.
pub struct Leading {
    site: Site,
    tenure: Tenure,
}

impl Duty {
    pub(super) fn new<F>(name: String, run: impl Fn(Leading) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self {
            name: name.into(),
            run: Arc::new(move |leading| run(leading).boxed()),
        }
    }

    /// Runs once; a panic is an error.
    async fn run(self, leading: Leading) -> Result<()> {
        let ended = AssertUnwindSafe(async { (self.run)(leading).await })
            .catch_unwind()
            .await;
        ended
            .unwrap_or_else(|_| Err(Error::new("it panicked")))
            .map_err(|error| error.context(format!("run {}", self.name)))
    }
}

impl Duties {
    pub(super) fn new(all: Vec<Duty>, site: &Site, failures: &mpsc::UnboundedSender<Error>) -> Self {
        Self {
            all: all.into(),
            site: site.clone(),
            failures: failures.clone(),
        }
    }

    /// Does all of them for a tenure; returns when none runs any more.
    pub(super) async fn work(&self, tenure: &Tenure) {
        let mut running = JoinSet::new();
        for duty in self.all.iter().cloned() {
            let leading = Leading {
                site: self.site.clone(),
                tenure: tenure.clone(),
            };
            running.spawn(self.clone().attend(duty, leading));
        }
        while running.join_next().await.is_some() {}
    }

    /// Runs one; with a lost term it is cut off, and so are its errors.
    async fn attend(self, duty: Duty, leading: Leading) {
        let tenure = leading.tenure.clone();
        let ended = tokio::select! {
            biased;
            () = tenure.cut.cancelled() => return,
            ended = duty.run(leading) => ended,
        };
        let is_over = tenure.term.is_some_and(|term| !term.is_open());
        match ended {
            Ok(()) => {}
            // The term went while it worked; the next one starts afresh.
            Err(error) if is_over => debug!("{error}"),
            // Nobody listens any more once the operator has ended.
            Err(error) => drop(self.failures.send(error)),
        }
    }
}

impl Leading {
    /// Returns what the operator works with.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Returns the client of this term: past its end, writes are refused, also those of a clone that was kept.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.tenure.client
    }

    /// Returns the term of leadership, `None` if the operator holds no election.
    #[must_use]
    pub fn term(&self) -> Option<&Term> {
        self.tenure.term.as_ref()
    }

    /// Waits until the work is to end: the operator stops, and what is begun may be finished.
    ///
    /// When the lease is lost the future is dropped instead.
    pub async fn ended(&self) {
        self.tenure.stop.cancelled().await;
    }
}

impl fmt::Debug for Leading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leading")
            .field("term", &self.tenure.term)
            .finish_non_exhaustive()
    }
}
