//! The kind that is measured with: about 2 KB of JSON, as a custom resource of some substance has.

use krate::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Something with a payload.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(group = "bench.krate.dev", version = "v1", kind = "Item", namespaced)]
pub(crate) struct ItemSpec {
    /// Number of the object.
    pub(crate) number: i64,
    /// Text that takes room.
    pub(crate) payload: String,
    /// Short texts.
    pub(crate) tags: Vec<String>,
}

/// Characters of payload that bring an object with its metadata and managedFields to 2 KB.
const PAYLOAD: usize = 1150;

/// The object of a number.
pub(crate) fn object(number: usize) -> Value {
    let payload: String = (0..PAYLOAD)
        .map(|place| char::from(b'a' + ((number * 7 + place * 13) % 26) as u8))
        .collect();
    json!({
        "apiVersion": "bench.krate.dev/v1",
        "kind": "Item",
        "metadata": {
            "name": name(number),
            "namespace": namespace(number),
            "labels": {"app": "bench", "shard": format!("{}", number % 16), "tier": "one"},
            "annotations": {"bench.krate.dev/note": "an annotation of ordinary length"},
        },
        "spec": {"number": number, "payload": payload, "tags": ["one", "two", "three"]},
    })
}

/// Its name.
pub(crate) fn name(number: usize) -> String {
    format!("item-{number:06}")
}

/// Its namespace, one of ten.
pub(crate) fn namespace(number: usize) -> String {
    format!("bench-{}", number % 10)
}
