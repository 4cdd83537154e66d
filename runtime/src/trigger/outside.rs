//! Keys that do not come from the cluster: streams and channels a program brings along.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{BoxStream, SelectAll};
use futures::{Stream, StreamExt, future, stream};
use tokio::sync::Mutex;
use tracing::{error, info};

use crate::cache::ObjectKey;
use crate::context::Cause;
use crate::queue::Level;

/// A key to reconcile, asked for by something outside the cluster; every [`ObjectKey`] converts into one.
///
/// ```
/// use std::time::Duration;
/// use krate::cache::ObjectKey;
/// use krate::queue::Level;
/// use krate::trigger::Request;
///
/// let request = Request::new(ObjectKey::namespaced("shop", "prices"))
///     .level(Level::High)
///     .because("payment 17 arrived");
/// # let _ = request;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub(crate) key: ObjectKey,
    pub(crate) level: Level,
    pub(crate) after: Duration,
    pub(crate) why: Option<String>,
}

impl Request {
    /// Asks for a run of an object, now; one that does not exist is forgotten again.
    #[must_use]
    pub fn new(key: ObjectKey) -> Self {
        Self {
            key,
            level: Level::Normal,
            after: Duration::ZERO,
            why: None,
        }
    }

    /// Sets how urgent it is.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Asks for the run after a time, or earlier if something else does.
    #[must_use]
    pub fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }

    /// Says why, for logs and traces.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }
}

impl From<ObjectKey> for Request {
    fn from(key: ObjectKey) -> Self {
        Self::new(key)
    }
}

/// A request with its cause.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) request: Request,
    pub(crate) cause: Cause,
}

/// Every source of requests that a controller declares.
#[derive(Default)]
pub(super) struct Streams {
    all: SelectAll<BoxStream<'static, Asked>>,
    names: Vec<String>,
}

impl Streams {
    pub(super) fn add<S>(&mut self, name: String, stream: S)
    where
        S: Stream<Item: Into<Request>> + Send + 'static,
    {
        self.all.push(asked(name.clone(), stream));
        self.names.push(name);
    }
}

/// Every source of requests of a controller; clones share them, and only one at a time takes from them.
#[derive(Clone, Default)]
pub(crate) struct Outside {
    streams: Arc<Mutex<SelectAll<BoxStream<'static, Asked>>>>,
}

impl From<Streams> for Outside {
    fn from(streams: Streams) -> Self {
        Self {
            streams: Arc::new(Mutex::new(streams.all)),
        }
    }
}

impl Outside {
    /// Passes on every request for as long as it is polled; cut off, it has dropped none.
    pub(crate) async fn pass_on(&self, take: impl Fn(Asked) + Send) {
        /// How many requests are taken in a row before others have a turn.
        const ROW: usize = 32;
        let mut streams = self.streams.lock().await;
        while !streams.is_empty() {
            for _ in 0..ROW {
                match streams.next().await {
                    Some(asked) => take(asked),
                    None => break,
                }
            }
            tokio::task::yield_now().await;
        }
        drop(streams);
        future::pending().await
    }
}

/// Makes requests out of the items of a stream, and says when they end.
fn asked<S>(name: String, stream: S) -> BoxStream<'static, Asked>
where
    S: Stream<Item: Into<Request>> + Send + 'static,
{
    let ending = name.clone();
    let end = stream::once(async move {
        info!("the source `{ending}` has ended");
        None
    });
    let source = name.clone();
    let requests = stream.map(move |item| {
        let request: Request = item.into();
        let cause = Cause::Outside {
            source: source.clone(),
            why: request.why.clone(),
        };
        Some(Asked { request, cause })
    });
    let guarded = AssertUnwindSafe(requests).catch_unwind().map(move |item| {
        item.unwrap_or_else(|_| {
            error!("the source `{name}` panicked, it is asked no more");
            None
        })
    });
    guarded.chain(end).filter_map(future::ready).boxed()
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.names).finish()
    }
}
