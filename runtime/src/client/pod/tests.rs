//! A pod and the embedded server over TLS, as kubelet would set it up.

use std::any::Any;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, StatusCode};
use krate_testing::Server;
use kube::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{advance, pause, resume};

use super::fresh::FRESH;
use super::place::Place;
use crate::certificate::Slot;
use crate::error::{Error, ErrorKind, Result};
use crate::metrics::ClientMeter;
use crate::serve::tests::{Authority, Running};
use crate::serve::{self, Address, Routes, Tls, respond};

const ACCOUNTS: &str = "/api/v1/namespaces/default/serviceaccounts";

/// A server, and the folder of an account.
struct Pod {
    account: TempDir,
    server: Server,
    address: SocketAddr,
    /// Serves until it is dropped.
    _endpoint: Box<dyn Any>,
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
            _endpoint: Box::new(endpoint),
        }
    }

    /// Does what kubelet does: puts a token of an account into the folder.
    async fn mount(&self, name: &str) {
        let admin = Client::new(self.server.service(), "default");
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
    let authority = Authority::new();
    let slot = Slot::empty();
    slot.set(authority.pair("127.0.0.1"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let routes = Routes::new().post("/", move |request: serve::Request| {
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
    });
    let server = serve::Server::new("busy", Address::loopback(0)).tls(Tls::new(slot));
    let server = Running::start(server, routes).await;
    let account = tempfile::tempdir().unwrap();
    write(account.path(), "ca.crt", &authority.pem());
    write(account.path(), "token", "operator");
    let client = connect(server.handle.bound().await, account.path()).unwrap();
    let answer = ask(&client, "/", &json!({"number": 1})).await.unwrap();
    assert_eq!(answer, json!({"number": 1}));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    server.stop().await;
}
