//! The fence of a term: behind it, nothing of a former leader gets out.
//!
//! A write is let out only before the deadline of its term, by this process's monotonic clock and at the last moment
//! the runtime has in hand: after every wait, before the request goes to the connection. The deadline moves with each
//! renewal of the lease, and is counted from when the renewal was *sent*, so it lies before the earliest moment at
//! which anybody else may take over, by `lease_duration - renew_deadline` (5 seconds by default).
//!
//! That margin is what a write in flight at the deadline has to arrive. The client gives up waiting for it then, which
//! resets its stream, and says that the outcome is unknown. What a fence cannot promise: a process that is frozen
//! after a write was handed to the connection, and before its bytes left – some microseconds – may send it when it
//! wakes. Preconditions (resourceVersion, uid) on the write itself guard against that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::UPGRADE;
use http::{Method, Request};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Says that a write was not sent, because the term it belongs to is over.
///
/// The kind of the error is [`ErrorKind::NotLeader`](crate::ErrorKind::NotLeader). Trying again with the same client
/// does not help: it belongs to that term. The next term has a client of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing was sent: the term in which this process led is over")]
#[non_exhaustive]
pub struct NotLeader;

/// Says that the term ended while a write was on its way.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "the term in which this process led ended before the answer came; the request may have been carried out"
)]
pub(crate) struct Unanswered;

/// Lets writes out until a deadline that moves; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Fence {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// `None` once closed for good.
    deadline: Mutex<Option<Instant>>,
    /// Writes in flight are given up.
    shut: CancellationToken,
    /// How many writes are in flight.
    writing: watch::Sender<usize>,
}

/// A write that was let out; it is in flight for as long as this lives.
pub(super) struct Pass {
    fence: Fence,
}

impl Fence {
    /// Returns a fence that is open until a deadline.
    pub(crate) fn until(deadline: Instant) -> Self {
        let shared = Shared {
            deadline: Mutex::new(Some(deadline)),
            shut: CancellationToken::new(),
            writing: watch::Sender::new(0),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Moves the deadline, never back; a closed fence stays closed.
    pub(crate) fn extend(&self, later: Instant) {
        let mut deadline = self.deadline_mut();
        *deadline = deadline.map(|deadline| deadline.max(later));
    }

    /// Returns until when writes are let out, `None` once the fence is closed for good.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        *self.deadline_mut()
    }

    /// Returns true if a write would be let out now.
    pub(crate) fn is_open(&self) -> bool {
        self.deadline().is_some_and(|deadline| Instant::now() < deadline)
    }

    /// Lets nothing out any more; what is in flight may still be answered.
    pub(crate) fn close(&self) {
        *self.deadline_mut() = None;
    }

    /// Lets nothing out any more, and gives up on what is in flight.
    pub(crate) fn shut(&self) {
        self.close();
        self.shared.shut.cancel();
    }

    /// Returns what is cancelled once the fence is shut.
    pub(crate) fn shut_token(&self) -> CancellationToken {
        self.shared.shut.clone()
    }

    /// Waits until no write is in flight.
    pub(crate) async fn idle(&self) {
        let mut writing = self.shared.writing.subscribe();
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = writing.wait_for(|writing| *writing == 0).await;
    }

    /// Lets a write out, if there is still time.
    pub(super) fn admit(&self) -> Result<Pass, NotLeader> {
        // Counted first: whoever closes the fence and then sees nothing in flight may rely on it.
        let pass = Pass::new(self.clone());
        if self.is_open() { Ok(pass) } else { Err(NotLeader) }
    }

    fn deadline_mut(&self) -> MutexGuard<'_, Option<Instant>> {
        self.shared
            .deadline
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    fn new(fence: Fence) -> Self {
        fence.shared.writing.send_modify(|writing| *writing += 1);
        Self { fence }
    }

    /// Waits until the write is given up.
    pub(super) async fn given_up(&self) {
        self.fence.shared.shut.cancelled().await;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.fence.shared.writing.send_modify(|writing| *writing -= 1);
    }
}

/// Returns true if a request may change something: all but plain reads.
///
/// A request that upgrades its connection, such as `exec`, is a GET that does things.
pub(super) fn is_write<B>(request: &Request<B>) -> bool {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS];
    !reads.contains(request.method()) || request.headers().contains_key(UPGRADE)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_write_gets_out_before_the_deadline_and_not_at_it() {
        let start = Instant::now();
        let fence = Fence::until(start + SECOND * 10);
        let check = |expected: bool| assert_eq!(fence.admit().is_ok(), expected, "{:?}", start.elapsed());
        check(true);
        tokio::time::advance(SECOND * 9).await;
        check(true);
        tokio::time::advance(SECOND).await;
        check(false);
        fence.extend(start + SECOND * 20);
        check(true);
        fence.extend(start);
        check(true);
        fence.close();
        check(false);
        fence.extend(start + SECOND * 30);
        check(false);
    }

    #[tokio::test(start_paused = true)]
    async fn a_fence_is_idle_when_the_last_write_was_answered() {
        let fence = Fence::until(Instant::now() + SECOND);
        let pass = fence.admit().unwrap();
        let waiting = tokio::spawn({
            let fence = fence.clone();
            async move { fence.idle().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(pass);
        waiting.await.unwrap();
        fence.close();
        assert!(fence.admit().is_err());
        fence.idle().await;
    }

    #[test]
    fn whatever_is_not_plainly_a_read_is_a_write() {
        let check = |method: &str, upgrade: bool, expected: bool| {
            let mut request = Request::builder().method(method);
            if upgrade {
                request = request.header(UPGRADE, "websocket");
            }
            let request = request.body(()).unwrap();
            assert_eq!(is_write(&request), expected, "{method} {upgrade}");
        };
        check("GET", false, false);
        check("HEAD", false, false);
        check("OPTIONS", false, false);
        check("GET", true, true);
        for method in ["POST", "PUT", "PATCH", "DELETE", "OTHER"] {
            check(method, false, true);
        }
    }
}
