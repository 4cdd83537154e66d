//! What of a CRD may change.

use serde_json::{Value, json};

use super::rules::storage_version;
use super::settle::is_established;
use crate::object::map_mut;
use crate::registry::strategy::Rules;

/// Notes the version objects are stored in from now on; only a status write forgets one.
pub(super) fn remember_storage(new: &mut Value, _old: &Value) {
    let Some(version) = storage_version(new).map(str::to_owned) else {
        return;
    };
    let status = map_mut(map_mut(new).entry("status").or_insert(Value::Null));
    let stored = status.entry("storedVersions").or_insert(Value::Null);
    if !stored.is_array() {
        *stored = json!([]);
    }
    if let Some(list) = stored.as_array_mut()
        && !list.iter().any(|one| *one == version)
    {
        list.push(json!(version));
    }
}

/// Once established, what identifies the resource stays.
pub(super) fn validate(rules: &mut Rules, new: &Value, old: &Value) {
    if !is_established(old) {
        return;
    }
    for field in [
        "/spec/group",
        "/spec/scope",
        "/spec/names/kind",
        "/spec/names/plural",
    ] {
        rules.immutable(new, old, field);
    }
}
