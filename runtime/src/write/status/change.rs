//! The difference of two JSON values, as a merge patch.

use serde_json::{Map, Value};

/// Returns the merge patch that turns `old` into `new`, or `None` if they are the same.
///
/// Fields that are null count as absent, as the API server keeps them. Lists are replaced as a whole: a merge
/// patch knows no other way.
pub(in crate::write) fn merge_patch(old: &Value, new: &Value) -> Option<Value> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => object_patch(old, new).map(Value::Object),
        _ if old == new => None,
        _ => Some(new.clone()),
    }
}

fn object_patch(old: &Map<String, Value>, new: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut patch = Map::new();
    for (name, new) in new.iter().filter(|(_, value)| !value.is_null()) {
        let old = old.get(name).filter(|value| !value.is_null());
        let change = match old {
            Some(old) => merge_patch(old, new),
            None => Some(new.clone()),
        };
        patch.extend(change.map(|change| (name.clone(), change)));
    }
    for (name, _) in old.iter().filter(|(_, value)| !value.is_null()) {
        if new.get(name).is_none_or(Value::is_null) {
            patch.insert(name.clone(), Value::Null);
        }
    }
    (!patch.is_empty()).then_some(patch)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_has_only_what_changed() {
        let check = |old, new, expected: Option<Value>| assert_eq!(merge_patch(&old, &new), expected);
        check(
            json!({ "a": 1, "b": 2 }),
            json!({ "a": 1, "b": 3 }),
            Some(json!({ "b": 3 })),
        );
        check(json!({ "a": 1 }), json!({ "a": 1 }), None);
        check(json!({ "a": 1 }), json!({}), Some(json!({ "a": null })));
        check(json!({}), json!({ "a": 1 }), Some(json!({ "a": 1 })));
        check(
            json!({ "a": { "b": 1, "c": 2 } }),
            json!({ "a": { "b": 1, "c": 3 } }),
            Some(json!({ "a": { "c": 3 } })),
        );
        check(
            json!({ "a": [1, 2] }),
            json!({ "a": [1] }),
            Some(json!({ "a": [1] })),
        );
        check(
            json!({ "a": { "b": 1 } }),
            json!({ "a": 7 }),
            Some(json!({ "a": 7 })),
        );
    }

    #[test]
    fn null_is_absent() {
        let check = |old, new, expected: Option<Value>| assert_eq!(merge_patch(&old, &new), expected);
        check(json!({ "a": null }), json!({}), None);
        check(json!({}), json!({ "a": null }), None);
        check(
            json!({ "a": 1 }),
            json!({ "a": null }),
            Some(json!({ "a": null })),
        );
    }
}
