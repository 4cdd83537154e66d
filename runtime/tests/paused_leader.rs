//! A leader whose process stands still past its lease, and wakes while another one leads: real processes, real
//! signals, and the server's own log of who wrote what.
//!
//! The operator is this very program, started again with a variable that makes [`replica`] more than an empty test.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::borrow::Cow;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use krate::election::LeaderElection;
use krate::k8s_openapi::api::coordination::v1::Lease;
use krate::k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::operator::{Part, Stage};
use krate::permission::Permission;
use krate::{Action, Context, Error, ErrorKind, Operator, Reconcile, Reconciler};
use krate_testing::{Server, eventually};
use kube::api::{Patch, PatchParams, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::time::sleep;

/// Names the replica in a child process.
const NAME: &str = "KRATE_TEST_REPLICA";
/// Tells a child process where the server is.
const KUBECONFIG: &str = "KRATE_TEST_KUBECONFIG";

const LEASE: &str = "paused.example.com";
/// How long a replica waits between two writes: most of its time, so that it is not stopped within one.
const BEAT: Duration = Duration::from_millis(25);

/// Writes all the time with the client of each term, also when the term is long over.
struct Careless {
    name: &'static str,
    /// For what every replica may say.
    unfenced: Client,
    last_term: AtomicI32,
}

impl Reconciler for Careless {
    type Object = ConfigMap;

    fn name(&self) -> Cow<'static, str> {
        "careless".into()
    }

    fn permissions() -> Vec<Permission> {
        Vec::new()
    }
}

impl Reconcile for Careless {
    async fn reconcile(&self, _: Arc<ConfigMap>, cx: &Context<Self>) -> krate::Result<Action> {
        let term = cx.term().expect("an election is held").transitions();
        if self.last_term.swap(term, Ordering::Relaxed) != term {
            let (client, unfenced, name) = (cx.client().clone(), self.unfenced.clone(), self.name);
            tokio::spawn(async move { write_for_ever(&client, &unfenced, name).await });
        }
        Ok(Action::done())
    }
}

async fn write_for_ever(client: &Client, unfenced: &Client, name: &str) {
    let mut beats = 0;
    loop {
        beats += 1;
        let written = put(client, &format!("from-{name}"), beats).await;
        if written.is_err_and(|error| Error::from(error).kind() == ErrorKind::NotLeader) {
            // Says so, with the client that is bound to no term; and goes on trying.
            let _ = put(unfenced, &format!("refused-{name}"), beats).await;
        }
        sleep(BEAT).await;
    }
}

async fn put(client: &Client, name: &str, beats: usize) -> kube::Result<()> {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), "default");
    let body = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"beats": beats.to_string()},
    });
    let params = PatchParams::apply("careless").force();
    secrets.patch(name, &params, &Patch::Apply(body)).await.map(drop)
}

/// The child: an operator, until it is told to stop. Does nothing when the tests run.
#[test]
fn replica() {
    let Ok(name) = std::env::var(NAME) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(Box::leak(name.into_boxed_str())));
}

async fn run(name: &'static str) {
    let kubeconfig = Kubeconfig::from_yaml(&std::env::var(KUBECONFIG).unwrap()).unwrap();
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    config
        .headers
        .push((http::header::USER_AGENT, http::HeaderValue::from_static(name)));
    let client = Client::try_from(config).unwrap();
    let election = LeaderElection::new(LEASE)
        .namespace("default")
        .identity(name)
        .lease_duration(Duration::from_secs(2))
        .renew_deadline(Duration::from_millis(1500))
        .retry_period(Duration::from_millis(200));
    let ready = Part::new("ready", move |scope| async move {
        put(scope.site().client(), &format!("ready-{name}"), 0).await?;
        Ok(())
    });
    let careless = Careless {
        name,
        unfenced: client.clone(),
        last_term: AtomicI32::new(-1),
    };
    let operator = Operator::new()
        .client(client)
        .controller(careless)
        .part(Stage::Tasks, ready)
        .leader_election(election);
    operator.run().await.unwrap();
}

/// A child process; killed when dropped, however the test ends.
struct Process(Child);

impl Process {
    fn start(name: &str, kubeconfig: &str) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["replica", "--exact", "--nocapture"])
            .env(NAME, name)
            .env(KUBECONFIG, kubeconfig)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_slept_through_its_lease_writes_nothing_when_it_wakes() {
    let server = Server::builder().build().unwrap();
    let endpoint = server.listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let kubeconfig = server.admin_kubeconfig(&endpoint, "test").unwrap();
    let secrets: Api<Secret> = Api::namespaced(server.client(), "default");
    let leases: Api<Lease> = Api::namespaced(server.client(), "default");
    let maps: Api<ConfigMap> = Api::namespaced(server.client(), "default");
    let mut work = ConfigMap::default();
    work.metadata.name = Some("work".to_owned());
    maps.create(&PostParams::default(), &work).await.unwrap();

    let first = Process::start("first", &kubeconfig);
    eventually(&leases, LEASE, held_by("first")).await.unwrap();
    let second = Process::start("second", &kubeconfig);
    eventually(&secrets, "ready-second", |_| true).await.unwrap();
    // Right after a write of the first has come to an end.
    eventually(&secrets, "from-first", |_| true).await.unwrap();
    first.signal(Signal::STOP);
    eventually(&leases, LEASE, held_by("second")).await.unwrap();
    eventually(&secrets, "from-second", |_| true).await.unwrap();
    first.signal(Signal::CONT);
    // It is awake, has tried to write, and was refused.
    eventually(&secrets, "refused-first", |_| true).await.unwrap();

    let log = server.request_log().entries();
    let claim = log.iter().position(|entry| {
        let is_lease = entry.method == "PUT" && entry.url.contains("/leases/");
        is_lease && entry.user_agent == "second" && entry.status == 200
    });
    let (before, after) = log.split_at(claim.expect("the second took the lease"));
    let [before, after] = [before, after].map(|entries| {
        let by_first = entries.iter().filter(|entry| entry.user_agent == "first");
        by_first
            .filter(|entry| entry.url.contains("/secrets/from-first"))
            .collect::<Vec<_>>()
    });
    assert!(!before.is_empty(), "it wrote while it led");
    assert!(after.is_empty(), "{after:#?}");

    // The process that was stopped is as good as before: it takes over again when its turn comes.
    let written = secrets.get("from-first").await.unwrap();
    second.signal(Signal::TERM);
    eventually(&leases, LEASE, held_by("first")).await.unwrap();
    let version = written.metadata.resource_version;
    eventually(&secrets, "from-first", |secret| {
        secret.metadata.resource_version != version
    })
    .await
    .unwrap();
}

fn held_by(name: &str) -> impl Fn(&Lease) -> bool {
    move |lease| {
        let holder = lease
            .spec
            .as_ref()
            .and_then(|spec| spec.holder_identity.as_deref());
        holder == Some(name)
    }
}
