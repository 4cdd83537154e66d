//! Connections that wait for their next request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::client::conn::TrySendError;
use tokio::time::Instant;
use tower::BoxError;

use super::line::Connector;
use super::link::{Answer, Link};

/// How long a connection waits at most: API servers close theirs after 90 seconds, and should not do it under a request.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// Connections to one server, as many as there are requests at once.
///
/// None is watched over while it waits: that it was closed is seen when it is taken.
pub(super) struct Pool {
    connector: Connector,
    /// The one used last is the last.
    idle: Mutex<Vec<(Instant, Link)>>,
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Self {
        Self {
            connector,
            idle: Mutex::default(),
        }
    }

    /// Sends a request by a connection that waits, or a new one.
    ///
    /// # Errors
    ///
    /// If there is no connection to be had, or it breaks before the head of the answer is there.
    pub(super) async fn send(
        self: &Arc<Self>,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Answer>, BoxError> {
        while let Some(link) = self.take() {
            match link.send(request, Arc::clone(self)).await {
                Ok(answer) => return Ok(answer),
                Err(mut error) => match error.take_message() {
                    // It closed while it waited.
                    Some(unsent) => request = unsent,
                    None => return Err(error.into_error().into()),
                },
            }
        }
        let link = Link::new(self.connector.connect().await?).await?;
        let answer = link.send(request, Arc::clone(self)).await;
        Ok(answer.map_err(TrySendError::into_error)?)
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, link: Link) {
        self.change(|idle| idle.push((Instant::now(), link)));
    }

    fn take(&self) -> Option<Link> {
        loop {
            let (_, mut link) = self.change(Vec::pop)?;
            if link.is_open() {
                return Some(link);
            }
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<(Instant, Link)>) -> T) -> T {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(since, _)| since.elapsed() < IDLE);
        change(&mut idle)
    }
}
