//! What is running, and how it is taken down: the mirror of how it was put up.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::duty::{Duties, Duty};
use super::lead::lead;
use super::roster::Roster;
use super::{Part, Scope, Site, Stage, Stop};
use crate::cache::{Informers, Setting};
use crate::controller::Tenure;
use crate::election::{Elector, Settled};
use crate::write::Recorder;
use crate::{Error, Result};

/// How long the parts of a stage have to end once they are asked to.
const PART_GRACE: Duration = Duration::from_secs(10);

/// Everything that runs in an operator.
pub(super) struct House {
    site: Site,
    stages: [Floor; 4],
    informers: Informers,
    controllers: Floor,
    failures: mpsc::UnboundedSender<Error>,
}

/// Tasks that are stopped together.
#[derive(Default)]
struct Floor {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl House {
    /// Returns an empty house, and the way in which its parts say that they failed.
    pub(super) fn new(site: Site) -> (Self, mpsc::UnboundedReceiver<Error>) {
        let (failures, failed) = mpsc::unbounded_channel();
        let stages = std::array::from_fn(|_| Floor::default());
        let house = Self {
            site,
            stages,
            informers: Informers::default(),
            controllers: Floor::default(),
            failures,
        };
        (house, failed)
    }

    /// Starts a part and waits until it is up, or has ended.
    pub(super) async fn start(&mut self, stage: Stage, part: Part) {
        let floor = &mut self.stages[stage as usize];
        let name = part.name().to_owned();
        debug!("starting {name}");
        let (ready, is_ready) = oneshot::channel();
        let scope = Scope::new(self.site.clone(), ready, floor.stop.clone());
        let failures = self.failures.clone();
        floor.tasks.spawn(async move {
            let ended = AssertUnwindSafe(async move { part.run(scope).await })
                .catch_unwind()
                .await;
            if let Err(error) = ended.unwrap_or_else(|_| Err(Error::new("it panicked"))) {
                // Nobody listens any more once the operator has ended.
                let _ = failures.send(error.context(format!("run {name}")));
            }
        });
        // A part that ended without ever being up has dropped its scope.
        let _ = is_ready.await;
    }

    pub(super) fn start_caches(&mut self, setting: &Setting) {
        self.informers = self.site.caches().start(setting);
    }

    /// Runs controllers, those that are there and those that come, and duties, until the operator stops.
    pub(super) fn start_controllers(&mut self, controllers: &Roster, duties: Vec<Duty>) {
        let controllers = controllers.clone();
        let duties = self.duties(duties);
        let tenure = Tenure {
            client: self.site.client().clone(),
            term: None,
            stop: self.controllers.stop.clone(),
            cut: CancellationToken::new(),
        };
        self.controllers
            .tasks
            .spawn(async move { _ = tokio::join!(controllers.work(&tenure), duties.work(&tenure)) });
    }

    /// Stands for election, and runs the controllers and duties while this process leads.
    pub(super) async fn start_election(
        &mut self,
        controllers: &Roster,
        duties: Vec<Duty>,
        election: Settled,
    ) {
        let (terms, started) = mpsc::channel(1);
        let duties = self.duties(duties);
        let site = &self.site;
        let stop = self.controllers.stop.clone();
        let clients = site.clients().clone();
        self.controllers
            .tasks
            .spawn(lead(controllers.clone(), duties, clients, started, stop));
        let elector = Elector::new(election, site, terms);
        let part = Part::new("the leader election", |scope| elector.run(scope));
        self.start(Stage::Election, part).await;
    }

    fn duties(&self, all: Vec<Duty>) -> Duties {
        Duties::new(all, &self.site, &self.failures)
    }

    /// Takes everything down in order; runs have `grace` to finish.
    pub(super) async fn down(mut self, grace: Duration, stop: &Stop) -> Result<()> {
        let [servers, webhooks, tasks, election] = &mut self.stages;
        let drained = self.controllers.down("controllers", grace, stop).await;
        let tasks = tasks.down("tasks", PART_GRACE, stop).await;
        flush_events(self.site.recorder(), stop).await;
        self.informers.shutdown().await;
        self.site.caches().close();
        self.site.checks().close();
        let webhooks = webhooks.down("webhooks", PART_GRACE, stop).await;
        let servers = servers.down("servers", PART_GRACE, stop).await;
        let election = election.down("election", PART_GRACE, stop).await;
        drained.and(tasks).and(webhooks).and(servers).and(election)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // Controllers and caches hold each other; nobody else lets go of them.
        self.site.dismiss();
    }
}

impl Floor {
    /// Asks every task to end, and cuts off those that have not when the time is over.
    async fn down(&mut self, name: &str, grace: Duration, stop: &Stop) -> Result<()> {
        self.stop.cancel();
        let all_ended = async { while self.tasks.join_next().await.is_some() {} };
        tokio::select! {
            biased;
            ended = timeout(grace, all_ended) => if ended.is_ok() {
                return Ok(());
            },
            () = stop.forced() => {}
        }
        warn!("cutting off {name}: not ended in time");
        self.tasks.shutdown().await;
        Err(Error::new(format!("stopping took too long: {name} were cut off")))
    }
}

/// Sends the events of the last runs; what cannot be sent in time is not worth waiting for.
async fn flush_events(recorder: &Recorder, stop: &Stop) {
    tokio::select! {
        biased;
        _ = timeout(PART_GRACE, recorder.flush()) => {}
        () = stop.forced() => {}
    }
}
