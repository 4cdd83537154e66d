//! A controller as an operator declares it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::debug;

use super::bind::bind;
use super::engine::{Engine, RunKey};
use super::options::Options;
use super::tenure::Tenure;
use crate::cache::{Known, ObjectKey, Tie};
use crate::manifest::Declaration;
use crate::operator::Site;
use crate::queue::{Backoff, RateLimit};
use crate::reconcile::Reconcile;
use crate::trigger::{Feed, Outside, Triggers};
use crate::{Kind, Result};

/// A reconciler and how it is run; every reconciler converts into one.
///
/// ```no_run
/// # use krate::controller::Controller;
/// # use std::time::Duration;
/// # fn example<R: krate::Reconcile<Object: krate::cache::Known>>(reconciler: R) -> Controller<R> {
/// Controller::new(reconciler).workers(4).deadline(Duration::from_secs(120))
/// # }
/// ```
pub struct Controller<R: Reconcile> {
    kind: Kind,
    reconciler: R,
    options: Options,
    triggers: Triggers<R>,
    needs_leader_election: bool,
}

impl<R: Reconcile> Controller<R> {
    /// Returns a controller with one worker and no deadline.
    #[must_use]
    pub fn new(reconciler: R) -> Self
    where
        R::Object: Known,
    {
        Self::of_kind(Kind::of::<R::Object>(), reconciler)
    }

    /// Returns a controller of a kind that is known at run time only, with one worker and no deadline.
    ///
    /// Its reconciler is written for [`DynamicObject`](kube::core::DynamicObject)s, and can be used for many kinds.
    ///
    /// ```no_run
    /// # use krate::{Kind, controller::Controller, kube::core::DynamicObject};
    /// # fn example<R: krate::Reconcile<Object = DynamicObject>>(reconciler: R) -> Controller<R> {
    /// Controller::of_kind(Kind::namespaced("example.com", "v1", "Widget", "widgets"), reconciler)
    /// # }
    /// ```
    #[must_use]
    pub fn of_kind(kind: Kind, reconciler: R) -> Self {
        Self {
            kind,
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

    /// Starts runs no faster than this, those of all objects together; there is no limit at first.
    ///
    /// For what the runs call and must not be overrun. The API server is protected by the client's own limit.
    #[must_use]
    pub fn run_limit(mut self, limit: RateLimit) -> Self {
        self.options.run_limit = Some(limit);
        self
    }

    /// Retries no faster than this, all objects together, on top of the back-off of each; there is no limit at first.
    ///
    /// [`RateLimit::CLASSIC`] is what controller-runtime had before its priority queue.
    #[must_use]
    pub fn retry_limit(mut self, limit: RateLimit) -> Self {
        self.options.retry_limit = Some(limit);
        self
    }

    /// Reconciles each object at least this often, also if nothing asks for it; the runs are of low urgency.
    ///
    /// For what drifts without telling anybody, outside the cluster. A run that names a time itself has its way.
    #[must_use]
    pub fn every(mut self, interval: Duration) -> Self {
        self.options.every = Some(interval);
        self
    }

    /// Takes over the fields of other managers with every apply, as if each was [forced](crate::context::Apply::force).
    #[must_use]
    pub fn force_applies(mut self) -> Self {
        self.options.force = true;
        self
    }

    /// Lets objects run as fast as they like because of their own writes.
    ///
    /// Without this, an object whose runs start each other ten times in a row is slowed down, counted and reported
    /// with the fields that flip, until something else changes it.
    #[must_use]
    pub fn allow_hot_loops(mut self) -> Self {
        self.options.breaks_loops = false;
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

impl<R: Reconcile<Object: Known>> From<R> for Controller<R> {
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
    /// What holds the stores that have an index.
    _indexed: Vec<Tie>,
    outside: Outside,
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
        let fill = || self.feeds.iter().for_each(|feed| feed.replay());
        let run = (self.bind)(tenure);
        self.engine.run(run, tenure, &self.outside, fill).await;
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
        let engine = Engine::new(
            (name, self.kind.clone()),
            self.options.clone(),
            site.environment().clone(),
            meter,
            site.journal(),
            gone,
        );
        let attached = self.triggers.attach(&self.kind, site.caches(), &engine.sink());
        let (site, options, echoes) = (site.clone(), self.options, engine.echoes());
        Prepared {
            engine,
            needs_leader_election: self.needs_leader_election,
            bind: Box::new(move |tenure| {
                bind(
                    Arc::clone(&reconciler),
                    attached.main.clone(),
                    &site,
                    tenure,
                    (&options, &echoes),
                )
            }),
            feeds: attached.feeds,
            _indexed: attached.indexed,
            outside: attached.outside,
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
