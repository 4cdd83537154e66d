//! Bodies of requests and answers.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use http::StatusCode;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long a client may take to send the whole body of a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// The body of a request or an answer; can be made without a connection, for tests of handlers.
pub struct Body(UnsyncBoxBody<Bytes, BoxError>);

/// Why the body of a request was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It is longer than the handler takes.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// What the handler takes.
        limit: usize,
    },
    /// It did not come in time.
    #[error("the body did not arrive within {} s", PATIENCE.as_secs())]
    TooSlow,
    /// The connection broke, or what came is not HTTP.
    #[error("the body cannot be read: {0}")]
    Broken(#[source] BoxError),
}

impl Body {
    /// Returns a body without content.
    #[must_use]
    pub fn empty() -> Self {
        Self(Empty::new().map_err(|never| match never {}).boxed_unsync())
    }

    /// Returns a body of known content.
    #[must_use]
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        Self(
            Full::new(bytes.into())
                .map_err(|never| match never {})
                .boxed_unsync(),
        )
    }

    /// Returns a body that sends each item as soon as it is there.
    #[must_use]
    pub fn stream(stream: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        let frames = stream.map(|bytes| Ok::<_, BoxError>(Frame::data(bytes)));
        Self(StreamBody::new(frames).boxed_unsync())
    }

    /// Reads all of it, up to `limit` bytes and for no longer than 30 seconds.
    ///
    /// # Errors
    ///
    /// If it is too long, too slow or broken; [`Refused::status`] is the answer the client should get. A body whose
    /// length is announced and too large is refused before it is read.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, Refused> {
        let announced = hyper::body::Body::size_hint(&self.0).lower();
        if announced > limit as u64 {
            return Err(Refused::TooLarge { limit });
        }
        let whole = timeout(PATIENCE, self.read(limit)).await;
        whole.unwrap_or(Err(Refused::TooSlow))
    }

    async fn read(&mut self, limit: usize) -> Result<Bytes, Refused> {
        let mut whole = BytesMut::new();
        while let Some(frame) = self.0.frame().await {
            let frame = frame.map_err(Refused::Broken)?;
            // Trailers are nobody's business here.
            let Ok(data) = frame.into_data() else { continue };
            if data.len() > limit - whole.len() {
                return Err(Refused::TooLarge { limit });
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }
}

impl Refused {
    /// Returns the status a client should be told: 413, 408 or 400.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl From<hyper::body::Incoming> for Body {
    fn from(incoming: hyper::body::Incoming) -> Self {
        Self(incoming.map_err(Into::into).boxed_unsync())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::full(text)
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::full(text)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::full(bytes)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::full(bytes)
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_is_read_up_to_its_limit() {
        let parts = |count| futures::stream::iter(std::iter::repeat_n(Bytes::from_static(b"1234"), count));
        assert_eq!(Body::stream(parts(2)).bytes(8).await.unwrap().len(), 8);
        let refused = Body::stream(parts(3)).bytes(8).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let refused = Body::full("123456789").bytes(8).await.unwrap_err();
        assert_eq!(refused.to_string(), "the body is larger than 8 bytes");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_is_given_up() {
        let refused = Body::stream(futures::stream::pending())
            .bytes(8)
            .await
            .unwrap_err();
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
