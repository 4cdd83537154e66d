//! Posting one review and reading the answer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use serde_json::Value;
use tower::ServiceExt as _;

use super::answer;
use super::client::Client;
use super::sockets::Sockets;
use crate::environment::Environment;
use crate::store::Store;

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 3 * 1024 * 1024;

/// Who calls, as the webhook sees it.
const AGENT: &str = "kube-apiserver-admission";

impl Default for Caller {
    fn default() -> Self {
        Self::Sockets(Sockets)
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Answered = Pin<Box<dyn Future<Output = Result<Response<Bytes>, String>> + Send>>;

/// A service that answers webhook calls in place of the network.
#[derive(Clone)]
pub(crate) struct Service(Arc<dyn Fn(Request<Full<Bytes>>) -> Answered + Send + Sync>);

/// Calls webhooks.
#[derive(Debug)]
pub(crate) enum Caller {
    /// Over TLS.
    Sockets(Sockets),
    /// In process.
    Service(Service),
}

impl Service {
    pub(crate) fn new<S, B>(service: S) -> Self
    where
        S: tower::Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Arc::new(move |request| {
            let service = service.clone();
            Box::pin(async move {
                let answer = service.oneshot(request).await;
                let answer = answer.map_err(|error| error.into().to_string())?;
                collect(answer).await
            })
        }))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

impl Caller {
    /// Posts `body` and returns the JSON of the answer, waiting no longer than `patience`.
    ///
    /// # Errors
    /// The real server's words for what went wrong, without saying which webhook it was.
    pub(crate) async fn post(
        &self,
        (store, environment): (&Store, &Environment),
        client: &Client,
        body: &Value,
        patience: Duration,
    ) -> Result<Value, String> {
        let url = format!("{}?timeout={}s", client.url, patience.as_secs());
        let failed = |why: String| format!("Post {url:?}: {why}");
        let request = request(&url, body).map_err(failed)?;
        let call = async {
            match self {
                Self::Sockets(sockets) => sockets.call(store, environment, client, request).await,
                Self::Service(service) => (service.0)(request).await,
            }
        };
        let answer = tokio::time::timeout(patience, call).await;
        let answer = answer.unwrap_or_else(|_| Err("context deadline exceeded".to_owned()));
        answer::read(answer.map_err(failed)?)
    }
}

fn request(url: &str, body: &Value) -> Result<Request<Full<Bytes>>, String> {
    let request = Request::post(url)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "application/json, */*")
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(body.to_string()));
    request.map_err(|error| error.to_string())
}

/// Reads a whole answer, as far as one is read.
pub(super) async fn collect<B>(answer: Response<B>) -> Result<Response<Bytes>, String>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_LIMIT).collect().await;
    let body = body.map_err(|error| error.to_string())?;
    Ok(Response::from_parts(head, body.to_bytes()))
}
