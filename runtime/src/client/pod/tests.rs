//! A pod and the embedded server over TLS, as kubelet would set it up.

use std::any::Any;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{AsyncBufReadExt as _, TryStreamExt};
use http::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use krate_testing::Server;
use kube::Client;
use kube::client::Body;
use rustls::ServerConfig;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::time::{advance, pause, resume};
use tokio_rustls::TlsAcceptor;

use super::fresh::FRESH;
use super::place::Place;
use super::pool::IDLE;
use crate::certificate::Slot;
use crate::client::{Event, Stream, watch};
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::ClientMeter;
use crate::serve::tests::{Authority, Running};
use crate::serve::{self, Address, Routes, Tls, respond};

const ACCOUNTS: &str = "/api/v1/namespaces/default/serviceaccounts";
const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";

/// A server, and the folder of an account.
struct Pod {
    account: TempDir,
    server: Server,
    address: SocketAddr,
    /// Serves until it is dropped.
    endpoint: Box<dyn Any>,
}

impl Pod {
    async fn start() -> Self {
        let server = Server::builder().build().unwrap();
        let endpoint = server.listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let account = tempfile::tempdir().unwrap();
        write(account.path(), "ca.crt", &endpoint.ca_pem);
        write(account.path(), "namespace", "default\n");
        write(account.path(), "token", "nobody");
        Self {
            account,
            server,
            address: endpoint.address,
            endpoint: Box::new(endpoint),
        }
    }

    /// Does what kubelet does: puts a token of an account into the folder.
    async fn mount(&self, name: &str) {
        let admin = self.admin();
        let account = json!({"metadata": {"name": name}});
        ask(&admin, ACCOUNTS, &account).await.unwrap();
        let path = format!("{ACCOUNTS}/{name}/token");
        let answer = ask(&admin, &path, &json!({"spec": {}})).await.unwrap();
        write(
            self.account.path(),
            "token",
            answer["status"]["token"].as_str().unwrap(),
        );
    }

    /// Lets an account do everything.
    async fn allow(&self, name: &str) {
        let binding = json!({
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "namespace": "default", "name": name}],
        });
        ask(&self.admin(), BINDINGS, &binding).await.unwrap();
    }

    fn admin(&self) -> Client {
        Client::new(self.server.service(), "default")
    }

    fn connect(&self) -> Client {
        connect(self.address, self.account.path()).unwrap()
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

fn connect(address: SocketAddr, folder: &Path) -> Result<Client> {
    let variable = |name: &str| match name {
        "KUBERNETES_SERVICE_HOST" => Some(address.ip().to_string().into()),
        "KUBERNETES_SERVICE_PORT" => Some(address.port().to_string().into()),
        "KRATE_SERVICE_ACCOUNT" => Some(folder.into()),
        _ => None,
    };
    let place = Place::of_pod(variable)?.unwrap();
    super::connect(&place, ClientMeter::default())
}

async fn ask(client: &Client, path: &str, body: &Value) -> Result<Value> {
    let request = Request::post(path).header("content-type", "application/json");
    let request = request.body(serde_json::to_vec(body).unwrap())?;
    Ok(client.request(request).await?)
}

/// A server with a certificate of its own, and the folder of an account that trusts it.
struct Desk {
    server: Running,
    account: TempDir,
}

impl Desk {
    async fn start(routes: Routes) -> Self {
        let (slot, account) = trusted();
        let server = serve::Server::new("desk", Address::loopback(0)).tls(Tls::new(slot));
        Self {
            server: Running::start(server, routes).await,
            account,
        }
    }

    async fn connect(&self) -> Client {
        connect(self.server.handle.bound().await, self.account.path()).unwrap()
    }

    /// Returns how many connections there were.
    fn accepted(&self) -> u64 {
        self.server.handle.report().accepted
    }
}

/// Returns a certificate of this machine, and the folder of an account that trusts it.
fn trusted() -> (Slot, TempDir) {
    let (authority, slot) = (Authority::new(), Slot::empty());
    slot.set(authority.pair("127.0.0.1"));
    let account = tempfile::tempdir().unwrap();
    write(account.path(), "ca.crt", &authority.pem());
    write(account.path(), "token", "operator");
    (slot, account)
}

/// Answers every request with what it was sent.
fn echo() -> Routes {
    Routes::new().post("/", async |request: serve::Request| {
        let body = request.into_body().bytes(100).await.unwrap();
        respond(StatusCode::OK, "application/json", body)
    })
}

async fn watched(client: &Client) -> kube::Result<Stream> {
    let request = Request::get(format!("{MAPS}?watch=true&labelSelector=watched"));
    watch(client, request.body(Vec::new()).unwrap()).await
}

/// Returns whom the server takes a client for.
async fn who(client: &Client) -> Result<String> {
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let answer = ask(client, path, &review).await?;
    Ok(answer["status"]["userInfo"]["username"]
        .as_str()
        .unwrap()
        .to_owned())
}

#[tokio::test]
async fn a_pod_is_its_service_account() {
    let pod = Pod::start().await;
    pod.mount("operator").await;
    let client = pod.connect();
    assert_eq!(
        who(&client).await.unwrap(),
        "system:serviceaccount:default:operator"
    );
    assert_eq!(client.default_namespace(), "default");
}

#[tokio::test]
async fn a_token_that_kubelet_exchanged_is_used_within_a_minute() {
    let pod = Pod::start().await;
    pod.mount("one").await;
    let client = pod.connect();
    assert_eq!(who(&client).await.unwrap(), "system:serviceaccount:default:one");
    pod.mount("two").await;
    assert_eq!(who(&client).await.unwrap(), "system:serviceaccount:default:one");
    // Only while nothing is in flight: paused time runs ahead of sockets.
    pause();
    advance(FRESH).await;
    resume();
    assert_eq!(who(&client).await.unwrap(), "system:serviceaccount:default:two");
}

#[tokio::test]
async fn a_token_that_is_refused_is_read_again_at_once() {
    let pod = Pod::start().await;
    let client = pod.connect();
    let refused = who(&client).await.unwrap_err();
    assert_eq!(refused.status().unwrap().code, 401);
    pod.mount("operator").await;
    assert_eq!(
        who(&client).await.unwrap(),
        "system:serviceaccount:default:operator"
    );
}

#[tokio::test]
async fn a_watch_goes_on_until_the_server_ends_it() {
    let mut pod = Pod::start().await;
    pod.mount("operator").await;
    pod.allow("operator").await;
    let client = pod.connect();
    let mut lines = watched(&client).await.unwrap().lines();
    for name in ["one", "two"] {
        let map = json!({"metadata": {"name": name, "labels": {"watched": ""}}});
        ask(&client, MAPS, &map).await.unwrap();
        let line = lines.try_next().await.unwrap().unwrap();
        let event: Event<'_> = serde_json::from_str(&line).unwrap();
        let object: Value = serde_json::from_str(event.object.get()).unwrap();
        assert_eq!(
            (event.kind.as_ref(), &object["metadata"]["name"]),
            ("ADDED", &json!(name))
        );
    }
    pod.endpoint = Box::new(());
    // In the middle of its body, or after it: both are an end.
    assert!(lines.try_next().await.ok().flatten().is_none());
}

#[tokio::test]
async fn a_watch_that_is_refused_says_why() {
    let pod = Pod::start().await;
    pod.mount("operator").await;
    let refused = Error::from(watched(&pod.connect()).await.err().unwrap());
    let status = refused.status().unwrap();
    assert_eq!(status.code, 403);
    assert!(
        status.message.contains("cannot watch resource"),
        "{}",
        status.message
    );
}

#[tokio::test]
async fn a_server_of_another_authority_is_not_talked_to() {
    let pod = Pod::start().await;
    write(pod.account.path(), "ca.crt", &Authority::new().pem());
    let error = who(&pod.connect()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn nobody_listens() {
    let pod = Pod::start().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = connect(address, pod.account.path()).unwrap();
    assert_eq!(who(&client).await.unwrap_err().kind(), ErrorKind::Transport);
    let refused = watched(&client).await.err().unwrap();
    assert_eq!(Error::from(refused).kind(), ErrorKind::Transport);
}

#[tokio::test]
async fn an_account_without_a_token_is_told() {
    let pod = Pod::start().await;
    std::fs::remove_file(pod.account.path().join("token")).unwrap();
    let error: Error = connect(pod.address, pod.account.path()).err().unwrap();
    assert!(
        error.to_string().contains("automountServiceAccountToken"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_is_too_busy_is_asked_again_when_it_says() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let desk = Desk::start(Routes::new().post("/", move |request: serve::Request| {
        let code = match count.fetch_add(1, Ordering::SeqCst) {
            0 => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::OK,
        };
        async move {
            let body = request.into_body().bytes(100).await.unwrap();
            let mut answer = respond(code, "application/json", body);
            answer.headers_mut().insert("retry-after", "0".parse().unwrap());
            answer
        }
    }));
    let desk = desk.await;
    let answer = ask(&desk.connect().await, "/", &json!({"number": 1})).await;
    assert_eq!(answer.unwrap(), json!({"number": 1}));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    desk.server.stop().await;
}

#[tokio::test]
async fn requests_one_after_the_other_share_a_connection() {
    let desk = Desk::start(echo()).await;
    let client = desk.connect().await;
    for number in 0..3 {
        ask(&client, "/", &json!(number)).await.unwrap();
    }
    assert_eq!(desk.accepted(), 1);
    desk.server.stop().await;
}

#[tokio::test]
async fn requests_at_once_have_a_connection_each() {
    let both = Arc::new(Barrier::new(2));
    let desk = Desk::start(Routes::new().post("/", move |_| {
        let both = Arc::clone(&both);
        async move {
            both.wait().await;
            respond(StatusCode::OK, "application/json", "{}")
        }
    }));
    let desk = desk.await;
    let client = desk.connect().await;
    let (one, other) = (json!(1), json!(2));
    let (one, other) = tokio::join!(ask(&client, "/", &one), ask(&client, "/", &other));
    one.and(other).unwrap();
    assert_eq!(desk.accepted(), 2);
    desk.server.stop().await;
}

#[tokio::test]
async fn a_connection_that_waited_too_long_is_not_used_again() {
    let desk = Desk::start(echo()).await;
    let client = desk.connect().await;
    ask(&client, "/", &json!(1)).await.unwrap();
    pause();
    advance(IDLE).await;
    resume();
    ask(&client, "/", &json!(2)).await.unwrap();
    assert_eq!(desk.accepted(), 2);
    desk.server.stop().await;
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_not_used_again() {
    let desk = Desk::start(Routes::new().post("/", async |_| {
        let mut answer = respond(StatusCode::OK, "application/json", "{}");
        answer
            .headers_mut()
            .insert("connection", "close".parse().unwrap());
        answer
    }));
    let desk = desk.await;
    let client = desk.connect().await;
    for number in 0..3 {
        ask(&client, "/", &json!(number)).await.unwrap();
    }
    assert_eq!(desk.accepted(), 3);
    desk.server.stop().await;
}

#[tokio::test]
async fn an_answer_that_nobody_reads_takes_its_connection_along() {
    let desk = Desk::start(echo()).await;
    let client = desk.connect().await;
    for number in 0..2 {
        let request = Request::post("/").body(Body::from(vec![b'0' + number]));
        drop(client.send(request.unwrap()).await.unwrap());
    }
    assert_eq!(desk.accepted(), 2);
    desk.server.stop().await;
}

/// Answers one request by going over to a protocol that says everything again.
async fn repeat(listener: TcpListener, slot: Slot) -> std::io::Result<u64> {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(slot.resolver());
    let (tcp, _) = listener.accept().await?;
    let mut stream = BufReader::new(TlsAcceptor::from(Arc::new(config)).accept(tcp).await?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        stream.read_line(&mut head).await?;
    }
    let answer = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: repeat\r\n\r\n";
    stream.write_all(answer.as_bytes()).await?;
    stream.flush().await?;
    let (mut read, mut write) = tokio::io::split(stream);
    tokio::io::copy(&mut read, &mut write).await
}

#[tokio::test]
async fn a_connection_may_go_on_with_another_protocol() {
    let (slot, account) = trusted();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = connect(listener.local_addr().unwrap(), account.path()).unwrap();
    let server = tokio::spawn(repeat(listener, slot));
    let request = Request::get("/")
        .header("connection", "upgrade")
        .header("upgrade", "repeat");
    let answer = client.send(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    let mut stream = TokioIo::new(hyper::upgrade::on(answer).await.unwrap());
    stream.write_all(b"hello").await.unwrap();
    let mut text = [0; 5];
    stream.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"hello");
    drop(stream);
    // Rudely or not, it has ended.
    let _ = server.await.unwrap();
}
