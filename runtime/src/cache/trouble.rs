//! What can go wrong with a list or a watch, and what it says about the informer.

use std::io;
use std::time::Duration;

use kube::core::Status as ApiStatus;

use super::Phase;
use crate::error::Failure;

/// A list or a watch that did not go as it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The server refused, or could not be reached.
    #[error("{0}")]
    Request(#[source] Failure),
    /// The server ended the watch with an error.
    #[error("the watch ended with {} {}: {}", .0.code, .0.reason, .0.message)]
    Ended(Box<ApiStatus>),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[source] io::Error),
    /// What came is not a list or not an event.
    #[error("the answer cannot be read: {0}")]
    Malformed(#[source] serde_json::Error),
    /// The list names no version to watch from.
    #[error("the list has no resource version")]
    NoVersion,
    /// Nothing came for too long.
    #[error("the server fell silent")]
    Silent,
    /// The watch ended before it was of any use.
    #[error("the watch ended at once")]
    Useless,
    /// The list is older than what was seen before.
    #[error("the list is older than what was seen before")]
    Stale,
}

impl From<kube::Error> for Trouble {
    fn from(error: kube::Error) -> Self {
        Self::Request(Failure(error))
    }
}

impl Trouble {
    fn status(&self) -> Option<&ApiStatus> {
        match self {
            Self::Request(Failure(kube::Error::Api(status))) | Self::Ended(status) => Some(status),
            _ => None,
        }
    }

    /// Returns true if the version asked for is too old for the server to continue from.
    pub(super) fn is_expired(&self) -> bool {
        self.status()
            .is_some_and(|status| status.code == 410 || status.reason == "Expired")
    }

    /// Returns what the informer's state is because of this.
    pub(super) fn phase(&self) -> Phase {
        match self.status().map(|status| status.code) {
            Some(403) => Phase::Forbidden,
            Some(404) => Phase::Missing,
            _ => Phase::Failing,
        }
    }

    /// Returns how long the server asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let details = self.status()?.details.as_ref()?;
        Some(Duration::from_secs(details.retry_after_seconds.into()))
    }
}
