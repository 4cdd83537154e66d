//! What a handler answers, before it has a wire form.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::watch::Watch;
use crate::object::{Meta as _, ObjectRef};
use crate::registry::Resource;

/// The outcome of a request that succeeded.
#[derive(Debug)]
pub(crate) enum Answer {
    /// One object, with the HTTP code.
    Object {
        code: u16,
        object: ObjectRef,
        resource: Arc<Resource>,
    },
    /// A collection.
    List(ListAnswer),
    /// A stream of changes.
    Watch(Box<Watch>),
    /// A `Status` or another object that is no object of the resource, with the HTTP code.
    Value { code: u16, value: Value },
}

/// A collection with its list metadata.
#[derive(Debug)]
pub(crate) struct ListAnswer {
    pub(crate) resource: Arc<Resource>,
    pub(crate) objects: Vec<ObjectRef>,
    pub(crate) revision: u64,
    pub(crate) continue_token: String,
    pub(crate) remaining: Option<usize>,
}

impl ListAnswer {
    /// Returns the list's `metadata`.
    pub(crate) fn metadata(&self) -> Value {
        let mut metadata = Map::new();
        metadata.insert("resourceVersion".to_owned(), json!(self.revision.to_string()));
        if !self.continue_token.is_empty() || self.resource.custom {
            metadata.insert("continue".to_owned(), json!(self.continue_token));
        }
        if let Some(remaining) = self.remaining {
            metadata.insert("remainingItemCount".to_owned(), json!(remaining));
        }
        Value::Object(metadata)
    }
}

/// Returns the `Status` of success about one object that is gone.
pub(super) fn deleted(resource: &Resource, object: &Value) -> Answer {
    let mut details = Map::new();
    details.insert("name".to_owned(), json!(object.name()));
    if !resource.group.is_empty() {
        details.insert("group".to_owned(), json!(resource.group));
    }
    details.insert("kind".to_owned(), json!(resource.plural));
    details.insert("uid".to_owned(), json!(object.uid()));
    Answer::Value {
        code: 200,
        value: json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details,
        }),
    }
}

/// Returns the `Status` of success of a call that makes nothing visible.
pub(super) fn done() -> Answer {
    Answer::Value {
        code: 201,
        value: json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}),
    }
}
