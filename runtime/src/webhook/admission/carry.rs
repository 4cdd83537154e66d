//! A change of a typed object, carried onto the raw one it was read from.
//!
//! A type knows some fields of an object; the request may have more, or spell the same differently (`null` for
//! nothing). What the type does not know and what did not change stays as it was sent.

use json_patch::Patch;
use serde_json::{Map, Value};

/// Returns the patch that does to `raw` what turns `before` into `after`, the typed forms of it.
pub(super) fn patch(raw: &Value, before: &Value, after: &Value) -> Patch {
    json_patch::diff(raw, &carried(raw, before, after))
}

/// Returns `raw` with what differs between `before` and `after`.
fn carried(raw: &Value, before: &Value, after: &Value) -> Value {
    if before == after {
        return raw.clone();
    }
    match (raw, before, after) {
        (Value::Object(raw), Value::Object(before), Value::Object(after)) => {
            Value::Object(carried_fields(raw, before, after))
        }
        (Value::Array(raw), Value::Array(before), Value::Array(after)) if raw.len() == before.len() => {
            Value::Array(carried_items(raw, before, after))
        }
        _ => after.clone(),
    }
}

fn carried_fields(
    raw: &Map<String, Value>,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Map<String, Value> {
    let mut result = raw.clone();
    result.retain(|key, _| after.contains_key(key) || !before.contains_key(key));
    let nothing = Value::Object(Map::new());
    for (key, new) in after {
        let old = before.get(key);
        if old == Some(new) {
            continue;
        }
        let new = match raw.get(key) {
            // An object the type had left out, as it leaves out defaults, may hold what the type does not know.
            Some(raw) => carried(raw, old.unwrap_or(&nothing), new),
            None => new.clone(),
        };
        result.insert(key.clone(), new);
    }
    result
}

/// Finds for each item the one it was before: the same, or else one of the same name.
fn carried_items(raw: &[Value], before: &[Value], after: &[Value]) -> Vec<Value> {
    let start = after.iter().zip(before).take_while(|(a, b)| a == b).count();
    let rest = after.len().min(before.len()) - start;
    let end = after.iter().rev().zip(before.iter().rev());
    let end = end.take(rest).take_while(|(a, b)| a == b).count();
    let (inner_after, inner_before) = (start..after.len() - end, start..before.len() - end);
    // Where as many items went as came, an item without a name is the one in its place.
    let in_place = inner_after.len() == inner_before.len();
    let mut result = raw[..start].to_vec();
    for index in inner_after {
        let item = &after[index];
        let same = inner_before.clone().find(|old| before[*old] == *item);
        let old = same.or_else(|| match name(item) {
            Some(name_of_item) => inner_before
                .clone()
                .find(|old| name(&before[*old]) == Some(name_of_item)),
            None => in_place.then_some(index),
        });
        result.push(old.map_or_else(|| item.clone(), |old| carried(&raw[old], &before[old], item)));
    }
    result.extend_from_slice(&raw[raw.len() - end..]);
    result
}

fn name(item: &Value) -> Option<&str> {
    item.get("name")?.as_str()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(raw: Value, before: Value, after: Value, expected: Value) {
        let mut patched = raw.clone();
        json_patch::patch(&mut patched, &patch(&raw, &before, &after)).unwrap();
        assert_eq!(patched, expected, "{raw} {before} {after}");
    }

    #[test]
    fn what_the_type_does_not_know_stays() {
        check(
            json!({"a": 1, "unknown": {"b": [null]}}),
            json!({"a": 1}),
            json!({"a": 2, "c": 3}),
            json!({"a": 2, "c": 3, "unknown": {"b": [null]}}),
        );
    }

    #[test]
    fn null_and_absent_stay_as_they_were_sent() {
        check(
            json!({"null": null, "a": 1}),
            json!({"a": 1}),
            json!({"a": 2}),
            json!({"null": null, "a": 2}),
        );
        check(
            json!({"a": 1}),
            json!({"null": null, "a": 1}),
            json!({"null": null, "a": 2}),
            json!({"a": 2}),
        );
        check(json!({"a": null}), json!({}), json!({"a": 1}), json!({"a": 1}));
    }

    #[test]
    fn removed_fields_are_removed_and_no_others() {
        check(
            json!({"a": {"b": 1, "c": 2, "unknown": 3}}),
            json!({"a": {"b": 1, "c": 2}}),
            json!({"a": {"c": 2}}),
            json!({"a": {"c": 2, "unknown": 3}}),
        );
    }

    #[test]
    fn an_object_left_out_as_default_keeps_what_is_unknown() {
        check(
            json!({"a": {"unknown": 1}}),
            json!({}),
            json!({"a": {"b": 2}}),
            json!({"a": {"b": 2, "unknown": 1}}),
        );
    }

    #[test]
    fn items_of_lists_are_found_again() {
        let raw = json!([{"name": "a", "x": 1, "u": 1}, {"name": "b", "x": 2, "u": 2}]);
        let before = json!([{"name": "a", "x": 1}, {"name": "b", "x": 2}]);
        let check = |after: Value, expected: Value| check(raw.clone(), before.clone(), after, expected);
        // One is put before them.
        check(
            json!([{"name": "c"}, {"name": "a", "x": 1}, {"name": "b", "x": 2}]),
            json!([{"name": "c"}, {"name": "a", "x": 1, "u": 1}, {"name": "b", "x": 2, "u": 2}]),
        );
        // One changes, one goes.
        check(
            json!([{"name": "b", "x": 3}]),
            json!([{"name": "b", "x": 3, "u": 2}]),
        );
        // They change places.
        check(
            json!([{"name": "b", "x": 2}, {"name": "a", "x": 1}]),
            json!([{"name": "b", "x": 2, "u": 2}, {"name": "a", "x": 1, "u": 1}]),
        );
    }

    #[test]
    fn items_without_names_are_those_in_their_place() {
        check(
            json!([{"x": 1, "u": 1}, {"x": 2, "u": 2}]),
            json!([{"x": 1}, {"x": 2}]),
            json!([{"x": 1}, {"x": 3}]),
            json!([{"x": 1, "u": 1}, {"x": 3, "u": 2}]),
        );
    }

    #[test]
    fn keys_with_slashes_and_tildes_are_found() {
        check(
            json!({"metadata": {"annotations": {"a/b": "1", "c~d": "2"}}}),
            json!({"metadata": {"annotations": {"a/b": "1", "c~d": "2"}}}),
            json!({"metadata": {"annotations": {"a/b": "3"}}}),
            json!({"metadata": {"annotations": {"a/b": "3"}}}),
        );
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..4).prop_map(Value::from),
            "[ab/~]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[abn/~]|name", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn where_everything_is_known_the_change_arrives_whole(before in value(), after in value()) {
            let mut patched = before.clone();
            json_patch::patch(&mut patched, &patch(&before, &before, &after)).unwrap();
            prop_assert_eq!(patched, after);
        }

        #[test]
        fn without_a_change_there_is_no_patch(raw in value(), typed in value()) {
            prop_assert!(patch(&raw, &typed, &typed).0.is_empty());
        }
    }
}
