//! When a connection has been quiet for too long.
//!
//! hyper has one time-out for heads; it also runs between requests, so that it cannot be both short for a slow head
//! and long for an idle connection. Here the two are told apart, and clients that do not read are noticed too.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::{Body, Limits};

/// What a connection is doing; clones are about the same one.
#[derive(Clone)]
pub(super) struct Pulse {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    /// Frames come at any time in HTTP/2, so that bytes do not mean a head.
    heads: bool,
    in_flight: usize,
    head_since: Option<Instant>,
    idle_since: Instant,
    blocked_since: Option<Instant>,
}

/// A request in flight, until its answer has been handed to the connection.
pub(super) struct InFlight(Pulse);

impl Pulse {
    /// Returns the pulse of a connection that was just opened: its first head is due.
    pub(super) fn new(http2: bool) -> Self {
        let now = Instant::now();
        let state = State {
            heads: !http2,
            in_flight: 0,
            head_since: (!http2).then_some(now),
            idle_since: now,
            blocked_since: None,
        };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                changed: Notify::new(),
            }),
        }
    }

    /// Notes that a request has arrived.
    pub(super) fn begin(&self) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.head_since = None;
        drop(state);
        self.shared.changed.notify_one();
        InFlight(self.clone())
    }

    /// Waits until something has taken longer than it may.
    pub(super) async fn stopped(&self, limits: &Limits) {
        loop {
            let changed = self.shared.changed.notified();
            let deadline = self.state().deadline(limits);
            let Some(deadline) = deadline else {
                changed.await;
                continue;
            };
            tokio::select! {
                () = sleep_until(deadline) => {
                    // Bytes may have come while this slept.
                    if self.state().deadline(limits).is_some_and(|deadline| deadline <= Instant::now()) {
                        return;
                    }
                }
                () = changed => {}
            }
        }
    }

    fn read(&self) {
        let mut state = self.state();
        if state.heads && state.in_flight == 0 && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
            drop(state);
            self.shared.changed.notify_one();
        }
    }

    fn wrote(&self, blocked: bool) {
        let mut state = self.state();
        if state.blocked_since.is_some() == blocked {
            return;
        }
        state.blocked_since = blocked.then(Instant::now);
        drop(state);
        self.shared.changed.notify_one();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn deadline(&self, limits: &Limits) -> Option<Instant> {
        if let Some(since) = self.blocked_since {
            return Some(since + limits.stalled);
        }
        if self.in_flight > 0 {
            return None;
        }
        Some(match self.head_since {
            Some(since) => since + limits.header_read,
            None => self.idle_since + limits.idle,
        })
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        state.idle_since = Instant::now();
        drop(state);
        self.0.shared.changed.notify_one();
    }
}

/// A stream that tells a pulse what goes through it.
pub(super) struct Felt<T> {
    inner: T,
    pulse: Pulse,
}

impl<T> Felt<T> {
    pub(super) fn new(inner: T, pulse: Pulse) -> Self {
        Self { inner, pulse }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Felt<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.pulse.read();
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Felt<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.pulse.wrote(wrote.is_pending());
        wrote
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(context);
        self.pulse.wrote(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.pulse.wrote(wrote.is_pending());
        wrote
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}

/// The body of an answer; its request is in flight until it has been sent.
pub(super) struct Sending {
    body: Body,
    _in_flight: InFlight,
}

impl Sending {
    pub(super) fn new(body: Body, in_flight: InFlight) -> Self {
        Self {
            body,
            _in_flight: in_flight,
        }
    }
}

impl hyper::body::Body for Sending {
    type Data = Bytes;
    type Error = <Body as hyper::body::Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Asserts that a connection is closed after this many seconds, not sooner and not later.
    async fn closes_after(pulse: &Pulse, seconds: u64) {
        let begun = Instant::now();
        pulse.stopped(&Limits::default()).await;
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }

    async fn stays_open(pulse: &Pulse) {
        let closed = timeout(3600 * SECOND, pulse.stopped(&Limits::default())).await;
        assert!(closed.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_head_is_due_at_once_and_a_later_one_from_its_first_byte() {
        let pulse = Pulse::new(false);
        closes_after(&pulse, 32).await;
        let pulse = Pulse::new(false);
        drop(pulse.begin());
        closes_after(&pulse, 90).await;
        let pulse = Pulse::new(false);
        drop(pulse.begin());
        tokio::time::advance(80 * SECOND).await;
        pulse.read();
        tokio::time::advance(10 * SECOND).await;
        // Byte after byte does not buy more time.
        pulse.read();
        closes_after(&pulse, 22).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_in_flight_may_take_its_time() {
        let pulse = Pulse::new(false);
        let (one, two) = (pulse.begin(), pulse.begin());
        pulse.read();
        stays_open(&pulse).await;
        drop(one);
        stays_open(&pulse).await;
        drop(two);
        closes_after(&pulse, 90).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_given_up() {
        let pulse = Pulse::new(false);
        let _in_flight = pulse.begin();
        pulse.wrote(true);
        tokio::time::advance(60 * SECOND).await;
        pulse.wrote(true);
        closes_after(&pulse, 30).await;
        pulse.wrote(false);
        stays_open(&pulse).await;
    }

    #[tokio::test(start_paused = true)]
    async fn frames_of_http2_are_no_heads() {
        let pulse = Pulse::new(true);
        pulse.read();
        closes_after(&pulse, 90).await;
    }
}
