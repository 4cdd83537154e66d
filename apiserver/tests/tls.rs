//! A listening server, seen by real connections.
#![expect(clippy::unwrap_used, reason = "a panic fails the test, as it should")]

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use krate_apiserver::authn::{Identity, Peer};
use krate_apiserver::environment::Environment;
use krate_apiserver::kubeconfig::{Credential, kubeconfig};
use krate_apiserver::listen::{Endpoint, listen};
use krate_apiserver::tls::{Authority, Pair};
use krate_apiserver::{Controllers, Server};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

type Answer = Response<Full<Bytes>>;

/// Answers with who is at the other end, and by which version of HTTP.
async fn who(request: Request<Incoming>) -> Result<Answer, Infallible> {
    let who = match request.extensions().get::<Peer>() {
        Some(Peer::Certificate(identity)) => format!("{} in {}", identity.user, identity.groups[0]),
        other => format!("{other:?}"),
    };
    Ok(Response::new(Full::from(format!(
        "{:?} {who}",
        request.version()
    ))))
}

async fn serve(authority: &Authority) -> Endpoint {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listen(address, authority, tower::service_fn(who)).await.unwrap()
}

fn authority() -> Authority {
    Authority::new(&Environment::system()).unwrap()
}

async fn connect(endpoint: &Endpoint, alpn: &str, name: &str, client: Option<&Pair>) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(endpoint.ca_pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some(pair) => {
            let certificate = CertificateDer::from_pem_slice(pair.certificate_pem.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(pair.key_pem.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    };
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    let tcp = TcpStream::connect(endpoint.address).await.unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .unwrap()
}

fn request() -> Request<Empty<Bytes>> {
    Request::get("https://localhost/whoami")
        .header("host", "localhost")
        .body(Empty::new())
        .unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

async fn ask_h1(endpoint: &Endpoint, name: &str, client: Option<&Pair>) -> String {
    send_h1(endpoint, name, client, request()).await
}

async fn get(endpoint: &Endpoint, path: &str, client: Option<&Pair>) -> String {
    let request = Request::get(path)
        .header("host", "localhost")
        .body(Empty::new())
        .unwrap();
    send_h1(endpoint, "localhost", client, request).await
}

async fn send_h1(
    endpoint: &Endpoint,
    name: &str,
    client: Option<&Pair>,
    request: Request<Empty<Bytes>>,
) -> String {
    let tls = connect(endpoint, "http/1.1", name, client).await;
    let (mut sender, connection) = http1::handshake(TokioIo::new(tls)).await.unwrap();
    tokio::spawn(connection);
    text(sender.send_request(request).await.unwrap()).await
}

#[tokio::test]
async fn http_2_and_1_are_served_on_one_port() {
    let endpoint = serve(&authority()).await;
    let tls = connect(&endpoint, "h2", "localhost", None).await;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(tls))
        .await
        .unwrap();
    tokio::spawn(connection);
    let response = sender.send_request(request()).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(text(response).await, "HTTP/2.0 Some(Network)");
    assert_eq!(
        ask_h1(&endpoint, "localhost", None).await,
        "HTTP/1.1 Some(Network)"
    );
}

#[tokio::test]
async fn the_certificate_is_for_all_names_of_the_server() {
    let endpoint = serve(&authority()).await;
    for name in ["localhost", "127.0.0.1", "kubernetes.default.svc"] {
        assert_eq!(
            ask_h1(&endpoint, name, None).await,
            "HTTP/1.1 Some(Network)",
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_client_certificate_says_who_asks() {
    let authority = authority();
    let endpoint = serve(&authority).await;
    let alice = authority.client("alice", Some("devs")).unwrap();
    assert_eq!(
        ask_h1(&endpoint, "localhost", Some(&alice)).await,
        "HTTP/1.1 alice in devs"
    );
}

#[tokio::test]
async fn a_foreign_client_certificate_does_not_break_the_connection() {
    let endpoint = serve(&authority()).await;
    let mallory = self::authority().client("admin", Some("system:masters")).unwrap();
    assert_eq!(
        ask_h1(&endpoint, "localhost", Some(&mallory)).await,
        "HTTP/1.1 Some(InvalidCertificate)"
    );
}

#[tokio::test]
async fn after_shutdown_nobody_answers() {
    let endpoint = serve(&authority()).await;
    let address = endpoint.address;
    let idle = connect(&endpoint, "http/1.1", "localhost", None).await;
    endpoint.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn a_kubeconfig_says_where_the_server_is_and_who_asks() {
    let authority = authority();
    let endpoint = serve(&authority).await;
    let pair = authority.client("alice", None).unwrap();
    let check = |credential: Credential<'_>, expected: &[(&str, String)]| {
        let text = kubeconfig(&endpoint, "a: \"b\"", &credential);
        let config: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(config["current-context"], "a: \"b\"");
        assert_eq!(config["clusters"][0]["cluster"]["server"], endpoint.url);
        for (field, value) in expected {
            assert_eq!(config["users"][0]["user"][field], *value, "{field}");
        }
    };
    check(Credential::Token("to\"ken"), &[("token", "to\"ken".to_owned())]);
    let encoded = [
        ("client-certificate-data", STANDARD.encode(&pair.certificate_pem)),
        ("client-key-data", STANDARD.encode(&pair.key_pem)),
    ];
    check(Credential::Certificate(&pair), &encoded);
}

#[tokio::test]
async fn a_server_is_reached_over_tls_by_its_administrator() {
    let server = Server::builder()
        .controllers(Controllers::none())
        .build()
        .unwrap();
    let endpoint = server
        .listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .unwrap();
    let admin = server
        .authority()
        .client("kubernetes-admin", Some("system:masters"))
        .unwrap();
    let path = "/api/v1/namespaces/default/endpoints/kubernetes";
    let answer = get(&endpoint, path, Some(&admin)).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let port = endpoint.address.port();
    assert_eq!(answer["subsets"][0]["addresses"][0]["ip"], "127.0.0.1");
    assert_eq!(answer["subsets"][0]["ports"][0]["port"], port);
    let answer: Value = serde_json::from_str(&get(&endpoint, path, None).await).unwrap();
    assert_eq!(answer["reason"], "Forbidden");
    server.shutdown().await;
    endpoint.shutdown().await;
}

#[tokio::test]
async fn hundreds_of_watches_share_a_connection_and_end_with_the_server() {
    let server = Server::builder().build().unwrap();
    let endpoint = server
        .listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
        .await
        .unwrap();
    let admin = server
        .authority()
        .client("admin", Some("system:masters"))
        .unwrap();
    let tls = connect(&endpoint, "h2", "localhost", Some(&admin)).await;
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(tls))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut watches = Vec::new();
    for _ in 0..300 {
        let url = "https://localhost/api/v1/namespaces/default/secrets?watch=1";
        let request = Request::get(url).body(Empty::<Bytes>::new()).unwrap();
        watches.push(sender.send_request(request).await.unwrap().into_body());
    }
    let local = server.local(Identity::admin(), "test");
    let secret = serde_json::json!({"metadata": {"name": "s"}});
    local
        .create("/api/v1/namespaces/default/secrets", secret)
        .await
        .unwrap();
    for watch in &mut watches {
        let line = watch.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(line.starts_with(br#"{"type":"ADDED""#), "{line:?}");
    }
    server.shutdown().await;
    endpoint.shutdown().await;
}
