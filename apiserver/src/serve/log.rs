//! What was asked of a server, in order: two runs of a deterministic program ask the same.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

/// How many requests are remembered.
const KEPT: usize = 65_536;

/// One request that came in through a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub url: String,
    /// Name of the user.
    pub user: String,
    /// `User-Agent` header.
    pub user_agent: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Digest of the request's body; the same in every run of one build.
    pub body: u64,
}

/// The latest requests, the oldest first.
#[derive(Debug, Default)]
pub struct RequestLog {
    entries: Mutex<VecDeque<Entry>>,
}

impl RequestLog {
    /// Returns what is remembered.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().cloned().collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(super) fn push(&self, entry: Entry) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == KEPT {
            entries.pop_front();
        }
        entries.push_back(entry);
    }
}

/// Returns the digest of a body.
pub(super) fn digest(body: &[u8]) -> u64 {
    // Made anew it starts from fixed keys, unlike a map's.
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    hasher.finish()
}
