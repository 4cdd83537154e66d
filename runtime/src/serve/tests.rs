//! Servers on the loopback: what clients meet.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::StatusCode;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::certificate::{Pair, Slot};

/// A server that runs beside its test.
pub(crate) struct Running {
    pub(crate) handle: Handle,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<crate::Result<()>>,
}

impl Running {
    pub(crate) async fn start(server: Server, routes: Routes) -> Self {
        let (handle, stop) = (server.handle(), CancellationToken::new());
        let listener = server.listen().await.unwrap().unwrap();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(listener.serve(routes, stopped));
        Self { handle, stop, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.handle.bound().await).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

fn server() -> Server {
    Server::new("test", Address::loopback(0))
}

fn ok() -> Response {
    respond(StatusCode::OK, "text/plain", "ok")
}

fn hello() -> Routes {
    Routes::new().get("/", |_| ready(ok()))
}

/// Sends the text and returns everything that comes until the server closes.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, text: impl AsRef<str>) -> String {
    stream.write_all(text.as_ref().as_bytes()).await.unwrap();
    rest(stream).await
}

async fn rest(mut stream: impl AsyncRead + Unpin) -> String {
    let mut answer = Vec::new();
    // A server that cuts the connection may do so rudely.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("nothing")
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_for() {
    let routes = hello().get("/panic", |_| async { panic!("oops") });
    let server = Running::start(server(), routes).await;
    assert_eq!(status(&ask(server.connect().await, get("/panic")).await), "500");
    assert_eq!(status(&ask(server.connect().await, get("/")).await), "200");
    let report = server.handle.report();
    assert_eq!((report.panics, report.requests, report.accepted), (1, 2, 2));
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let routes = Routes::new().post("/", async |request: Request| {
        match request.into_body().bytes(10).await {
            Ok(_) => ok(),
            Err(refused) => respond(refused.status(), "text/plain", refused.to_string()),
        }
    });
    let server = Running::start(server(), routes).await;
    let post = |length: usize, body: &str| {
        format!(
            "POST / HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let answer = ask(server.connect().await, &post(11, "")).await;
    assert_eq!(status(&answer), "413");
    let answer = ask(server.connect().await, &post(10, "0123456789")).await;
    assert_eq!(status(&answer), "200");
    server.stop().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let limits = Limits {
        header_bytes: 8192,
        ..Limits::default()
    };
    let server = Running::start(server().limits(limits), hello()).await;
    let head = format!("GET / HTTP/1.1\r\nhost: test\r\nx: {}\r\n\r\n", "x".repeat(9000));
    assert_eq!(status(&ask(server.connect().await, &head).await), "431");
    server.stop().await;
}

#[tokio::test]
async fn quiet_connections_are_closed() {
    let short = Duration::from_millis(50);
    let check = async |limits: Limits, sent: &str, expected: &str| {
        let server = Running::start(server().limits(limits), hello()).await;
        // Returns because the server closes: the client never does.
        let answer = ask(server.connect().await, sent).await;
        assert_eq!(status(&answer), expected, "{sent}");
        server.stop().await;
    };
    let slow_heads = Limits {
        header_read: short,
        ..Limits::default()
    };
    check(slow_heads.clone(), "", "nothing").await;
    check(slow_heads, "GET / HT", "nothing").await;
    let idle = Limits {
        idle: short,
        ..Limits::default()
    };
    check(idle, "GET / HTTP/1.1\r\nhost: test\r\n\r\n", "200").await;
}

#[tokio::test]
async fn stopping_lets_requests_in_flight_finish() {
    let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (here, wait) = (Arc::clone(&arrived), Arc::clone(&go));
    let routes = Routes::new().get("/", move |_| {
        let (here, wait) = (Arc::clone(&here), Arc::clone(&wait));
        async move {
            here.notify_one();
            wait.notified().await;
            ok()
        }
    });
    let server = Running::start(server(), routes).await;
    let address = server.handle.bound().await;
    let idle = server.connect().await;
    let asking = tokio::spawn(ask(
        server.connect().await,
        "GET / HTTP/1.1\r\nhost: test\r\n\r\n",
    ));
    arrived.notified().await;
    server.stop.cancel();
    // The idle one is closed although a request is still in flight, and nobody new is let in.
    assert_eq!(rest(idle).await, "");
    assert!(TcpStream::connect(address).await.is_err());
    go.notify_one();
    assert_eq!(status(&asking.await.unwrap()), "200");
    server.stop().await;
}

#[tokio::test]
async fn stopping_cuts_what_does_not_finish() {
    let limits = Limits {
        drain: Duration::from_millis(20),
        ..Limits::default()
    };
    let arrived = Arc::new(Notify::new());
    let here = Arc::clone(&arrived);
    let routes = Routes::new().get("/", move |_| {
        here.notify_one();
        pending()
    });
    let server = Running::start(server().limits(limits), routes).await;
    let asking = tokio::spawn(ask(server.connect().await, get("/")));
    arrived.notified().await;
    let handle = server.handle.clone();
    server.stop().await;
    assert_eq!(asking.await.unwrap(), "");
    let report = handle.report();
    assert_eq!((report.connections, report.in_flight), (0, 0));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let server = Running::start(server().limits(limits), hello()).await;
    let first = server.connect().await;
    let second = tokio::spawn(ask(server.connect().await, get("/")));
    assert_eq!(status(&ask(first, get("/")).await), "200");
    assert_eq!(status(&second.await.unwrap()), "200");
    server.stop().await;
}

#[derive(Default)]
struct Journal {
    open: AtomicUsize,
    lines: Mutex<Vec<String>>,
}

impl Observe for Journal {
    fn begun(&self, _: &str) {
        self.open.fetch_add(1, Ordering::SeqCst);
    }

    fn ended(&self, route: &str, outcome: &Outcome) {
        self.open.fetch_sub(1, Ordering::SeqCst);
        let status = outcome.status.map(|status| status.as_u16());
        let line = format!("{route} {status:?} {}", outcome.panicked);
        self.lines.lock().unwrap().push(line);
    }
}

#[tokio::test]
async fn observers_learn_of_every_end() {
    let journal = Arc::new(Journal::default());
    let limits = Limits {
        drain: Duration::ZERO,
        ..Limits::default()
    };
    let arrived = Arc::new(Notify::new());
    let here = Arc::clone(&arrived);
    let routes = hello()
        .get("/panic/", |_| async { panic!("oops") })
        .get("/never", move |_| {
            here.notify_one();
            pending()
        });
    let server = server().limits(limits).observe(journal.clone());
    let server = Running::start(server, routes).await;
    for path in ["/", "/panic/x", "/unknown"] {
        ask(server.connect().await, get(path)).await;
    }
    let mut cut = server.connect().await;
    cut.write_all(get("/never").as_bytes()).await.unwrap();
    arrived.notified().await;
    server.stop().await;
    let lines = journal.lines.lock().unwrap().clone();
    assert_eq!(
        lines,
        ["/ Some(200) false", "/panic/ Some(500) true", "/never None false"]
    );
    assert_eq!(journal.open.load(Ordering::SeqCst), 0);
}

/// An authority of this test, and certificates it signs.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (
            params.signed_by(&key, &self.0).unwrap().pem(),
            key.serialize_pem(),
        )
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn pair(&self, name: &str) -> Pair {
        let (certificate, key) = self.issue(name);
        Pair::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
    }

    fn client(&self, own: Option<&(String, String)>, protocols: &[&str]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        use rustls::pki_types::pem::PemObject;
        let mut config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
                let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(vec![certificate], key).unwrap()
            }
        };
        config.alpn_protocols = protocols.iter().map(|one| one.as_bytes().to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

async fn shake(
    server: &Running,
    client: &TlsConnector,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let name = ServerName::try_from("web.shop.svc").unwrap();
    client.connect(name, server.connect().await).await
}

#[tokio::test]
async fn a_new_certificate_is_shown_from_the_next_handshake_on() {
    let (old, new) = (Authority::new(), Authority::new());
    let slot = Slot::empty();
    let server = Running::start(server().tls(Tls::new(slot.clone())), hello()).await;
    let (trusts_old, trusts_new) = (old.client(None, &[]), new.client(None, &[]));
    assert!(
        shake(&server, &trusts_old).await.is_err(),
        "there is no certificate yet"
    );
    slot.set(old.pair("web.shop.svc"));
    let open = shake(&server, &trusts_old).await.unwrap();
    slot.set(new.pair("web.shop.svc"));
    assert!(shake(&server, &trusts_old).await.is_err());
    let next = shake(&server, &trusts_new).await.unwrap();
    assert_eq!(status(&ask(open, get("/")).await), "200");
    assert_eq!(status(&ask(next, get("/")).await), "200");
    server.stop().await;
}

#[tokio::test]
async fn http2_is_spoken_only_where_it_was_asked_for() {
    let authority = Authority::new();
    let slot = Slot::empty();
    slot.set(authority.pair("web.shop.svc"));
    let client = authority.client(None, &["h2", "http/1.1"]);
    let check = async |tls: Tls, expected: &str| {
        let server = Running::start(server().tls(tls), hello()).await;
        let stream = shake(&server, &client).await.unwrap();
        let spoken = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        assert_eq!(spoken.as_deref(), Some(expected.as_bytes()));
        drop(stream);
        server.stop().await;
    };
    check(Tls::new(slot.clone()), "http/1.1").await;
    #[cfg(feature = "http2")]
    check(Tls::new(slot.clone()).http2(), "h2").await;
}

#[cfg(feature = "http2")]
#[tokio::test]
async fn requests_over_http2_are_answered_and_the_connection_ends_in_order() {
    use hyper::client::conn::http2;
    use hyper_util::rt::{TokioExecutor, TokioIo};

    let authority = Authority::new();
    let slot = Slot::empty();
    slot.set(authority.pair("web.shop.svc"));
    let server = Running::start(server().tls(Tls::new(slot).http2()), hello()).await;
    let stream = shake(&server, &authority.client(None, &["h2"])).await.unwrap();
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    let connection = tokio::spawn(connection);
    for (path, expected) in [("/", 200), ("/other", 404)] {
        let request = http::Request::get(format!("https://web.shop.svc{path}"));
        let answer = sender.send_request(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.unwrap().status(), expected);
    }
    server.stop().await;
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn clients_may_have_to_show_a_certificate() {
    let authority = Authority::new();
    let slot = Slot::empty();
    slot.set(authority.pair("web.shop.svc"));
    let tls = Tls::new(slot).clients(authority.0.pem());
    let routes = Routes::new().get("/", async |request: Request| {
        let peer = request.extensions().get::<Peer>().unwrap().clone();
        respond(StatusCode::OK, "text/plain", peer.certificates.len().to_string())
    });
    let server = Running::start(server().tls(tls), routes).await;
    let shown = authority.issue("client");
    let stream = shake(&server, &authority.client(Some(&shown), &[]))
        .await
        .unwrap();
    let answer = ask(stream, get("/")).await;
    assert!(answer.ends_with("\r\n\r\n1"), "{answer}");
    let foreign = Authority::new().issue("client");
    for own in [None, Some(&foreign)] {
        // In TLS 1.3 the refusal arrives after the client's side of the handshake is done.
        let answer = match shake(&server, &authority.client(own, &[])).await {
            Ok(mut stream) => {
                let _ = stream.write_all(get("/").as_bytes()).await;
                rest(stream).await
            }
            Err(_) => String::new(),
        };
        assert_eq!(answer, "");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_shake_hands_is_given_up() {
    let limits = Limits {
        handshake: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = server().tls(Tls::new(Slot::empty())).limits(limits);
    let server = Running::start(server, hello()).await;
    assert_eq!(rest(server.connect().await).await, "");
    assert_eq!(server.handle.report().handshake_errors, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_path_with_two_handlers_is_an_error_at_the_start() {
    let listener = server().listen().await.unwrap().unwrap();
    let error = listener
        .serve(hello().merge(hello()), pending())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "`GET /` is served by two handlers");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let taken = server().listen().await.unwrap().unwrap();
    let error = Server::new("second", taken.address().into())
        .listen()
        .await
        .unwrap_err();
    let expected = format!("failed to listen on `{}`", taken.address());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(Server::new("off", Address::OFF).listen().await.unwrap().is_none());
}
