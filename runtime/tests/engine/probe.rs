//! A reconciler that writes down its runs and behaves as it is told, and the operator around it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use krate::cache::{ObjectKey, Report};
use krate::controller::Controller;
use krate::operator::{Part, Site, Stage, Stop};
use krate::permission::Permission;
use krate::reconcile::Subject;
use krate::{Action, Context, Environment, Operator, Reconcile, Reconciler, Result};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::script::Server;

/// A run that was started.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    pub(crate) at: Instant,
    pub(crate) key: String,
    pub(crate) attempt: u32,
    pub(crate) cause: String,
}

/// The runs of a probe, in order.
#[derive(Clone, Default)]
pub(crate) struct Runs {
    started: Arc<Mutex<Vec<Started>>>,
    forgotten: Arc<Mutex<Vec<String>>>,
}

impl Runs {
    pub(crate) fn all(&self) -> Vec<Started> {
        self.started.lock().unwrap().clone()
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.all().into_iter().map(|run| run.key).collect()
    }

    pub(crate) fn of(&self, key: &str) -> Vec<Started> {
        self.all().into_iter().filter(|run| run.key == key).collect()
    }

    /// The keys the reconciler was told to forget.
    pub(crate) fn forgotten(&self) -> Vec<String> {
        self.forgotten.lock().unwrap().clone()
    }

    pub(crate) fn clear(&self) {
        self.started.lock().unwrap().clear();
    }
}

type Behaviour<K> = Arc<dyn Fn(Arc<K>, u32) -> BoxFuture<'static, Result<Action>> + Send + Sync>;

pub(crate) struct Probe<K> {
    name: &'static str,
    runs: Runs,
    behaviour: Behaviour<K>,
}

impl<K: Subject> Probe<K> {
    /// Returns a probe whose runs all succeed at once.
    pub(crate) fn new(name: &'static str) -> (Self, Runs) {
        Self::behaving(name, |_, _| async { Ok(Action::done()) })
    }

    /// Returns a probe that does this with an object and the number of failures before.
    pub(crate) fn behaving<F>(
        name: &'static str,
        behaviour: impl Fn(Arc<K>, u32) -> F + Send + Sync + 'static,
    ) -> (Self, Runs)
    where
        F: Future<Output = Result<Action>> + Send + 'static,
    {
        let runs = Runs::default();
        let behaviour: Behaviour<K> = Arc::new(move |object, attempt| behaviour(object, attempt).boxed());
        (
            Self {
                name,
                runs: runs.clone(),
                behaviour,
            },
            runs,
        )
    }
}

impl<K: Subject> Reconciler for Probe<K> {
    type Object = K;

    fn name(&self) -> Cow<'static, str> {
        self.name.into()
    }

    fn permissions() -> Vec<Permission> {
        Vec::new()
    }
}

impl<K: Subject> Reconcile for Probe<K> {
    async fn reconcile(&self, object: Arc<K>, cx: &Context<Self>) -> Result<Action> {
        self.runs.started.lock().unwrap().push(Started {
            at: Instant::now(),
            key: ObjectKey::of(object.as_ref()).to_string(),
            attempt: cx.attempt(),
            cause: cx.cause().to_string(),
        });
        (self.behaviour)(object, cx.attempt()).await
    }

    fn forget(&self, key: &ObjectKey) {
        self.runs.forgotten.lock().unwrap().push(key.to_string());
    }
}

/// An operator that runs in the background.
pub(crate) struct Running {
    pub(crate) site: Site,
    pub(crate) stop: Stop,
    task: JoinHandle<Result<()>>,
}

impl Running {
    /// Starts an operator and waits until its servers would be up.
    pub(crate) async fn start(operator: Operator, server: &Server) -> Self {
        let (tell, told) = oneshot::channel();
        let spy = Part::new("spy", |scope| async move {
            let _ = tell.send(scope.site().clone());
            scope.ready();
            scope.stopped().await;
            Ok(())
        });
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        let operator = operator
            .client(server.client())
            .environment(environment)
            .part(Stage::Servers, spy);
        let stop = Stop::new();
        let handle = stop.clone();
        let task = tokio::spawn(async move { operator.run_until(&handle).await });
        Self {
            site: told.await.unwrap(),
            stop,
            task,
        }
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.stop.request();
        self.ended().await
    }

    pub(crate) async fn ended(self) -> Result<()> {
        self.task.await.unwrap()
    }

    /// How the cache of a kind is doing.
    pub(crate) fn cache(&self, kind: &str) -> Report {
        self.site
            .caches()
            .reports()
            .into_iter()
            .find(|report| report.kind == kind)
            .unwrap()
    }
}

/// An operator with one controller.
pub(crate) fn with<K: Subject>(controller: impl Into<Controller<Probe<K>>>) -> Operator {
    Operator::new().controller(controller)
}

/// Lets time pass until everything that is due has been done.
pub(crate) async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

pub(crate) const MOMENT: Duration = Duration::from_millis(10);
