//! The rules of a kind, asked at the moments the real server asks them.

use serde_json::Value;

use crate::registry::Resource;
use crate::schema;
use crate::status::FieldError;

/// Fills in what the client left out.
pub(super) fn default(resource: &Resource, object: &mut Value) {
    if let (true, Some(node)) = (resource.custom, resource.node()) {
        schema::default(object, node);
    }
}

/// Returns what is wrong with an object; `old` is what it replaces.
pub(super) fn errors(resource: &Resource, object: &Value, old: Option<&Value>) -> Vec<FieldError> {
    match resource.node() {
        Some(node) if resource.custom => schema::validate(object, node, old, ""),
        _ => Vec::new(),
    }
}
