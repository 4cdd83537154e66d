//! Objects reduced to their metadata, for clients that look at nothing else.

use serde_json::{Value, json};

/// Returns the `PartialObjectMetadata` of an object; `version` is that of `meta.k8s.io`.
#[must_use]
pub fn partial_object(object: &Value, version: &str) -> Value {
    json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": format!("meta.k8s.io/{version}"),
        "metadata": object.get("metadata").cloned().unwrap_or_else(|| json!({})),
    })
}

/// Returns the `PartialObjectMetadataList` of objects; `metadata` is that of the list.
#[must_use]
pub fn partial_list<'a>(objects: impl Iterator<Item = &'a Value>, metadata: &Value, version: &str) -> Value {
    json!({
        "kind": "PartialObjectMetadataList",
        "apiVersion": format!("meta.k8s.io/{version}"),
        "metadata": metadata,
        "items": objects.map(|object| partial_object(object, version)).collect::<Vec<_>>(),
    })
}
