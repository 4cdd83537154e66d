//! Whole objects inside others.

use std::borrow::Cow;

use kube::core::DynamicObject;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A whole object of any kind inside another one, such as a manifest to apply.
///
/// The API server asks for its `apiVersion` and `kind`, checks its metadata, and keeps everything else as it is. For an
/// object of a known kind use its type, and for JSON that is no object of Kubernetes `serde_json::Value`.
///
/// ```
/// use krate::crd::EmbeddedObject;
///
/// let manifest = r#"{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}}"#;
/// let object: EmbeddedObject = serde_json::from_str(manifest).unwrap();
/// assert_eq!(object.0.metadata.name.as_deref(), Some("a"));
/// assert_eq!(object.0.data["data"]["k"], "v");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmbeddedObject(pub DynamicObject);

impl JsonSchema for EmbeddedObject {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EmbeddedObject".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "x-kubernetes-embedded-resource": true,
            "x-kubernetes-preserve-unknown-fields": true,
        })
    }
}
