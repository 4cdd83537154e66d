//! Certificates of an operator on a cluster: replicas, rotation, and clients that trust nothing but the `caBundle`.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use krate::certificate::{Certificates, InMemory, Lifetimes, Mounted, SelfManaged, Target};
use krate::k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use krate::k8s_openapi::api::core::v1::Secret;
use krate::operator::{Stage, Stop};
use krate::serve::{Address, Routes, Server, Tls, respond};
use krate::{Environment, Operator};
use krate_testing::{Cluster, Result, Running, eventually};
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

const NAMESPACE: &str = "krate-system";
const NAME: &str = "webhook-service.krate-system.svc";
const CONFIGURATION: &str = "validating-webhook-configuration";
const DAY: Duration = Duration::from_secs(24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A cluster in which the API server is to call the operator.
struct World {
    cluster: Cluster,
    configurations: Api<ValidatingWebhookConfiguration>,
    secrets: Api<Secret>,
}

impl World {
    async fn new() -> Result<Self> {
        let cluster = Cluster::embedded()?;
        cluster.namespace(NAMESPACE).await?;
        let world = Self {
            configurations: Api::all(cluster.client()),
            secrets: Api::namespaced(cluster.client(), NAMESPACE),
            cluster,
        };
        world.apply().await;
        Ok(world)
    }

    /// Applies the configuration as users do: without a caBundle.
    async fn apply(&self) {
        let configuration = json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": CONFIGURATION},
            "webhooks": [{
                "name": "rules.example.com",
                "clientConfig": {"service": {"name": "webhook-service", "namespace": NAMESPACE, "path": "/rules"}},
                "rules": [{"apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["sites"]}],
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
            }],
        });
        let params = PatchParams::apply("kubectl").force();
        self.configurations
            .patch(CONFIGURATION, &params, &Patch::Apply(configuration))
            .await
            .unwrap();
    }

    async fn replica(
        &self,
        certificates: &Certificates,
        epoch: Timestamp,
        server: Option<Server>,
    ) -> Result<Running> {
        let mut operator = Operator::new()
            .environment(Environment::seeded(epoch, 1))
            .certificates(certificates);
        if let Some(server) = server {
            let answer = |_| async { respond(StatusCode::OK, "text/plain", "ok") };
            let part = server.part(move |_| Ok(Routes::new().get("/rules", answer)));
            operator = operator.part(Stage::Webhooks, part);
        }
        self.cluster.run(operator).await
    }

    /// Runs a replica as the administrator: the token of an account ends after an hour.
    fn replica_for_long(&self, certificates: &Certificates) -> Stop {
        let operator = Operator::new()
            .environment(Environment::seeded(start(), 1))
            .client(self.cluster.client())
            .certificates(certificates);
        let stop = Stop::new();
        let stopped = stop.clone();
        tokio::spawn(async move { operator.run_until(&stopped).await });
        stop
    }

    /// Returns what the API server would trust.
    async fn bundle(&self) -> Vec<u8> {
        let configuration = self.configurations.get(CONFIGURATION).await.unwrap();
        bundle_of(&configuration).unwrap_or_default()
    }

    async fn secret(&self) -> Secret {
        self.secrets.get("webhook-service-cert").await.unwrap()
    }
}

fn bundle_of(configuration: &ValidatingWebhookConfiguration) -> Option<Vec<u8>> {
    let [webhook] = configuration.webhooks.as_deref()? else {
        return None;
    };
    Some(webhook.client_config.ca_bundle.as_ref()?.0.clone())
}

fn managed(lifetimes: Lifetimes) -> Certificates {
    let managed = SelfManaged::new("webhook-service")
        .namespace(NAMESPACE)
        .lifetimes(lifetimes)
        .target(Target::Validating(CONFIGURATION.to_owned()));
    managed.into()
}

fn roots(bundle: &[u8]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(bundle) {
        roots.add(certificate.unwrap()).unwrap();
    }
    roots
}

/// Returns whether a client that trusts only this takes the certificate that is served.
fn is_accepted(certificates: &Certificates, bundle: &[u8], now: Timestamp) -> bool {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(bundle)), provider)
        .build()
        .unwrap();
    let served = certificates.slot().get().unwrap();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(now.as_second().try_into().unwrap()));
    let (served, name) = (
        CertificateDer::from(served.der()),
        ServerName::try_from(NAME).unwrap(),
    );
    verifier.verify_server_cert(&served, &[], &name, &[], now).is_ok()
}

#[tokio::test(start_paused = true)]
async fn replicas_share_one_authority_and_rotate_before_anything_ends() -> Result<()> {
    let world = World::new().await?;
    let lifetimes = Lifetimes::new(6 * HOUR, 2 * HOUR).settle(MINUTE);
    let replicas: [Certificates; 3] = std::array::from_fn(|_| managed(lifetimes));
    let clock = Environment::seeded(start(), 1);
    let running: Vec<Stop> = replicas
        .iter()
        .map(|replica| world.replica_for_long(replica))
        .collect();
    for replica in &replicas {
        replica.wait_for(|report| report.injected == Some(true)).await;
    }
    let (mut authorities, mut served) = (BTreeSet::new(), BTreeSet::new());
    for minute in 0..(24 * 60) {
        let bundle = world.bundle().await;
        for replica in &replicas {
            let (accepted, report) = (is_accepted(replica, &bundle, clock.now()), replica.report());
            assert!(
                accepted,
                "after {minute} min: {report:?}, {} known",
                roots(&bundle).len()
            );
            served.insert(replica.slot().get().unwrap().der().to_vec());
        }
        authorities.extend(CertificateDer::pem_slice_iter(&bundle).map(|one| one.unwrap().to_vec()));
        tokio::time::sleep(MINUTE).await;
    }
    // Each is made once among all replicas: a new authority every two hours, four certificates in three.
    assert!(
        (10..=13).contains(&authorities.len()),
        "{} authorities",
        authorities.len()
    );
    assert!((18..=32).contains(&served.len()), "{} certificates", served.len());
    for replica in &replicas {
        let report = replica.report();
        assert_eq!((report.errors, report.error.as_deref()), (0, None));
        assert!(report.is_valid(clock.now()));
    }
    running.iter().for_each(Stop::request);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_settled_operator_writes_nothing() -> Result<()> {
    let world = World::new().await?;
    let certificates = managed(Lifetimes::default());
    world.replica_for_long(&certificates);
    certificates
        .wait_for(|report| report.injected == Some(true))
        .await;
    let before = (
        world.secret().await,
        world.configurations.get(CONFIGURATION).await.unwrap(),
    );
    tokio::time::sleep(12 * HOUR).await;
    let after = (
        world.secret().await,
        world.configurations.get(CONFIGURATION).await.unwrap(),
    );
    assert_eq!(before, after);
    assert_eq!(before.0.type_.as_deref(), Some("kubernetes.io/tls"));
    assert_eq!(
        (certificates.report().errors, certificates.report().changes),
        (0, 1)
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_bundle_that_is_overwritten_is_restored_and_one_that_is_left_out_stays() -> Result<()> {
    let world = World::new().await?;
    let certificates = managed(Lifetimes::default());
    let running = world.replica(&certificates, start(), None).await?;
    certificates.wait_for(|report| report.injections == 1).await;
    let bundle = world.bundle().await;
    let is_right =
        |configuration: &ValidatingWebhookConfiguration| bundle_of(configuration).as_ref() == Some(&bundle);

    // Applied again, it belongs to whoever wrote it.
    world.apply().await;
    assert_eq!(world.bundle().await, bundle);

    // Replaced, it is gone, and back by the watch.
    let mut bare = world.configurations.get(CONFIGURATION).await.unwrap();
    bare.webhooks.as_mut().unwrap()[0].client_config.ca_bundle = None;
    world
        .configurations
        .replace(CONFIGURATION, &PostParams::default(), &bare)
        .await
        .unwrap();
    eventually(&world.configurations, CONFIGURATION, is_right).await?;

    // Deleted and made anew, it is written again.
    world
        .configurations
        .delete(CONFIGURATION, &Default::default())
        .await
        .unwrap();
    world.apply().await;
    eventually(&world.configurations, CONFIGURATION, is_right).await?;
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_broken_is_mended_and_one_that_is_deleted_is_made_anew() -> Result<()> {
    let world = World::new().await?;
    let certificates = managed(Lifetimes::default());
    let running = world.replica(&certificates, start(), None).await?;
    certificates
        .wait_for(|report| report.injected == Some(true))
        .await;
    let first = world.bundle().await;

    let patch = Patch::Merge(json!({"data": {"tls.crt": "Z2FyYmFnZQ=="}}));
    world
        .secrets
        .patch("webhook-service-cert", &PatchParams::default(), &patch)
        .await
        .unwrap();
    certificates.wait_for(|report| report.changes == 2).await;
    assert_eq!(world.bundle().await, first);
    assert!(is_accepted(&certificates, &first, start()));

    world
        .secrets
        .delete("webhook-service-cert", &Default::default())
        .await
        .unwrap();
    certificates
        .wait_for(|report| report.changes == 3 && report.injections == 2)
        .await;
    let second = world.bundle().await;
    assert_ne!(second, first);
    assert!(is_accepted(&certificates, &second, start()));
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_somebody_else_is_left_alone() -> Result<()> {
    let world = World::new().await?;
    let foreign = json!({
        "metadata": {"name": "webhook-service-cert"},
        "stringData": {"tls.crt": "theirs", "tls.key": "theirs"},
        "type": "kubernetes.io/tls",
    });
    let foreign: Secret = serde_json::from_value(foreign).unwrap();
    world
        .secrets
        .create(&PostParams::default(), &foreign)
        .await
        .unwrap();
    let before = world.secret().await;
    let running = world
        .replica(&managed(Lifetimes::default()), start(), None)
        .await?;
    while !running.has_ended() {
        tokio::time::sleep(MINUTE).await;
    }
    let error = running.stop().await.unwrap_err().to_string();
    assert!(
        error.contains("`krate-system/webhook-service-cert` was not made by this operator"),
        "{error}"
    );
    assert!(error.contains("help: to have it managed, delete it"), "{error}");
    assert_eq!(world.secret().await, before);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_empty_secret_may_be_prepared() -> Result<()> {
    let world = World::new().await?;
    let empty = json!({"metadata": {"name": "webhook-service-cert"}, "type": "Opaque"});
    let empty: Secret = serde_json::from_value(empty).unwrap();
    world
        .secrets
        .create(&PostParams::default(), &empty)
        .await
        .unwrap();
    let certificates = managed(Lifetimes::default());
    let running = world.replica(&certificates, start(), None).await?;
    certificates
        .wait_for(|report| report.injected == Some(true))
        .await;
    assert!(is_accepted(&certificates, &world.bundle().await, start()));
    running.stop().await
}

/// The clock of a client, moved by hand.
#[derive(Debug, Default)]
struct Clock(AtomicU64);

impl Clock {
    fn set(&self, day: u32) {
        let now = start() + day * DAY + HOUR;
        self.0
            .store(now.as_second().try_into().unwrap(), Ordering::SeqCst);
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(
            self.0.load(Ordering::SeqCst),
        )))
    }
}

/// Calls as the API server does: what it trusts is what the configuration says, and every call is a new handshake.
async fn call(world: &World, clock: &Arc<Clock>, address: SocketAddr) -> io::Result<String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_details(provider, clock.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(&world.bundle().await))
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector
        .connect(ServerName::try_from(NAME).unwrap(), stream)
        .await?;
    stream
        .write_all(b"GET /rules HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// On the machine's clock, as sockets are; what makes time pass is replicas that are ahead of each other.
#[tokio::test]
async fn no_call_fails_while_certificate_and_authority_are_rotated() -> Result<()> {
    let world = Arc::new(World::new().await?);
    // An authority is due after 90 days, a certificate after 60.
    let lifetimes = Lifetimes::new(270 * DAY, 90 * DAY).settle(Duration::from_millis(100));
    let clock = Arc::new(Clock::default());
    clock.set(0);
    let (mut replicas, mut running, mut addresses) = (Vec::new(), Vec::new(), Vec::new());
    let mut calling = None;
    let calls = Arc::new(AtomicUsize::new(0));
    let mut leaves = BTreeSet::new();
    for (day, changes) in [(0, 1), (65, 1), (100, 1)] {
        clock.set(day);
        let certificates = managed(lifetimes);
        let server = Server::new("webhook", Address::loopback(0)).tls(Tls::new(certificates.slot()));
        let handle = server.handle();
        running.push(
            world
                .replica(&certificates, start() + day * DAY, Some(server))
                .await?,
        );
        certificates
            .wait_for(|report| report.changes >= changes && report.injected == Some(true))
            .await;
        addresses.push(handle.bound().await);
        replicas.push(certificates);
        if calling.is_none() {
            // Calls go to the replica that has been there from the start, one after another.
            let (world, clock, address, calls) = (world.clone(), clock.clone(), addresses[0], calls.clone());
            calling = Some(tokio::spawn(async move {
                loop {
                    match call(&world, &clock, address).await {
                        Ok(answer) if answer.starts_with("HTTP/1.1 200") => {
                            calls.fetch_add(1, Ordering::SeqCst)
                        }
                        answer => return answer,
                    };
                }
            }));
        }
        // The new one has rotated what was due by its clock, and the first serves with that.
        let wanted = match day {
            0 => 1,
            65 => 2,
            _ => 3,
        };
        replicas[0].wait_for(|report| report.changes >= wanted).await;
        leaves.insert(replicas[0].slot().get().unwrap().der().to_vec());
        let done = calls.load(Ordering::SeqCst);
        while calls.load(Ordering::SeqCst) < done + 20
            && !calling.as_ref().is_some_and(JoinHandle::is_finished)
        {
            tokio::task::yield_now().await;
        }
        for address in &addresses {
            let answer = call(&world, &clock, *address).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    let calling = calling.unwrap();
    assert!(!calling.is_finished(), "a call failed: {:?}", calling.await);
    calling.abort();
    assert_eq!(leaves.len(), 3);
    let bundle = world.bundle().await;
    assert_eq!(CertificateDer::pem_slice_iter(&bundle).count(), 2);
    for replica in running {
        replica.stop().await?;
    }
    Ok(())
}

/// A folder of this test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, version: &str, certificate: &str, key: &str) {
        let data = self.0.join(version);
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("tls.crt"), certificate).unwrap();
        std::fs::write(data.join("tls.key"), key).unwrap();
    }

    /// Points to a version as the kubelet does: by a link that is swapped.
    fn show(&self, version: &str) {
        let next = self.0.join("..data_tmp");
        std::os::unix::fs::symlink(version, &next).unwrap();
        std::fs::rename(next, self.0.join("..data")).unwrap();
        for name in ["tls.crt", "tls.key"] {
            let _ = std::os::unix::fs::symlink(format!("..data/{name}"), self.0.join(name));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn made() -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[tokio::test(start_paused = true)]
async fn mounted_files_are_read_again_and_the_last_good_ones_stay() -> Result<()> {
    let folder = Folder::new("mounted");
    let world = World::new().await?;
    let (first, second) = (made(), made());
    folder.write("1", &first.0, &first.1);
    folder.show("1");
    let certificates = Certificates::from(Mounted::new(&folder.0));
    let running = world.replica(&certificates, start(), None).await?;
    certificates.wait_for(|report| report.changes == 1).await;

    // The key of another certificate, as seen in the middle of a change.
    folder.write("2", &second.0, &first.1);
    folder.show("2");
    let report = certificates.wait_for(|report| report.errors == 2).await;
    assert!(
        report.error.unwrap().contains("use the private key"),
        "{:?}",
        certificates.report()
    );
    assert_eq!(report.changes, 1);

    folder.write("3", &second.0, &second.1);
    folder.show("3");
    let report = certificates.wait_for(|report| report.changes == 2).await;
    assert_eq!(
        certificates
            .wait_for(|report| report.error.is_none())
            .await
            .errors,
        2
    );
    assert!(report.reads >= 4);
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn missing_files_are_an_error_that_says_where_they_belong() -> Result<()> {
    let world = World::new().await?;
    let certificates = Certificates::from(Mounted::new("/nowhere"));
    let running = world.replica(&certificates, start(), None).await?;
    while !running.has_ended() {
        tokio::time::sleep(MINUTE).await;
    }
    let error = running.stop().await.unwrap_err().to_string();
    assert!(error.contains("failed to read `/nowhere/tls.crt`"), "{error}");
    assert!(error.contains("help: mount the Secret"), "{error}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_certificate_in_memory_is_renewed() -> Result<()> {
    let world = World::new().await?;
    let certificates = Certificates::from(InMemory::new([NAME]));
    let running = world.replica(&certificates, start(), None).await?;
    let report = certificates.wait_for(|report| report.changes == 1).await;
    assert_eq!(report.not_after, Some(start() + 365 * DAY));
    assert_eq!(report.name, "in-memory");
    certificates.wait_for(|report| report.changes == 2).await;
    running.stop().await
}

#[test]
fn what_it_may_do_is_part_of_the_roles_and_no_more_than_it_needs() {
    let operator = Operator::new().certificates(&managed(Lifetimes::default()));
    let manifests = operator.manifests().unwrap();
    let rules: Vec<_> = manifests
        .roles()
        .iter()
        .map(|role| role["rules"].clone())
        .collect();
    let cluster = json!([{
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["validatingwebhookconfigurations"],
        "resourceNames": [CONFIGURATION],
        "verbs": ["get", "list", "patch", "watch"],
    }]);
    let own = json!([
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]},
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "resourceNames": ["webhook-service-cert"],
            "verbs": ["get", "list", "update", "watch"],
        },
    ]);
    assert_eq!(rules, [cluster, own]);
}
