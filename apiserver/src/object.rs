//! An API object: a JSON value with cheap access to its metadata, shared and immutable once stored.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::{Map, Value};

/// One object as JSON. `apiVersion` and `kind` are always present in the value.
///
/// Readers share it by [`Arc`]; its encoded bytes are made once and shared by every list and watch.
#[derive(Debug)]
pub struct Object {
    value: Value,
    revision: u64,
    encoded: OnceLock<Bytes>,
}

/// A shared object.
pub type ObjectRef = Arc<Object>;

impl Object {
    /// Wraps a value that carries `metadata.resourceVersion` = `revision`.
    #[must_use]
    pub fn new(value: Value, revision: u64) -> Self {
        Self {
            value,
            revision,
            encoded: OnceLock::new(),
        }
    }

    /// The whole object.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The revision of the write that made this state, `metadata.resourceVersion` as a number.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The object as compact JSON, encoded at most once.
    pub fn bytes(&self) -> Bytes {
        self.encoded
            .get_or_init(|| Bytes::from(self.value.to_string()))
            .clone()
    }
}

/// Reads of the parts every object has; for values that may not have them, the answer is empty.
pub trait Meta {
    /// The whole object.
    fn root(&self) -> &Value;

    /// `.metadata` as a map, if it is one.
    fn metadata(&self) -> Option<&Map<String, Value>> {
        self.root().get("metadata")?.as_object()
    }

    /// A string of the metadata, empty if absent.
    fn meta_str(&self, field: &str) -> &str {
        self.metadata()
            .and_then(|meta| meta.get(field))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// `.metadata.name`.
    fn name(&self) -> &str {
        self.meta_str("name")
    }

    /// `.metadata.namespace`.
    fn namespace(&self) -> &str {
        self.meta_str("namespace")
    }

    /// `.metadata.uid`.
    fn uid(&self) -> &str {
        self.meta_str("uid")
    }

    /// `.metadata.resourceVersion`.
    fn resource_version(&self) -> &str {
        self.meta_str("resourceVersion")
    }

    /// `.metadata.generation`, 0 if absent.
    fn generation(&self) -> i64 {
        self.metadata()
            .and_then(|meta| meta.get("generation"))
            .and_then(Value::as_i64)
            .unwrap_or_default()
    }

    /// Whether `.metadata.deletionTimestamp` is set.
    fn is_deleting(&self) -> bool {
        !self.meta_str("deletionTimestamp").is_empty()
    }

    /// `.metadata.finalizers`.
    fn finalizers(&self) -> Vec<&str> {
        let list = self
            .metadata()
            .and_then(|meta| meta.get("finalizers"))
            .and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// `.metadata.ownerReferences`.
    fn owner_references(&self) -> &[Value] {
        let list = self
            .metadata()
            .and_then(|meta| meta.get("ownerReferences"))
            .and_then(Value::as_array);
        list.map(Vec::as_slice).unwrap_or_default()
    }

    /// `.metadata.labels`.
    fn labels(&self) -> Option<&Map<String, Value>> {
        self.metadata()?.get("labels")?.as_object()
    }

    /// `.apiVersion`.
    fn api_version(&self) -> &str {
        self.root()
            .get("apiVersion")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// `.kind`.
    fn kind(&self) -> &str {
        self.root()
            .get("kind")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

impl Meta for Value {
    fn root(&self) -> &Value {
        self
    }
}

impl Meta for Object {
    fn root(&self) -> &Value {
        &self.value
    }
}

/// Returns `.metadata` as a map to write to; makes it one if it is not.
pub fn metadata_mut(value: &mut Value) -> &mut Map<String, Value> {
    map_mut(map_mut(value).entry("metadata").or_insert(Value::Null))
}

/// Returns `value` as a map, making it an empty one if it is anything else.
pub fn map_mut(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("made a map above")
}
