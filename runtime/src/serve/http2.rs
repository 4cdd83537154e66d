//! HTTP/2, for programs that ask for it.

use std::pin::Pin;

use hyper::server::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::Limits;
use super::protocol::{Answers, Line, Talk};

/// How many streams a client may have open at once.
const MAX_STREAMS: u32 = 250;

/// Talks HTTP/2.
pub(super) fn http2(line: Line, answers: Answers, limits: &Limits) -> Pin<Box<dyn Talk>> {
    let talk = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(MAX_STREAMS)
        .serve_connection(line, answers);
    Box::pin(talk)
}

impl Talk for http2::Connection<Line, Answers, TokioExecutor> {
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}
