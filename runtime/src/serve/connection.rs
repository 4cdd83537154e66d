//! One connection: handshake, requests, and the end of it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

use futures::FutureExt;
use http::StatusCode;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use super::observe::Observed;
use super::pulse::{Felt, InFlight, Pulse, Sending};
use super::report::{Counted, Counters};
use super::routes::{Found, respond};
use super::{Body, Limits, Observe, Peer, Response, Routes};

/// How many streams a client may have open at once over HTTP/2.
const MAX_STREAMS: u32 = 250;

/// What every connection of a server shares.
pub(super) struct Front {
    pub(super) acceptor: Option<TlsAcceptor>,
    pub(super) routes: Routes,
    pub(super) limits: Limits,
    pub(super) observers: Arc<[Arc<dyn Observe>]>,
    pub(super) counters: Arc<Counters>,
    /// Finish what is in flight, take nothing more.
    pub(super) finish: CancellationToken,
    /// End now.
    pub(super) cut: CancellationToken,
}

impl Front {
    /// Serves a connection until either side ends it.
    pub(super) async fn take(self: Arc<Self>, stream: TcpStream, from: SocketAddr) {
        let Some(acceptor) = &self.acceptor else {
            let peer = Peer {
                address: from,
                certificates: Arc::default(),
            };
            return Arc::clone(&self).converse(stream, peer, false).await;
        };
        let shaken = tokio::select! {
            shaken = timeout(self.limits.handshake, acceptor.accept(stream)) => shaken,
            () = self.finish.cancelled() => return,
        };
        match shaken {
            Ok(Ok(tls)) => {
                let (peer, http2) = (peer(tls.get_ref().1, from), is_http2(tls.get_ref().1));
                Arc::clone(&self).converse(tls, peer, http2).await;
            }
            Ok(Err(error)) => {
                Counters::count(&self.counters.handshake_errors);
                debug!(%error, %from, "failed to shake hands");
            }
            Err(_) => {
                Counters::count(&self.counters.handshake_errors);
                debug!(%from, "gave up waiting for a handshake");
            }
        }
    }

    async fn converse<I>(self: Arc<Self>, stream: I, peer: Peer, http2: bool)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = Pulse::new(http2);
        let io = TokioIo::new(Felt::new(stream, pulse.clone()));
        let from = peer.address;
        let (front, beginning) = (Arc::clone(&self), pulse.clone());
        let service = service_fn(move |mut request: http::Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            let (front, in_flight) = (Arc::clone(&front), beginning.begin());
            async move { Ok::<_, Infallible>(front.answer(request.map(Body::from), in_flight).await) }
        });
        let builder = self.builder(http2);
        let mut connection = pin!(builder.serve_connection(io, service));
        let mut finishing = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        debug!(%error, %from, "the connection ended early");
                    }
                    return;
                }
                () = self.finish.cancelled(), if !finishing => {
                    finishing = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = self.cut.cancelled() => return,
                () = pulse.stopped(&self.limits) => return debug!(%from, "closed a quiet connection"),
            }
        }
    }

    async fn answer(&self, request: super::Request, in_flight: InFlight) -> http::Response<Sending> {
        Counters::count(&self.counters.requests);
        let _counted = Counted::new(&self.counters, |counters| &counters.in_flight);
        let response = match self.routes.find(request.method(), request.uri().path()) {
            Found::Not(response) => response,
            Found::Handler { route, handler } => {
                let mut observed = Observed::begin(Arc::clone(&self.observers), Arc::clone(&route));
                // The handler may panic before it returns its future, too.
                let answered = AssertUnwindSafe(async { handler(request).await });
                let answered = answered.catch_unwind().await;
                let panicked = answered.is_err();
                let response = answered.unwrap_or_else(|panic| self.panicked(&route, panic.as_ref()));
                observed.answered(response.status(), panicked);
                response
            }
        };
        response.map(|body| Sending::new(body, in_flight))
    }

    fn panicked(&self, route: &str, panic: &(dyn std::any::Any + Send)) -> Response {
        Counters::count(&self.counters.panics);
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        error!(
            route,
            "a handler panicked: {}",
            text.unwrap_or("without a message")
        );
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        respond(status, "text/plain", "the handler panicked\n")
    }

    fn builder(&self, http2: bool) -> Builder<TokioExecutor> {
        let builder = Builder::new(TokioExecutor::new());
        let mut builder = if http2 {
            builder.http2_only()
        } else {
            builder.http1_only()
        };
        let header_bytes = self.limits.header_bytes;
        builder
            .http1()
            .timer(TokioTimer::new())
            // The pulse of the connection watches over heads.
            .header_read_timeout(None)
            .max_buf_size(header_bytes.max(8192));
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(u32::try_from(header_bytes).unwrap_or(u32::MAX))
            .max_concurrent_streams(MAX_STREAMS);
        builder
    }
}

fn peer(tls: &ServerConnection, address: SocketAddr) -> Peer {
    let shown = tls.peer_certificates().unwrap_or_default();
    Peer {
        address,
        certificates: shown.iter().map(|one| one.as_ref().to_vec()).collect(),
    }
}

fn is_http2(tls: &ServerConnection) -> bool {
    tls.alpn_protocol() == Some(b"h2")
}
