//! What happens to a request.

use std::io;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{Request, Response};
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::time::sleep;
use tower::{BoxError, Service, ServiceExt};

use super::plan::{Connection, Verdict};
use super::{Asked, Fault, FaultBody, Faults, Verb, rival, watched};

/// A service with [`Faults`] in front of it.
#[derive(Clone, Debug)]
pub struct FaultService<S> {
    faults: Faults,
    inner: S,
}

impl<S> FaultService<S> {
    pub(super) fn new(faults: Faults, inner: S) -> Self {
        Self { faults, inner }
    }
}

impl<S, A, B> Service<Request<A>> for FaultService<S>
where
    S: Service<Request<A>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    A: Send + 'static,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<FaultBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<FaultBody>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let asked = Asked::of(&request);
        let verdict = self.faults.judge(&asked);
        let journey = Journey {
            connection: self.faults.connect(verdict.number, &asked),
            verdict,
            faults: self.faults.clone(),
            asked,
        };
        Box::pin(journey.go(self.inner.clone(), request))
    }
}

/// One request on its way.
struct Journey {
    faults: Faults,
    asked: Asked,
    verdict: Verdict,
    connection: Connection,
}

impl Journey {
    async fn go<S, A, B>(mut self, inner: S, request: Request<A>) -> Result<Response<FaultBody>, BoxError>
    where
        S: Service<Request<A>, Response = Response<B>> + Send,
        S::Error: Into<BoxError>,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (asked, number) = (self.asked.clone(), self.verdict.number);
        let faults = self.faults.clone();
        let fault = self.verdict.fault.take();
        match &fault {
            Some(Fault::Refused { code, retry_after }) => return refusal(*code, *retry_after),
            Some(Fault::RequestLost) => return Err(reset("before the request was sent")),
            Some(Fault::Expired) => return watched::expired(),
            Some(Fault::Closed) => return Ok(Response::new(FaultBody::full(Bytes::new()))),
            Some(Fault::Slow(delay)) => sleep(*delay).await,
            Some(Fault::Raced) => {
                if let Some(client) = &self.verdict.rival {
                    rival::touch(client, &asked).await;
                }
            }
            Some(Fault::Stale) => {
                if let Some(list) = faults.memory(|memory| memory.first(&asked)) {
                    return json_response(200, list);
                }
            }
            _ => {}
        }
        let answer = tokio::select! {
            biased;
            () = self.connection.broken() => return Err(reset("before the answer came")),
            answer = inner.oneshot(request) => answer.map_err(Into::into)?,
        };
        faults.answered(number, answer.status().as_u16());
        let is_ok = answer.status().is_success();
        let (head, body) = answer.into_parts();
        if asked.verb == Verb::Watch && is_ok {
            let body = watched::spoil(body, fault, self.connection);
            return Ok(Response::from_parts(head, body));
        }
        let bytes = body.collect().await.map_err(Into::into)?.to_bytes();
        match fault {
            Some(Fault::ResponseLost) => return Err(reset("before the answer came")),
            Some(Fault::Unanswered) => {
                self.connection.broken().await;
                return Err(reset("before the answer came"));
            }
            _ => {}
        }
        if asked.verb == Verb::List && is_ok {
            faults.memory(|memory| memory.took(&asked, &bytes));
        }
        Ok(Response::from_parts(head, FaultBody::full(bytes)))
    }
}

/// The error of a connection that broke.
pub(super) fn reset(when: &str) -> BoxError {
    let message = format!("the connection was reset {when}");
    io::Error::new(io::ErrorKind::ConnectionReset, message).into()
}

fn refusal(code: u16, retry_after: Option<u32>) -> Result<Response<FaultBody>, BoxError> {
    let reason = match code {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "Unknown",
    };
    let mut status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": "a fault was injected", "reason": reason, "code": code,
    });
    if let Some(seconds) = retry_after {
        status["details"] = json!({"retryAfterSeconds": seconds});
    }
    let mut response = json_response(code, status.to_string().into())?;
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

fn json_response(code: u16, body: Bytes) -> Result<Response<FaultBody>, BoxError> {
    let response = Response::builder()
        .status(code)
        .header(CONTENT_TYPE, "application/json")
        .body(FaultBody::full(body))?;
    Ok(response)
}
