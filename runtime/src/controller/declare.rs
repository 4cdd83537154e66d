//! A controller as an operator declares it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::bind::bind;
use super::engine::{Engine, RunKey};
use super::options::Options;
use crate::Result;
use crate::manifest::Declaration;
use crate::operator::Site;
use crate::queue::Backoff;
use crate::reconcile::Reconcile;
use crate::trigger::{Synced, Triggers};

/// A reconciler and how it is run; every reconciler converts into one.
///
/// ```no_run
/// # use krate::controller::Controller;
/// # use std::time::Duration;
/// # fn example<R: krate::Reconcile>(reconciler: R) -> Controller<R> {
/// Controller::new(reconciler).workers(4).deadline(Duration::from_secs(120))
/// # }
/// ```
pub struct Controller<R: Reconcile> {
    reconciler: R,
    options: Options,
    triggers: Triggers<R>,
}

impl<R: Reconcile> Controller<R> {
    /// Returns a controller with one worker and no deadline.
    #[must_use]
    pub fn new(reconciler: R) -> Self {
        Self {
            reconciler,
            options: Options::default(),
            triggers: R::triggers(Triggers::new()),
        }
    }

    /// Sets how many objects are reconciled at the same time, at least one; never twice the same object.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.options.workers = workers.max(1);
        self
    }

    /// Cancels a run that takes longer, and retries it with back-off.
    ///
    /// A cancelled run stops at its next `.await`. Without a deadline a run that hangs keeps its worker for ever, and
    /// is warned about after a minute.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        self
    }

    /// Keeps at least this time between the starts of two runs of one object.
    #[must_use]
    pub fn min_interval(mut self, min_interval: Duration) -> Self {
        self.options.min_interval = min_interval;
        self
    }

    /// Sets how long a failed object waits.
    #[must_use]
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.options.backoff = backoff;
        self
    }

    /// Changes what starts runs, starting from what the reconciler declares.
    #[must_use]
    pub fn triggers(mut self, change: impl FnOnce(Triggers<R>) -> Triggers<R>) -> Self {
        self.triggers = change(self.triggers);
        self
    }
}

impl<R: Reconcile> From<R> for Controller<R> {
    fn from(reconciler: R) -> Self {
        Self::new(reconciler)
    }
}

/// A controller whose reconciler is forgotten, not yet connected to an operator.
pub(crate) trait Prepare: Send {
    fn name(&self) -> String;
    /// Returns what has to be installed for it.
    fn declaration(&self) -> Result<Declaration>;
    /// Declares the stores and connects them to the queue.
    fn prepare(self: Box<Self>, site: &Site) -> Prepared;
}

/// A controller ready to run.
pub(crate) struct Prepared {
    pub(crate) engine: Engine,
    pub(crate) run: RunKey,
    /// The stores to wait for.
    pub(crate) waits: Vec<Box<dyn Synced>>,
}

impl<R: Reconcile> Prepare for Controller<R> {
    fn name(&self) -> String {
        self.reconciler.name().into_owned()
    }

    fn declaration(&self) -> Result<Declaration> {
        Declaration::of::<R>()
    }

    fn prepare(self: Box<Self>, site: &Site) -> Prepared {
        let engine = Engine::new(
            Prepare::name(self.as_ref()),
            self.options,
            site.environment().clone(),
            site.metrics().meters().controller(&self.reconciler.name()),
            site.journal(),
        );
        let attached = self.triggers.attach(site.caches(), &engine.sink());
        let run = bind(Arc::new(self.reconciler), attached.main, site);
        Prepared {
            engine,
            run,
            waits: attached.waits,
        }
    }
}

impl<R: Reconcile> fmt::Debug for Controller<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controller")
            .field("name", &self.reconciler.name())
            .field("options", &self.options)
            .field("triggers", &self.triggers)
            .finish()
    }
}
