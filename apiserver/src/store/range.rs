//! Which part of a bucket a list reads, and what it gets.

use std::ops::Bound;

use crate::object::ObjectRef;

/// A run of keys.
#[derive(Debug, Clone, Copy)]
pub struct Range<'a> {
    /// Keys start with this: `namespace/`, or nothing.
    pub prefix: &'a str,
    /// The first key wanted, prefix included; empty starts at the first.
    pub start: &'a str,
    /// How many objects at most.
    pub limit: usize,
}

/// Objects of one snapshot, in key order.
#[derive(Debug)]
pub struct Page {
    /// The objects.
    pub objects: Vec<ObjectRef>,
    /// Key of the last object, to go on behind it.
    pub last: Option<String>,
    /// How many objects of the range follow.
    pub remaining: usize,
    /// Revision of the snapshot.
    pub revision: u64,
}

impl Page {
    pub(super) fn empty(revision: u64) -> Self {
        Self {
            objects: Vec::new(),
            last: None,
            remaining: 0,
            revision,
        }
    }
}

impl<'a> Range<'a> {
    /// Returns the range of all keys under `prefix`.
    #[must_use]
    pub fn all(prefix: &'a str) -> Self {
        Self {
            prefix,
            start: "",
            limit: usize::MAX,
        }
    }

    pub(super) fn lower(&self) -> Bound<&'a str> {
        Bound::Included(self.prefix.max(self.start))
    }

    pub(super) fn covers(&self, key: &str) -> bool {
        key.starts_with(self.prefix) && key >= self.start
    }
}
