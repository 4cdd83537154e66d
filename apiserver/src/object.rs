//! An API object: a JSON value with cheap access to its metadata, shared and immutable once stored.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use crate::schema::Schema;

/// One object as JSON. `apiVersion` and `kind` are always present in the value.
///
/// Readers share it by [`Arc`]; its encoded bytes are made once and shared by every list and watch.
#[derive(Debug)]
pub struct Object {
    value: Value,
    revision: u64,
    encoded: OnceLock<Encoded>,
    /// The schema the object is known to fit: it need not be pruned and defaulted for readers again.
    settled: Mutex<Weak<Schema>>,
    /// Itself in other versions, where they take a webhook to make.
    views: Mutex<Vec<View>>,
}

/// An object in the version a schema describes, once it is made.
#[derive(Debug)]
struct View {
    schema: Weak<Schema>,
    made: Arc<OnceCell<ObjectRef>>,
}

/// An object as JSON, `kind` and `apiVersion` first.
#[derive(Debug)]
struct Encoded {
    bytes: Bytes,
    /// Where the fields after those two start.
    rest: usize,
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
            settled: Mutex::default(),
            views: Mutex::default(),
        }
    }

    /// Whether the object is known to be as `schema` wants it.
    pub(crate) fn is_settled(&self, schema: &Arc<Schema>) -> bool {
        let settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        std::ptr::eq(settled.as_ptr(), Arc::as_ptr(schema))
    }

    /// Notes that the object is as `schema` wants it.
    pub(crate) fn settle(&self, schema: &Arc<Schema>) {
        *self.settled.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(schema);
    }

    /// Returns the place of the object in the version that `schema` describes: whoever is first makes it, for all.
    pub(crate) fn view(&self, schema: &Arc<Schema>) -> Arc<OnceCell<ObjectRef>> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let known = views
            .iter()
            .find(|view| std::ptr::eq(view.schema.as_ptr(), Arc::as_ptr(schema)));
        if let Some(view) = known {
            return Arc::clone(&view.made);
        }
        // Schemas that are served no longer leave with their views.
        views.retain(|view| view.schema.strong_count() > 0);
        let made = Arc::default();
        views.push(View {
            schema: Arc::downgrade(schema),
            made: Arc::clone(&made),
        });
        made
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
        self.encoded().bytes.clone()
    }

    /// The end of [`bytes`](Self::bytes) that follows `kind` and `apiVersion`; with `{` before it, it is the object
    /// as lists of built-in kinds show it.
    pub fn item_bytes(&self) -> Bytes {
        let encoded = self.encoded();
        encoded.bytes.slice(encoded.rest..)
    }

    fn encoded(&self) -> &Encoded {
        self.encoded.get_or_init(|| encode(&self.value))
    }
}

fn encode(value: &Value) -> Encoded {
    let mut text = String::from("{");
    for field in ["kind", "apiVersion"] {
        if let Some(value) = value.get(field) {
            let separator = if text.len() > 1 { "," } else { "" };
            write!(text, "{separator}\"{field}\":{value}").expect("a string takes all that is written");
        }
    }
    let mut rest = text.len();
    let others = value.as_object().into_iter().flatten();
    for (field, value) in others.filter(|(field, _)| !matches!(field.as_str(), "kind" | "apiVersion")) {
        if text.len() > 1 {
            text.push(',');
            if rest + 1 == text.len() {
                // The comma behind the two is not part of what follows them.
                rest = text.len();
            }
        }
        write!(text, "{}:{value}", Value::from(field.as_str())).expect("a string takes all that is written");
    }
    text.push('}');
    Encoded {
        bytes: Bytes::from(text),
        rest,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, whole: &str, item: &str) {
        let object = Object::new(value, 1);
        assert_eq!(object.bytes(), whole.as_bytes());
        assert_eq!(
            format!("{{{}", std::str::from_utf8(&object.item_bytes()).unwrap()),
            item
        );
    }

    #[test]
    fn an_object_is_encoded_with_and_without_its_type() {
        check(
            json!({"apiVersion": "v1", "data": {"a": "1"}, "kind": "K", "metadata": {}}),
            r#"{"kind":"K","apiVersion":"v1","data":{"a":"1"},"metadata":{}}"#,
            r#"{"data":{"a":"1"},"metadata":{}}"#,
        );
        check(
            json!({"apiVersion": "v1", "kind": "K"}),
            r#"{"kind":"K","apiVersion":"v1"}"#,
            "{}",
        );
        check(json!({"a": 1, "b": 2}), r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#);
    }
}
