//! One change of one object.

use std::sync::{Arc, OnceLock};

use serde_json::json;

use crate::object::{Object, ObjectRef, metadata_mut};

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The object was created or replaced.
    Stored,
    /// The object was removed.
    Removed,
}

/// A change as the history keeps it.
#[derive(Debug)]
pub struct Event {
    /// Revision of the write.
    pub revision: u64,
    /// Key within the bucket.
    pub key: Arc<str>,
    /// What was stored before.
    pub old: Option<ObjectRef>,
    /// What is stored now; for a removal the last state, at the revision of the removal.
    pub new: ObjectRef,
    /// What happened.
    pub change: Change,
    departed: OnceLock<ObjectRef>,
}

impl Event {
    pub(super) fn new(key: Arc<str>, old: Option<ObjectRef>, new: ObjectRef, change: Change) -> Self {
        Self {
            revision: new.revision(),
            key,
            old,
            new,
            change,
            departed: OnceLock::new(),
        }
    }

    /// Returns the object before the change under the revision of the change: what a watch shows when an object
    /// stops matching its selector.
    pub fn departed(&self) -> ObjectRef {
        let made = self.departed.get_or_init(|| {
            let mut value = self.old.as_ref().unwrap_or(&self.new).value().clone();
            metadata_mut(&mut value).insert("resourceVersion".to_owned(), json!(self.revision.to_string()));
            Arc::new(Object::new(value, self.revision))
        });
        Arc::clone(made)
    }
}
