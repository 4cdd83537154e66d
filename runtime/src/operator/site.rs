//! What everything in an operator works with.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use kube::Client;

use super::Added;
use super::roster::Roster;
use crate::cache::Caches;
use crate::client::{Clients, LimitReport};
use crate::controller::{Controller, Engine, Prepare, Report, RunReport};
use crate::debug::Journal;
use crate::election;
use crate::environment::Environment;
use crate::health::Checks;
use crate::metrics::{Format, Metrics};
use crate::webhook::Webhooks;
use crate::write::Recorder;
use crate::{certificate, serve};

/// The client, the caches and the environment of an operator; cheap to clone.
#[derive(Clone)]
pub struct Site {
    /// The controllers that run where the lease is, and those that run on every replica.
    rosters: [Roster; 2],
    clients: Clients,
    caches: Caches,
    environment: Environment,
    recorder: Recorder,
    sight: Sight,
    controllers: Arc<Mutex<Vec<Engine>>>,
    servers: Arc<Mutex<Vec<serve::Handle>>>,
    election: Option<election::Status>,
    certificates: Arc<Mutex<Vec<certificate::Certificates>>>,
    webhooks: Arc<OnceLock<Webhooks>>,
}

/// What lets people see into an operator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sight {
    pub(crate) metrics: Metrics,
    pub(crate) checks: Checks,
    /// How many ended runs each controller remembers, for `/debug`.
    pub(crate) remembered: usize,
}

impl Site {
    pub(super) fn new(
        clients: Clients,
        caches: Caches,
        environment: Environment,
        sight: Sight,
        election: Option<election::Status>,
    ) -> Self {
        let recorder = Recorder::start(clients.shared().clone(), environment.clone(), instance());
        Self {
            rosters: [Roster::new(), Roster::new()],
            clients,
            caches,
            environment,
            recorder,
            sight,
            controllers: Arc::default(),
            servers: Arc::default(),
            election,
            certificates: Arc::default(),
            webhooks: Arc::default(),
        }
    }

    /// Returns the client, within the operator's [limit](crate::Operator::limit).
    ///
    /// It is bound to no term of leadership: what it writes is not fenced. Use it for what every replica does, and
    /// [`Context::client`](crate::Context::client) for what the leader does.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.clients.shared()
    }

    /// Returns how the election stands, `None` if the operator holds none.
    #[must_use]
    pub fn election(&self) -> Option<election::Report> {
        self.election.as_ref().map(election::Status::report)
    }

    /// Returns what the limit on requests has held up, `None` if there is no limit.
    #[must_use]
    pub fn limit(&self) -> Option<LimitReport> {
        self.clients.limit()
    }

    /// Returns where an election writes how it stands.
    pub(crate) fn election_status(&self, settled: &election::Settled) -> election::Status {
        self.election
            .clone()
            .unwrap_or_else(|| election::Status::new(settled))
    }

    /// Returns every client there is.
    pub(crate) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Returns the caches.
    #[must_use]
    pub fn caches(&self) -> &Caches {
        &self.caches
    }

    /// Returns the source of wall clock, chance and ids.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Returns how many events were dropped because the API server took them too slowly.
    #[must_use]
    pub fn dropped_events(&self) -> u64 {
        self.recorder.dropped()
    }

    /// Returns the metrics, to register some and to note what only happens once.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.sight.metrics
    }

    /// Returns all metrics as text, as of now: what `/metrics` answers.
    #[must_use]
    pub fn metrics_text(&self, format: Format) -> String {
        self.metrics().text(self, format)
    }

    /// Returns the checks behind `/healthz` and `/readyz`, to add some.
    #[must_use]
    pub fn checks(&self) -> &Checks {
        &self.sight.checks
    }

    /// Returns a new memory of what a controller ran.
    pub(crate) fn journal(&self) -> Journal {
        Journal::new(self.sight.remembered)
    }

    /// Looks at every controller, for `/debug`.
    pub(crate) fn look<T>(&self, look: impl FnMut(&Engine) -> T) -> Vec<T> {
        self.engines().iter().map(look).collect()
    }

    /// Returns what sends events.
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Returns how every controller is doing, in the order in which they were added.
    #[must_use]
    pub fn controllers(&self) -> Vec<Report> {
        self.engines().iter().map(Engine::report).collect()
    }

    /// Returns how every HTTP server is doing, in the order in which they were started.
    #[must_use]
    pub fn servers(&self) -> Vec<serve::Report> {
        let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.iter().map(serve::Handle::report).collect()
    }

    /// Returns how every certificate stands, in the order in which they were started.
    #[must_use]
    pub fn certificates(&self) -> Vec<certificate::Report> {
        let certificates = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
        certificates
            .iter()
            .map(certificate::Certificates::report)
            .collect()
    }

    pub(crate) fn add_certificate(&self, certificates: certificate::Certificates) {
        self.certificates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(certificates);
    }

    /// Returns the webhooks, which know how they are doing; none if there are none.
    #[must_use]
    pub fn webhooks(&self) -> Option<&Webhooks> {
        self.webhooks.get()
    }

    pub(super) fn set_webhooks(&self, webhooks: Webhooks) {
        // An operator starts once.
        let _ = self.webhooks.set(webhooks);
    }

    pub(crate) fn add_server(&self, server: serve::Handle) {
        self.servers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(server);
    }

    /// Returns the last runs of a controller, the latest last: what ran, why, and how it went.
    #[must_use]
    pub fn recent_runs(&self, controller: &str) -> Vec<RunReport> {
        let engines = self.engines();
        let found = engines.iter().find(|engine| engine.name() == controller);
        found.map(Engine::history).unwrap_or_default()
    }

    /// Adds a controller while the operator runs: a reconciler, or a [`Controller`] with options.
    ///
    /// It starts to run where and when those do that were there from the start, with everything that exists already.
    /// What it may do is not in the role that the operator prints: declare it on a controller that is.
    ///
    /// # Errors
    ///
    /// If there is a controller of that name.
    pub fn add<R: crate::Reconcile>(&self, controller: impl Into<Controller<R>>) -> crate::Result<Added> {
        self.admit(Box::new(controller.into()))
    }

    /// Connects a controller, and lets it run.
    pub(super) fn admit(&self, controller: Box<dyn Prepare>) -> crate::Result<Added> {
        let name = controller.name();
        if self.engines().iter().any(|known| known.name() == name) {
            return Err(taken(&name));
        }
        let prepared = controller.prepare(self);
        self.engines().push(prepared.engine.clone());
        let roster = match prepared.needs_leader_election {
            true => self.led(),
            false => self.free(),
        };
        Ok(roster.add(self, prepared))
    }

    /// Lets go of every controller: they hold the caches, and hold this.
    pub(super) fn dismiss(&self) {
        self.rosters.iter().for_each(Roster::clear);
    }

    pub(super) fn remove_controller(&self, name: &str) {
        self.engines().retain(|engine| engine.name() != name);
    }

    /// Returns the controllers that run where the lease is.
    pub(super) fn led(&self) -> &Roster {
        &self.rosters[0]
    }

    /// Returns the controllers that run on every replica.
    pub(super) fn free(&self) -> &Roster {
        &self.rosters[1]
    }

    fn engines(&self) -> MutexGuard<'_, Vec<Engine>> {
        self.controllers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says that there is a controller of a name already.
pub(super) fn taken(name: &str) -> crate::Error {
    crate::Error::new(format!(
        "two controllers are named `{name}`: give one of them another with `name = \"..\"`"
    ))
}

/// Returns what tells this process from others of the same operator: in a pod, the pod's name.
fn instance() -> String {
    std::env::var("HOSTNAME")
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "operator".to_owned())
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("caches", &self.caches)
            .finish_non_exhaustive()
    }
}
