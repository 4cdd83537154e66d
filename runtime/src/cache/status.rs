//! How an informer is doing: what readiness and metrics show.

use std::time::Duration;

use super::Selection;

/// The state of one informer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// The first complete list is not there yet.
    Syncing,
    /// The store follows the server.
    Live,
    /// The server refuses to list or watch this kind: a permission is missing.
    Forbidden,
    /// The server does not know this kind: its CustomResourceDefinition is not installed.
    Missing,
    /// The server cannot be reached or answers with errors; what the store holds may be old.
    Failing,
}

impl Phase {
    /// Returns the name used in logs, metrics and readiness.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Syncing => "syncing",
            Self::Live => "live",
            Self::Forbidden => "forbidden",
            Self::Missing => "missing",
            Self::Failing => "failing",
        }
    }
}

/// The state of everything that fills one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The worst phase of the store's informers.
    pub phase: Phase,
    /// True once every informer of the store had a complete list; stays true when a watch fails later.
    pub synced: bool,
    /// The last error, while the phase is a failing one.
    pub error: Option<String>,
}

/// How a store is doing right now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The API group of the kind it holds, empty for the core group.
    pub group: String,
    /// The kind it holds.
    pub kind: String,
    /// What it keeps of each object: `metadata`, the name of a projection, or nothing to say if it is all.
    pub form: String,
    /// Which objects of the kind it holds.
    pub selection: Selection,
    /// The state of its informers, all together.
    pub status: Status,
    /// The state of each informer.
    pub informers: Vec<InformerReport>,
    /// How many objects the watch has shown.
    pub objects: usize,
    /// How many bytes of text these objects have, without `managedFields` unless they are kept: what they take in
    /// memory where they are kept as text, about a third of it where they are kept decoded.
    pub bytes: u64,
    /// How often an object could not be read as its kind.
    pub unreadable: u64,
    /// How many lists were started.
    pub lists: u64,
    /// How many watches were started.
    pub watches: u64,
    /// How many lists and watches failed.
    pub failures: u64,
    /// How many mappers and predicates panicked.
    pub panics: u64,
    /// How many writes of this process the watch did not confirm in time.
    pub unconfirmed_writes: u64,
    /// How many reads went to the server because a write of this process made the store uncertain.
    pub live_reads: u64,
    /// How many objects were decoded because somebody read them, in a store that keeps them as text.
    pub decoded: u64,
}

/// How one informer of a store is doing right now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InformerReport {
    /// The namespace it watches, `None` for everything.
    pub namespace: Option<String>,
    /// Its state.
    pub status: Status,
    /// How long ago the server last told it something: an object, or that there is nothing new. `None` before the
    /// first complete list.
    pub lag: Option<Duration>,
}
