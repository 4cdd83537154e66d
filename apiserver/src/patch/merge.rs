//! Merge patch, RFC 7386.

use serde_json::Value;

use super::printed::json_kind;
use crate::status::{Error, Result};

/// Returns `live` under the patch: objects merge, null removes, everything else replaces.
///
/// # Errors
///
/// 400 if the patch is not an object.
pub fn apply(live: &Value, patch: &Value) -> Result<Value> {
    match patch {
        Value::Object(_) => Ok(merge(live.clone(), patch)),
        Value::Null => Err(Error::bad_request("Invalid JSON Patch")),
        other => Err(Error::bad_request(format!(
            "error decoding patch: json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            json_kind(other)
        ))),
    }
}

fn merge(live: Value, patch: &Value) -> Value {
    match (live, patch) {
        (Value::Object(mut fields), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    fields.remove(name);
                    continue;
                }
                let before = fields.get_mut(name).map(Value::take).unwrap_or_default();
                fields.insert(name.clone(), merge(before, value));
            }
            Value::Object(fields)
        }
        // What takes the place of an object is taken as it is, nulls and all.
        (Value::Object(_), replacement) => replacement.clone(),
        (_, replacement) => without_nulls(replacement),
    }
}

/// Drops null fields, those of objects inside lists too; the RFC keeps the latter, the server does not.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(name, value)| (name.clone(), without_nulls(value)))
                    .collect(),
            )
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    #[expect(clippy::needless_pass_by_value, reason = "reads better with literals")]
    fn objects_merge_and_null_removes() {
        fn check(live: Value, patch: Value, expected: Value) {
            assert_eq!(apply(&live, &patch), Ok(expected), "{live} {patch}");
        }
        check(json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"}));
        check(json!({"a": "b"}), json!({"a": null, "z": 1}), json!({"z": 1}));
        check(
            json!({"a": {"b": 1}}),
            json!({"a": {"c": 2}}),
            json!({"a": {"b": 1, "c": 2}}),
        );
        check(json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]}));
        check(
            json!({}),
            json!({"a": {"b": {"c": null}}}),
            json!({"a": {"b": {}}}),
        );
        check(json!({"a": 1}), json!({"a": {"b": null}}), json!({"a": {}}));
        check(
            json!({}),
            json!({"a": [{"b": null}, null]}),
            json!({"a": [{}, null]}),
        );
        check(
            json!({"a": {"b": 1}}),
            json!({"a": [{"b": null}]}),
            json!({"a": [{"b": null}]}),
        );
    }

    #[test]
    #[expect(clippy::needless_pass_by_value, reason = "reads better with literals")]
    fn only_an_object_is_a_patch() {
        fn check(patch: Value, expected: &str) {
            let error = apply(&json!({}), &patch).unwrap_err();
            assert_eq!((error.code, error.message.as_str()), (400, expected));
        }
        let of = |kind: &str| {
            format!(
                "error decoding patch: json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
            )
        };
        check(json!([]), &of("array"));
        check(json!("x"), &of("string"));
        check(json!(null), "Invalid JSON Patch");
    }

    fn objects() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(json!(null)), "[ab]".prop_map(|text| json!(text))];
        let value = leaf.prop_recursive(3, 16, 4, |inner| {
            prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|map| map.into_iter().collect())
        });
        prop::collection::btree_map("[abc]", value, 0..4).prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn patching_twice_is_patching_once(live in objects(), patch in objects()) {
            let once = apply(&live, &patch).unwrap();
            prop_assert_eq!(apply(&once, &patch), Ok(once));
        }
    }
}
