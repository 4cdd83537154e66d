//! One connection: handshake, requests, and the end of it.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use http::StatusCode;
use hyper_util::rt::TokioIo;
use rustls::ServerConnection;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use super::observe::Observed;
use super::protocol::{self, Answers, Protocol, Stream};
use super::pulse::{Felt, InFlight, Pulse, Sending};
use super::report::{Counted, Counters};
use super::routes::{Found, respond};
use super::{Limits, Observe, Peer, Response, Routes};

/// What every connection of a server shares.
pub(super) struct Front {
    pub(super) acceptor: Option<TlsAcceptor>,
    /// How HTTP/2 is spoken, where it is.
    pub(super) http2: Option<Protocol>,
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
            return Arc::clone(&self).converse(Box::new(stream), peer, None).await;
        };
        let shaken = tokio::select! {
            shaken = timeout(self.limits.handshake, acceptor.accept(stream)) => shaken,
            () = self.finish.cancelled() => return,
        };
        match shaken {
            Ok(Ok(tls)) => {
                let session = tls.get_ref().1;
                let (peer, http2) = (peer(session, from), self.http2.filter(|_| is_http2(session)));
                Arc::clone(&self).converse(Box::new(tls), peer, http2).await;
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

    async fn converse(self: Arc<Self>, stream: Box<dyn Stream>, peer: Peer, http2: Option<Protocol>) {
        let pulse = Pulse::new(http2.is_some());
        let line = TokioIo::new(Felt::new(stream, pulse.clone()));
        let from = peer.address;
        let answers = Answers {
            front: Arc::clone(&self),
            peer,
            pulse: pulse.clone(),
        };
        let mut connection = http2.unwrap_or(protocol::http1)(line, answers, &self.limits);
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
                    connection.as_mut().finish();
                }
                () = self.cut.cancelled() => return,
                () = pulse.stopped(&self.limits) => return debug!(%from, "closed a quiet connection"),
            }
        }
    }

    pub(super) async fn answer(
        &self,
        request: super::Request,
        in_flight: InFlight,
    ) -> http::Response<Sending> {
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
