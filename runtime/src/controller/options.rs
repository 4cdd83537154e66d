//! How a controller works, apart from what its reconciler does.

use std::time::Duration;

use crate::queue::{Backoff, RateLimit};

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) workers: usize,
    pub(crate) deadline: Option<Duration>,
    pub(crate) min_interval: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) run_limit: Option<RateLimit>,
    pub(crate) retry_limit: Option<RateLimit>,
    /// The time after which an object is reconciled although nothing asked for it.
    pub(crate) every: Option<Duration>,
    /// True if applies take over the fields of other managers.
    pub(crate) force: bool,
    /// True if a key that keeps running because of its own writes is slowed down.
    pub(crate) breaks_loops: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 1,
            deadline: None,
            min_interval: Duration::ZERO,
            backoff: Backoff::default(),
            run_limit: None,
            retry_limit: None,
            every: None,
            force: false,
            breaks_loops: true,
        }
    }
}
