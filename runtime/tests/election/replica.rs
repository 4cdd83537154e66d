//! A replica of an operator whose connection can be cut, and the diary of what replicas do.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use jiff::Timestamp;
use krate::cache::ObjectKey;
use krate::controller::Controller;
use krate::election::{LeaderElection, Report};
use krate::k8s_openapi::api::coordination::v1::Lease;
use krate::k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::operator::{Part, Site, Stage, Stop};
use krate::permission::Permission;
use krate::{Action, Context, Environment, Operator, Reconcile, Reconciler, Result};
use krate_testing::Server;
use kube::api::{Patch, PatchParams, PostParams};
use kube::client::Body;
use kube::{Api, Client};
use serde_json::json;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tower::BoxError;

pub(crate) const MOMENT: Duration = Duration::from_millis(50);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// How long a run of the operator takes before it writes.
pub(crate) const WORK: Duration = Duration::from_millis(20);

/// What replicas did, in order.
#[derive(Clone, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<(Instant, String)>>>);

impl Diary {
    pub(crate) fn note(&self, entry: impl Into<String>) {
        self.0.lock().unwrap().push((Instant::now(), entry.into()));
    }

    pub(crate) fn entries(&self) -> Vec<String> {
        let entries = self.0.lock().unwrap();
        entries.iter().map(|(_, entry)| entry.clone()).collect()
    }

    /// When an entry was made, the last one if there are several.
    pub(crate) fn when(&self, wanted: &str) -> Instant {
        let entries = self.0.lock().unwrap();
        let mut found = entries.iter().rev().filter(|(_, entry)| entry == wanted);
        found.next().unwrap_or_else(|| panic!("no `{wanted}`")).0
    }
}

/// The cluster all replicas work on.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) diary: Diary,
}

/// The client of each run, kept by careless code.
pub(crate) type Kept = Arc<Mutex<Vec<Client>>>;

/// A running replica.
pub(crate) struct Replica {
    pub(crate) site: Site,
    pub(crate) stop: Stop,
    pub(crate) link: Link,
    pub(crate) kept: Kept,
    task: JoinHandle<Result<()>>,
}

/// How requests of a replica fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    Fair,
    /// Every request fails, also one that is under way.
    Cut,
    /// Watches of leases are refused.
    NoLeaseWatch,
}

/// The connection of a replica.
#[derive(Clone)]
pub(crate) struct Link(Arc<watch::Sender<Weather>>);

impl Link {
    pub(crate) fn turns(&self, weather: Weather) {
        self.0.send_replace(weather);
    }

    /// Returns a client over this connection that calls itself by a name.
    fn client(&self, server: &Server, name: &'static str) -> Client {
        let (below, link) = (server.client(), self.clone());
        let service = tower::service_fn(move |mut request: Request<Body>| {
            let (below, link) = (below.clone(), link.clone());
            async move {
                let agent = http::HeaderValue::from_static(name);
                request.headers_mut().insert(http::header::USER_AGENT, agent);
                link.send(&below, request).await
            }
        });
        Client::new(service, "default")
    }

    async fn send(&self, below: &Client, request: Request<Body>) -> Result<http::Response<Body>, BoxError> {
        let uri = request.uri().to_string();
        let mut weather = self.0.subscribe();
        let now = *weather.borrow_and_update();
        if now == Weather::Cut
            || (now == Weather::NoLeaseWatch && uri.contains("leases?") && uri.contains("watch"))
        {
            return Err("the connection is cut".into());
        }
        tokio::select! {
            biased;
            answer = below.send(request) => Ok(answer?),
            _ = weather.wait_for(|weather| *weather == Weather::Cut) => Err("the connection was cut".into()),
        }
    }
}

/// Writes a secret for each config map, after some work.
pub(crate) struct Copier {
    replica: &'static str,
    diary: Diary,
    work: Duration,
    kept: Kept,
}

/// Notes it if a run is cut off.
struct Guard<'a>(&'a Copier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.diary.note(format!("{} cut off", self.0.replica));
    }
}

impl Reconciler for Copier {
    type Object = ConfigMap;

    fn name(&self) -> Cow<'static, str> {
        "copier".into()
    }

    fn permissions() -> Vec<Permission> {
        Vec::new()
    }
}

impl Reconcile for Copier {
    fn forget(&self, key: &ObjectKey) {
        self.diary.note(format!("{} forgot {key}", self.replica));
    }

    async fn reconcile(&self, map: Arc<ConfigMap>, cx: &Context<Self>) -> Result<Action> {
        let key = ObjectKey::of(map.as_ref());
        self.diary.note(format!("{} starts {key}", self.replica));
        let guard = Guard(self);
        self.kept.lock().unwrap().push(cx.client().clone());
        sleep(self.work).await;
        write(cx.client(), key.name(), self.replica).await?;
        std::mem::forget(guard);
        self.diary.note(format!("{} wrote {key}", self.replica));
        Ok(Action::done())
    }
}

/// Writes a secret that says who wrote it.
pub(crate) async fn write(client: &Client, name: &str, by: &str) -> Result<()> {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), "default");
    let body =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"by": by}});
    let params = PatchParams::apply("copier").force();
    secrets.patch(name, &params, &Patch::Apply(body)).await?;
    Ok(())
}

/// The election all replicas take part in.
pub(crate) fn election() -> LeaderElection {
    LeaderElection::new("copier.example.com").namespace("default")
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            server: Server::builder().build().unwrap(),
            diary: Diary::default(),
        }
    }

    pub(crate) async fn create(&self, name: &str) {
        let maps: Api<ConfigMap> = Api::namespaced(self.server.client(), "default");
        let mut map = ConfigMap::default();
        map.metadata.name = Some(name.to_owned());
        maps.create(&PostParams::default(), &map).await.unwrap();
    }

    pub(crate) async fn delete(&self, name: &str) {
        let maps: Api<ConfigMap> = Api::namespaced(self.server.client(), "default");
        maps.delete(name, &kube::api::DeleteParams::default())
            .await
            .unwrap();
    }

    pub(crate) async fn lease(&self) -> Lease {
        let leases: Api<Lease> = Api::namespaced(self.server.client(), "default");
        leases.get("copier.example.com").await.unwrap()
    }

    /// Starts a replica whose runs are quick.
    pub(crate) async fn start(&self, name: &'static str) -> Replica {
        self.start_with(name, WORK, |operator| operator).await
    }

    /// Starts a replica whose runs take a time, changed in some way.
    pub(crate) async fn start_with(
        &self,
        name: &'static str,
        work: Duration,
        change: impl FnOnce(Operator) -> Operator,
    ) -> Replica {
        let (copier, kept) = self.copier(name, work);
        let operator = Operator::new()
            .controller(Controller::new(copier).workers(4))
            .leader_election(election().identity(name));
        self.run(name, kept, change(operator)).await
    }

    pub(crate) fn copier(&self, name: &'static str, work: Duration) -> (Copier, Kept) {
        let kept = Kept::default();
        let copier = Copier {
            replica: name,
            diary: self.diary.clone(),
            work,
            kept: Arc::clone(&kept),
        };
        (copier, kept)
    }

    pub(crate) async fn run(&self, name: &'static str, kept: Kept, operator: Operator) -> Replica {
        let (tell, told) = oneshot::channel();
        let spy = Part::new("spy", |scope| async move {
            let _ = tell.send(scope.site().clone());
            scope.ready();
            scope.stopped().await;
            Ok(())
        });
        let link = Link(Arc::new(watch::Sender::new(Weather::Fair)));
        let seed = name.bytes().map(u64::from).sum();
        let operator = operator
            .namespaced(["default"])
            .client(link.client(&self.server, name))
            .environment(Environment::seeded(Timestamp::UNIX_EPOCH, seed))
            .part(Stage::Servers, spy);
        let stop = Stop::new();
        let until = stop.clone();
        let task = tokio::spawn(async move { operator.run_until(&until).await });
        let site = told.await.unwrap();
        sleep(MOMENT).await;
        Replica {
            site,
            stop,
            link,
            kept,
            task,
        }
    }

    /// Every write of a replica that reached the server, as `METHOD path`, leases and events apart.
    pub(crate) fn writes(&self, replica: &str) -> Vec<String> {
        let entries = self.server.request_log().entries();
        let of_replica = entries.iter().filter(|entry| {
            entry.user_agent == replica
                && entry.method != "GET"
                && !entry.url.contains("/leases")
                && !entry.url.contains("/events")
        });
        of_replica
            .map(|entry| format!("{} {}", entry.method, entry.url))
            .collect()
    }
}

impl Replica {
    pub(crate) fn report(&self) -> Report {
        self.site.election().unwrap()
    }

    pub(crate) fn leads(&self) -> bool {
        self.report().leading
    }

    /// How many lists its cache of config maps has cost.
    pub(crate) fn lists(&self) -> u64 {
        self.site.caches().reports()[0].lists
    }

    pub(crate) async fn stop(self) -> Result<()> {
        self.stop.request();
        self.ended().await
    }

    pub(crate) async fn ended(self) -> Result<()> {
        self.task.await.unwrap()
    }
}

/// Waits on the paused clock until something holds; panics when it does not within a time.
pub(crate) async fn until(within: Duration, what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < within, "after {within:?}: not {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
