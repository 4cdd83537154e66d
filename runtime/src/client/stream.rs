//! Answers that are read as they come.

use std::borrow::Cow;
use std::io;
use std::pin::Pin;

use futures::{AsyncBufRead, TryStreamExt};
use http::header::ACCEPT_ENCODING;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use kube::core::Status;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::passed;

/// The body of an answer.
pub(crate) type Stream = Pin<Box<dyn AsyncBufRead + Send>>;

/// Sends a request and returns the body of its answer.
///
/// kube's `request_stream` does the same, but for what it makes of errors on the way: see [`passed`].
///
/// # Errors
///
/// If the server refuses, or cannot be reached.
pub(crate) async fn stream(client: &Client, request: Request<Vec<u8>>) -> kube::Result<Stream> {
    let answer = client.send(request.map(Body::from)).await?;
    let status = answer.status();
    let body = answer.into_body();
    if status.is_client_error() || status.is_server_error() {
        let text = body.collect_bytes().await?;
        return Err(kube::Error::Api(refusal(status, &text).boxed()));
    }
    let parts = body.into_data_stream();
    let parts = parts.map_err(|error| io::Error::other(passed(error)));
    Ok(Box::pin(parts.into_async_read()))
}

/// Sends the request of a watch and returns its lines.
///
/// # Errors
///
/// As [`stream`].
pub(crate) async fn watch(client: &Client, mut request: Request<Vec<u8>>) -> kube::Result<Stream> {
    // Newer servers compress each event by itself, which the client's decoder does not expect.
    let identity = HeaderValue::from_static("identity");
    request.headers_mut().insert(ACCEPT_ENCODING, identity);
    stream(client, request).await
}

/// One line of a watch, its object still raw.
#[derive(Deserialize)]
pub(crate) struct Event<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) object: &'a RawValue,
}

/// Reads what a server says when it refuses; what stands between it and us may say anything.
fn refusal(status: StatusCode, text: &[u8]) -> Status {
    serde_json::from_slice(text).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(text);
        Status::failure(text.trim(), "Failed to parse error data").with_code(status.as_u16())
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::AsyncReadExt;
    use http::Response;

    use super::*;
    use crate::Error;

    async fn answered(code: u16, text: &'static str) -> kube::Result<Stream> {
        let service = tower::service_fn(move |_: Request<Body>| async move {
            let answer = Response::builder().status(code);
            Ok::<_, Infallible>(answer.body(Body::from(text.as_bytes().to_vec())).unwrap())
        });
        let client = Client::new(service, "default");
        stream(&client, Request::get("/").body(Vec::new()).unwrap()).await
    }

    #[tokio::test]
    async fn an_answer_is_read_and_a_refusal_told() {
        let mut text = String::new();
        let mut body = answered(200, "a\nb").await.unwrap();
        body.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "a\nb");
        let check = async |code, text, message: &str| {
            let error = Error::from(answered(code, text).await.err().unwrap());
            let status = error.status().unwrap();
            assert_eq!((status.code, status.message.as_str()), (code, message));
        };
        check(410, r#"{"code": 410, "message": "too old"}"#, "too old").await;
        check(502, "<p>bad gateway\n", "<p>bad gateway").await;
    }

    #[tokio::test]
    async fn what_breaks_on_the_way_keeps_its_cause() {
        let service = tower::service_fn(|_: Request<Body>| async {
            let parts = futures::stream::iter([Err::<http_body::Frame<bytes::Bytes>, _>(io::Error::from(
                io::ErrorKind::ConnectionReset,
            ))]);
            Ok::<_, Infallible>(Response::new(http_body_util::StreamBody::new(parts)))
        });
        let client = Client::new(service, "default");
        let body = stream(&client, Request::get("/").body(Vec::new()).unwrap()).await;
        let broken = body.unwrap().read_to_end(&mut Vec::new()).await.unwrap_err();
        let cause = broken
            .get_ref()
            .and_then(|cause| cause.downcast_ref::<io::Error>());
        assert_eq!(cause.unwrap().kind(), io::ErrorKind::ConnectionReset);
    }
}
