//! What happened to one object of a store: the only event there is.

use std::sync::Arc;

use super::{Cached, ObjectKey, Past, ResourceVersion};

/// One step of one object, as the store saw it.
///
/// Steps may be skipped – two quick updates can arrive as one, and an object that came and went while the watch was
/// down leaves no trace – but the last state always arrives, also that it is gone.
#[derive(Clone, Debug)]
pub enum Change<K> {
    /// The object was not in the store before.
    Added {
        /// The object as it is now.
        new: Arc<K>,
        /// True if it came with the first complete list, so that nothing need have happened to it just now.
        initial: bool,
    },
    /// The object was in the store and is different now.
    Updated {
        /// The object as it was.
        old: Past<K>,
        /// The object as it is now.
        new: Arc<K>,
    },
    /// The object is gone: deleted, or no longer matched by the store's selection.
    Deleted {
        /// The last state known; after a gap in the watch this may be older than the one that was deleted.
        old: Arc<K>,
    },
}

impl<K> Change<K> {
    /// Returns the object after the change.
    #[must_use]
    pub fn after(&self) -> Option<&Arc<K>> {
        match self {
            Self::Added { new, .. } | Self::Updated { new, .. } => Some(new),
            Self::Deleted { .. } => None,
        }
    }

    /// Returns the newest state known: after the change if there is one, else before it.
    #[must_use]
    pub fn latest(&self) -> &Arc<K> {
        match self {
            Self::Added { new, .. } | Self::Updated { new, .. } => new,
            Self::Deleted { old } => old,
        }
    }

    /// Returns true if the object came with the first complete list.
    #[must_use]
    pub fn is_initial(&self) -> bool {
        matches!(self, Self::Added { initial: true, .. })
    }

    /// Returns what happened, as a watch calls it.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Added { .. } => "added",
            Self::Updated { .. } => "updated",
            Self::Deleted { .. } => "deleted",
        }
    }
}

impl<K: Cached> Change<K> {
    /// Returns the object before the change; of an update it is decoded for that.
    #[must_use]
    pub fn before(&self) -> Option<&Arc<K>> {
        match self {
            Self::Added { .. } => None,
            Self::Updated { old, .. } => old.get(),
            Self::Deleted { old } => Some(old),
        }
    }

    /// Returns each state the change knows, the old one first.
    pub fn states(&self) -> impl Iterator<Item = &Arc<K>> {
        self.before().into_iter().chain(self.after())
    }

    /// Returns the states of which one or the other may have an owner that the other has not.
    pub(crate) fn states_by_owner(&self) -> impl Iterator<Item = &Arc<K>> {
        let keeps_owners = matches!(self, Self::Updated { old, .. } if old.keeps_owners());
        let before = if keeps_owners { None } else { self.before() };
        before.into_iter().chain(self.after())
    }

    /// Returns the key of the object that changed.
    #[must_use]
    pub fn key(&self) -> ObjectKey {
        ObjectKey::of(self.latest().as_ref())
    }

    /// Returns the resource version of the newest state known.
    #[must_use]
    pub fn version(&self) -> ResourceVersion {
        ResourceVersion::of(self.latest().as_ref())
    }
}
