//! The body of an answer: known bytes, or what is left of a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::{BoxStream, Stream, StreamExt};
use http_body::Frame;
use tower::BoxError;

/// The body of an answer that came through [`Faults`](super::Faults).
pub struct FaultBody(BoxStream<'static, Result<Bytes, BoxError>>);

impl FaultBody {
    pub(super) fn full(bytes: Bytes) -> Self {
        Self::stream(futures::stream::iter([Ok(bytes)]))
    }

    pub(super) fn stream(stream: impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static) -> Self {
        Self(stream.boxed())
    }
}

impl http_body::Body for FaultBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = self.0.as_mut().poll_next(context);
        next.map(|next| next.map(|item| item.map(Frame::data)))
    }
}

impl fmt::Debug for FaultBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultBody").finish_non_exhaustive()
    }
}
