//! Carrying an edit over to a newer state: what the edit did not touch is the newer state's.

use serde_json::{Map, Value};

/// Returns `live` with the edit from `before` to `after`, or `None` if both changed one list in ways that do not
/// go together.
///
/// Lists of conditions are merged by type; any other list must be as it was before.
pub(super) fn rebase(before: &Value, after: &Value, live: &Value) -> Option<Value> {
    if before == after || after == live {
        return Some(live.clone());
    }
    if before == live {
        return Some(after.clone());
    }
    match (before, after, live) {
        (Value::Object(before), Value::Object(after), Value::Object(live)) => {
            rebase_object(before, after, live).map(Value::Object)
        }
        (Value::Array(before), Value::Array(after), Value::Array(live)) => {
            rebase_conditions(before, after, live).map(Value::Array)
        }
        (Value::Array(_), _, _) | (_, Value::Array(_), _) | (_, _, Value::Array(_)) => None,
        _ => Some(after.clone()),
    }
}

fn rebase_object(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    live: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let field = |fields: &Map<String, Value>, name| fields.get(name).cloned().unwrap_or(Value::Null);
    let mut result = Map::new();
    for name in before.keys().chain(after.keys()).chain(live.keys()) {
        if !result.contains_key(name) {
            let rebased = rebase_field(&field(before, name), &field(after, name), &field(live, name))?;
            result.insert(name.clone(), rebased);
        }
    }
    result.retain(|_, value| !value.is_null());
    Some(result)
}

/// A field that is absent on one side counts as empty there, if the others show of what kind it is.
fn rebase_field(before: &Value, after: &Value, live: &Value) -> Option<Value> {
    let empty = match (after, live) {
        (Value::Array(_), Value::Array(_)) => Value::Array(Vec::new()),
        (Value::Object(_), Value::Object(_)) => Value::Object(Map::new()),
        _ => Value::Null,
    };
    let before = if before.is_null() { &empty } else { before };
    rebase(before, after, live)
}

fn rebase_conditions(before: &[Value], after: &[Value], live: &[Value]) -> Option<Vec<Value>> {
    if !before.iter().chain(after).chain(live).all(is_condition) {
        return None;
    }
    let mut result = live.to_vec();
    for condition in after.iter().filter(|condition| !before.contains(condition)) {
        match result.iter_mut().find(|known| known["type"] == condition["type"]) {
            Some(known) => known.clone_from(condition),
            None => result.push(condition.clone()),
        }
    }
    let is_removed = |condition: &Value| {
        let named = |list: &[Value]| list.iter().any(|known| known["type"] == condition["type"]);
        named(before) && !named(after)
    };
    result.retain(|condition| !is_removed(condition));
    Some(result)
}

fn is_condition(value: &Value) -> bool {
    value.get("type").is_some_and(Value::is_string) && value.get("status").is_some_and(Value::is_string)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "cases read as data")]
    fn check(before: Value, after: Value, live: Value, expected: Option<Value>) {
        assert_eq!(rebase(&before, &after, &live), expected);
    }

    #[test]
    fn fields_the_edit_did_not_touch_are_the_newer_ones() {
        check(
            json!({ "a": 1, "b": 1 }),
            json!({ "a": 2, "b": 1 }),
            json!({ "a": 1, "b": 5, "c": 9 }),
            Some(json!({ "a": 2, "b": 5, "c": 9 })),
        );
    }

    #[test]
    fn the_edit_wins_over_a_newer_value_of_the_same_field() {
        check(
            json!({ "a": 1 }),
            json!({ "a": 2 }),
            json!({ "a": 3 }),
            Some(json!({ "a": 2 })),
        );
        check(json!({ "a": 1 }), json!({}), json!({ "a": 3 }), Some(json!({})));
    }

    #[test]
    fn conditions_are_merged_by_type() {
        let condition = |type_: &str, status: &str| json!({ "type": type_, "status": status });
        check(
            json!([
                condition("A", "True"),
                condition("B", "True"),
                condition("C", "True")
            ]),
            json!([condition("A", "False"), condition("B", "True")]),
            json!([
                condition("A", "True"),
                condition("B", "Unknown"),
                condition("C", "True"),
                condition("D", "True")
            ]),
            Some(json!([
                condition("A", "False"),
                condition("B", "Unknown"),
                condition("D", "True")
            ])),
        );
        check(
            json!({}),
            json!({ "conditions": [condition("A", "True")] }),
            json!({ "conditions": [condition("B", "True")] }),
            Some(json!({ "conditions": [condition("B", "True"), condition("A", "True")] })),
        );
    }

    #[test]
    fn two_changes_of_one_list_do_not_go_together() {
        check(
            json!({ "l": [1] }),
            json!({ "l": [1, 2] }),
            json!({ "l": [1, 3] }),
            None,
        );
        check(
            json!({ "l": [1] }),
            json!({ "l": [1, 2] }),
            json!({ "l": [1] }),
            Some(json!({ "l": [1, 2] })),
        );
    }
}
