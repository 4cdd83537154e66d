//! A controller as an operator declares it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::debug;

use super::bind::bind;
use super::engine::{Engine, RunKey};
use super::options::Options;
use super::tenure::Tenure;
use crate::Result;
use crate::cache::ObjectKey;
use crate::manifest::Declaration;
use crate::operator::Site;
use crate::queue::Backoff;
use crate::reconcile::Reconcile;
use crate::trigger::{Feed, Triggers};

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
    needs_leader_election: bool,
}

impl<R: Reconcile> Controller<R> {
    /// Returns a controller with one worker and no deadline.
    #[must_use]
    pub fn new(reconciler: R) -> Self {
        Self {
            reconciler,
            options: Options::default(),
            triggers: R::triggers(Triggers::new()),
            needs_leader_election: true,
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

    /// Runs the controller on every replica, whoever leads, with `false`; the default is to run where the lease is.
    ///
    /// For what concerns this process alone. Two replicas that reconcile the same objects race each other, and what
    /// they write is not fenced.
    #[must_use]
    pub fn needs_leader_election(mut self, needs: bool) -> Self {
        self.needs_leader_election = needs;
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

/// A controller ready to run, any number of times.
pub(crate) struct Prepared {
    pub(crate) engine: Engine,
    pub(crate) needs_leader_election: bool,
    bind: Box<dyn Fn(&Tenure) -> RunKey + Send + Sync>,
    /// The stores it waits for, and is filled from.
    feeds: Vec<Box<dyn Feed>>,
}

impl Prepared {
    /// Runs for a tenure, starting with everything its stores hold; waits for its own stores, and for nobody else's.
    pub(crate) async fn run(&self, tenure: &Tenure) {
        for feed in &self.feeds {
            tokio::select! {
                biased;
                () = tenure.over() => return,
                () = feed.synced() => {}
            }
        }
        debug!(controller = self.engine.name(), "starting");
        // What changes from here on comes by itself; what was there before is replayed. Both is once, in the queue.
        self.engine.open();
        self.feeds.iter().for_each(|feed| feed.replay());
        self.engine.run((self.bind)(tenure), tenure).await;
    }
}

impl<R: Reconcile> Prepare for Controller<R> {
    fn name(&self) -> String {
        self.reconciler.name().into_owned()
    }

    fn declaration(&self) -> Result<Declaration> {
        Declaration::of::<R>()
    }

    fn prepare(self: Box<Self>, site: &Site) -> Prepared {
        let name = Prepare::name(self.as_ref());
        let meter = site.metrics().meters().controller(&name);
        let reconciler = Arc::new(self.reconciler);
        let gone = {
            let reconciler = Arc::clone(&reconciler);
            Arc::new(move |key: &ObjectKey| reconciler.forget(key))
        };
        let environment = site.environment().clone();
        let engine = Engine::new(name, self.options, environment, meter, site.journal(), gone);
        let attached = self.triggers.attach(site.caches(), &engine.sink());
        let site = site.clone();
        Prepared {
            engine,
            needs_leader_election: self.needs_leader_election,
            bind: Box::new(move |tenure| bind(Arc::clone(&reconciler), attached.main.clone(), &site, tenure)),
            feeds: attached.feeds,
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
