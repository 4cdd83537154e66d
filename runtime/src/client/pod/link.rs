//! A connection that is driven by whoever uses it.
//!
//! HTTP/1.1 answers one request after the other, so a connection belongs to one request at a time, and to one watch for
//! as long as that lasts. It is driven by the task that waits for the answer, not by a task beside it: an event wakes
//! one task, not two that wake each other on different threads. `bench/README.md` has the numbers.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{SendRequest, handshake};

use super::bell::Bell;
use super::line::Line;
use super::pool::Pool;

/// A connection that answers one request at a time.
pub(super) struct Link {
    sender: SendRequest<Full<Bytes>>,
    /// Until it is closed or broken; who waits for something of it is told then.
    connection: Option<BoxFuture<'static, hyper::Result<()>>>,
    bell: Arc<Bell>,
}

/// The body of an answer, and the connection by which it comes.
pub(super) struct Answer {
    body: Incoming,
    /// Until the body has ended.
    link: Option<Link>,
    /// Where the connection goes then.
    pool: Arc<Pool>,
}

impl Link {
    pub(super) async fn new(line: Line) -> hyper::Result<Self> {
        let (sender, connection) = handshake(line).await?;
        Ok(Self {
            sender,
            connection: Some(Box::pin(connection.with_upgrades())),
            bell: Arc::default(),
        })
    }

    /// Returns whether a request could be answered, as far as is known without asking the peer.
    pub(super) fn is_open(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.connection.is_some()
    }

    /// Sends a request and returns its answer, whose body goes on to use the connection.
    ///
    /// # Errors
    ///
    /// If the connection breaks before the head of the answer is there. The error has the request if not a byte of it
    /// was sent.
    pub(super) async fn send(
        mut self,
        request: Request<Full<Bytes>>,
        pool: Arc<Pool>,
    ) -> Result<Response<Answer>, TrySendError<Request<Full<Bytes>>>> {
        let mut sending = pin!(self.sender.try_send_request(request));
        let bell = Arc::clone(&self.bell);
        let answer = poll_fn(|cx| {
            bell.poll(cx, |cx| {
                self.drive(cx);
                sending.as_mut().poll(cx)
            })
        });
        let answer = answer.await?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            self.hand_over();
        }
        Ok(answer.map(|body| Answer::new(body, self, pool)))
    }

    /// Lets go of a connection that goes on with another protocol: nobody reads the body of such an answer.
    fn hand_over(&mut self) {
        if let Some(connection) = self.connection.take() {
            tokio::spawn(connection);
        }
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection
            && connection.as_mut().poll(cx).is_ready()
        {
            self.connection = None;
        }
    }
}

impl Answer {
    fn new(body: Incoming, link: Link, pool: Arc<Pool>) -> Self {
        let mut answer = Self {
            link: Some(link),
            body,
            pool,
        };
        if answer.body.is_end_stream() {
            answer.end();
        }
        answer
    }

    /// Frees the connection for the next request.
    fn end(&mut self) {
        if let Some(link) = self.link.take() {
            self.pool.put(link);
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let answer = self.get_mut();
        let Some(link) = &mut answer.link else {
            return Poll::Ready(None);
        };
        let bell = Arc::clone(&link.bell);
        let frame = bell.poll(cx, |cx| {
            link.drive(cx);
            Pin::new(&mut answer.body).poll_frame(cx)
        });
        match &frame {
            Poll::Ready(None) => answer.end(),
            Poll::Ready(Some(Err(_))) => answer.link = None,
            _ => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.link.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
