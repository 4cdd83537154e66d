//! The objects that are measured with: 2.4 KB of JSON each, as custom resources of some substance have.

use serde_json::{Value, json};

/// Where they are served.
pub(crate) const ITEMS: &str = "/apis/bench.krate.dev/v1/items";

/// How many namespaces they are spread over.
pub(crate) const NAMESPACES: usize = 10;

const PAYLOAD: usize = 750;

/// The definition of their kind; each contestant has types of its own for it.
pub(crate) fn definition() -> Value {
    let condition = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "items.bench.krate.dev"},
        "spec": {
            "group": "bench.krate.dev",
            "names": {"kind": "Item", "plural": "items", "singular": "item"},
            "scope": "Namespaced",
            "versions": [{
                "name": "v1",
                "served": true,
                "storage": true,
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                    "spec": {"type": "object", "properties": {
                        "number": {"type": "integer", "format": "int64"},
                        "payload": {"type": "string"},
                        "tags": {"type": "array", "items": {"type": "string"}},
                    }},
                    "status": {"type": "object", "properties": {
                        "conditions": {"type": "array", "items": condition},
                    }},
                }}},
            }],
        },
    })
}

/// The object of a number, without its status.
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
        "spec": {"number": 0, "payload": payload, "tags": ["one", "two", "three"]},
    })
}

/// The status of every object.
pub(crate) fn status() -> Value {
    json!({"status": {"conditions": [{
        "type": "Ready",
        "status": "True",
        "reason": "AllIsWell",
        "message": "every part of it is where it should be",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
        "observedGeneration": 1,
    }]}})
}

/// The path of an object.
pub(crate) fn path(number: usize) -> String {
    format!(
        "/apis/bench.krate.dev/v1/namespaces/{}/items/{}",
        namespace(number),
        name(number)
    )
}

/// Its namespace.
pub(crate) fn namespace(number: usize) -> String {
    format!("bench-{}", number % NAMESPACES)
}

fn name(number: usize) -> String {
    format!("item-{number:06}")
}
