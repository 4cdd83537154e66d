//! Requests of a pod: addressed, signed with its token, and sent again if the server is too busy.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use kube::client::Body;
use tokio::time::sleep;
use tower::BoxError;
use tracing::debug;

use super::Place;
use super::line::Connector;
use super::link::Answer;
use super::pool::Pool;
use super::token::Token;
use crate::Result;
use crate::error::passed;

/// How often a request is sent again at most, as in client-go.
const AGAIN: usize = 10;

/// Sends requests to the API server; clones share connections and the token.
#[derive(Clone)]
pub(super) struct Pod {
    pool: Arc<Pool>,
    token: Arc<Token>,
    host: HeaderValue,
}

impl Pod {
    pub(super) fn new(connector: Connector, token: Token, place: &Place) -> Result<Self> {
        Ok(Self {
            pool: Arc::new(Pool::new(connector)),
            token: Arc::new(token),
            host: HeaderValue::from_str(&place.authority())?,
        })
    }

    /// Sends a request. While the server answers that it is too busy and says when to come back, that is done: nothing
    /// was carried out then.
    pub(super) async fn send(self, request: Request<Body>) -> Result<Response<Answer>, BoxError> {
        let (mut head, body) = request.into_parts();
        let body = body.collect_bytes().await.map_err(passed)?;
        // The server is known: a request to it names a path.
        head.uri = head
            .uri
            .path_and_query()
            .cloned()
            .map_or_else(Uri::default, Uri::from);
        head.headers.insert(HOST, self.host.clone());
        for _ in 0..AGAIN {
            let request = Request::from_parts(head.clone(), Full::new(body.clone()));
            let answer = self.send_once(request).await?;
            let Some(wait) = wait(&answer) else {
                return Ok(answer);
            };
            debug!(
                ?wait,
                "the API server is too busy for `{} {}`",
                head.method,
                head.uri.path()
            );
            // The connection cannot be used again before this answer is read or given up.
            drop(answer);
            sleep(wait).await;
        }
        self.send_once(Request::from_parts(head, Full::new(body))).await
    }

    async fn send_once(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Answer>, BoxError> {
        let token = || self.token.header();
        request.headers_mut().entry(AUTHORIZATION).or_insert_with(token);
        let answer = self.pool.send(request).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            self.token.refused();
        }
        Ok(answer)
    }
}

/// Returns how long a server that is too busy wants to be left alone.
fn wait<B>(answer: &Response<B>) -> Option<Duration> {
    let status = answer.status();
    if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
        return None;
    }
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_busy_server_that_says_when_is_asked_again() {
        let check = |code: u16, after: Option<&str>, expected: Option<u64>| {
            let answer = Response::builder().status(code);
            let answer = match after {
                Some(after) => answer.header(RETRY_AFTER, after),
                None => answer,
            };
            let answer = answer.body(()).unwrap();
            assert_eq!(
                wait(&answer),
                expected.map(Duration::from_secs),
                "{code} {after:?}"
            );
        };
        check(429, Some("7"), Some(7));
        check(503, Some("1"), Some(1));
        check(429, None, None);
        check(504, None, None);
        check(503, Some("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        check(409, Some("1"), None);
        check(200, Some("1"), None);
    }
}
