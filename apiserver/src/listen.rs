//! Serving over TLS: HTTP/2 and HTTP/1.1 on one port.
//!
//! Generic over the service; what the service gets besides the request is a [`Peer`] in its extensions.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, ServiceExt};
use tracing::debug;

use crate::authn::Peer;
use crate::tls::{Authority, ClientCertificates};

/// Every watch is a stream, and one client may hold hundreds over one connection.
const MAX_STREAMS: u32 = 10_000;
/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long requests in flight may take to end once the server stops; watches are cut then.
const DRAIN: Duration = Duration::from_secs(1);

/// A listening server; stops when told to, or when dropped.
#[derive(Debug)]
pub struct Endpoint {
    /// Address it listens on, with the port the system chose if none was asked for.
    pub address: SocketAddr,
    /// URL clients use.
    pub url: String,
    /// Certificate clients have to trust.
    pub ca_pem: String,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Endpoint {
    /// Stops accepting, lets requests in flight end for a second, cuts what is left, and returns when all is closed.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Serves `service` on `address`; port 0 lets the system choose one.
///
/// The serving certificate is for this machine, the cluster's service names, and the address.
///
/// # Errors
///
/// If the address cannot be bound, or no certificate can be made.
pub async fn listen<S, B>(address: SocketAddr, authority: &Authority, service: S) -> io::Result<Endpoint>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let (config, clients) = authority.server_config(&[address.ip().to_string()])?;
    let front = Front {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        clients,
        service,
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
    };
    let endpoint = Endpoint {
        address,
        url: format!("https://{}", reachable(address)),
        ca_pem: authority.pem(),
        stop: front.stop.clone(),
        tasks: front.tasks.clone(),
    };
    front.tasks.spawn(front.clone().accept(listener));
    front.tasks.close();
    Ok(endpoint)
}

/// Nobody can connect to "any address": such a server is reached over the loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let loopback: std::net::IpAddr = if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        };
        address.set_ip(loopback);
    }
    address
}

/// What every connection shares.
#[derive(Clone)]
struct Front<S> {
    acceptor: TlsAcceptor,
    clients: Arc<ClientCertificates>,
    service: S,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl<S, B> Front<S>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    async fn accept(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.cancelled() => return,
            };
            match accepted {
                Ok((stream, from)) => {
                    self.tasks.spawn(self.clone().serve(stream, from));
                }
                Err(error) => {
                    // Most often too many open files: others have to close first.
                    debug!(%error, "failed to accept a connection");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }

    async fn serve(self, stream: TcpStream, from: SocketAddr) {
        // Watch events are small and must not wait for each other.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, %from, "failed to switch off delays");
        }
        let tls = match timeout(HANDSHAKE, self.acceptor.accept(stream)).await {
            Ok(Ok(tls)) => tls,
            Ok(Err(error)) => return debug!(%error, %from, "failed to shake hands"),
            Err(_) => return debug!(%from, "gave up waiting for a handshake"),
        };
        let peer = self.clients.peer(tls.get_ref().1.peer_certificates());
        let inner = self.service;
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert::<Peer>(peer.clone());
            inner.clone().oneshot(request)
        });
        let builder = builder();
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(tls), service));
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                timeout(DRAIN, connection).await.unwrap_or(Ok(()))
            }
        };
        if let Err(error) = served {
            debug!(%error, %from, "connection ended early");
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder
        .http2()
        .timer(TokioTimer::new())
        .adaptive_window(true)
        .max_concurrent_streams(MAX_STREAMS);
    builder
}
