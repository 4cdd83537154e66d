//! How a controller works, apart from what its reconciler does.

use std::time::Duration;

use crate::queue::Backoff;

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) workers: usize,
    pub(crate) deadline: Option<Duration>,
    pub(crate) min_interval: Duration,
    pub(crate) backoff: Backoff,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workers: 1,
            deadline: None,
            min_interval: Duration::ZERO,
            backoff: Backoff::default(),
        }
    }
}
