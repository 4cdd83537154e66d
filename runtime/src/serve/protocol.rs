//! What is spoken on a connection: HTTP/1.1, or HTTP/2 where it was asked for.
//!
//! HTTP/2 is reached through `Tls::http2` alone, as a function it hands on; it is in a file, and behind a feature, of its
//! own.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use hyper::body::Incoming;
use hyper::server::conn;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::Front;
use super::pulse::{Felt, Pulse, Sending};
use super::{Body, Limits, Peer};

/// Bytes both ways, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A stream whose pulse is felt.
pub(super) type Line = TokioIo<Felt<Box<dyn Stream>>>;

/// Requests and answers until either side ends it.
pub(super) trait Talk: Future<Output = hyper::Result<()>> + Send {
    /// Lets what is in flight finish, takes nothing more.
    fn finish(self: Pin<&mut Self>);
}

/// How to talk.
pub(super) type Protocol = fn(Line, Answers, &Limits) -> Pin<Box<dyn Talk>>;

/// What answers the requests of one connection.
pub(super) struct Answers {
    pub(super) front: Arc<Front>,
    pub(super) peer: Peer,
    pub(super) pulse: Pulse,
}

/// HTTP/1.1.
pub(super) fn http1(line: Line, answers: Answers, limits: &Limits) -> Pin<Box<dyn Talk>> {
    let talk = conn::http1::Builder::new()
        .timer(TokioTimer::new())
        // The pulse of the connection watches over heads.
        .header_read_timeout(None)
        .max_buf_size(limits.header_bytes.max(8192))
        .serve_connection(line, answers);
    Box::pin(talk)
}

impl Talk for conn::http1::Connection<Line, Answers> {
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl Service<http::Request<Incoming>> for Answers {
    type Response = http::Response<Sending>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, mut request: http::Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer.clone());
        let (front, in_flight) = (Arc::clone(&self.front), self.pulse.begin());
        async move { Ok(front.answer(request.map(Body::from), in_flight).await) }.boxed()
    }
}
