//! What a controller wants done: planned as values, carried out elsewhere.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::object::Meta;

/// The steps of one look at one object, in order.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// Look again after this time, even if nothing changes.
    pub(super) again: Option<Duration>,
}

/// One write.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Creates an object in a collection.
    Create { collection: String, object: Value },
    /// Changes an object by a JSON merge patch.
    Patch { path: String, patch: Value },
    /// Replaces the status of an object, provided that nobody wrote it since.
    Status { path: String, object: Value },
    /// Deletes an object that has this uid.
    Delete {
        path: String,
        uid: String,
        grace: Option<u64>,
    },
}

impl Plan {
    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Adds the write of `status` (and of annotations) unless the object has it already.
    pub(super) fn set_status(&mut self, path: String, old: &Value, new: Value) {
        if new["status"] != old["status"] || new["metadata"] != old["metadata"] {
            self.push(Step::Status { path, object: new });
        }
    }

    pub(super) fn look_again(&mut self, wait: Duration) {
        self.again = Some(self.again.map_or(wait, |known| known.min(wait)));
    }
}

/// Returns the owner reference of an object made for `owner`.
pub(super) fn owned_by(owner: &Value) -> Value {
    json!([{
        "apiVersion": owner.api_version(), "kind": owner.kind(), "name": owner.name(), "uid": owner.uid(),
        "controller": true, "blockOwnerDeletion": true,
    }])
}

/// Reads a whole number under a path of fields, 0 if absent.
pub(super) fn number(value: &Value, path: &[&str]) -> i64 {
    path.iter()
        .try_fold(value, |value, field| value.get(field))
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// Reads `.spec.replicas`, 1 if absent.
pub(super) fn replicas(value: &Value) -> i64 {
    value["spec"]["replicas"].as_i64().unwrap_or(1)
}

/// Reads a string under a path of fields, empty if absent.
pub(super) fn string<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    path.iter()
        .try_fold(value, |value, field| value.get(field))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Collects counts into a status; zeros are left out, as the API writes them.
pub(super) fn counts(pairs: &[(&str, i64)]) -> Map<String, Value> {
    let filled = pairs.iter().filter(|(_, count)| *count != 0);
    filled
        .map(|(key, count)| ((*key).to_owned(), json!(count)))
        .collect()
}

/// Resolves `25%` or `1` against a whole.
pub(super) fn share(value: &Value, whole: i64, round_up: bool) -> i64 {
    if let Some(count) = value.as_i64() {
        return count.max(0);
    }
    let percent = value.as_str().and_then(|text| text.strip_suffix('%'));
    let percent: i64 = percent.and_then(|text| text.parse().ok()).unwrap_or_default();
    let hundredths = whole.saturating_mul(percent.max(0));
    if round_up {
        (hundredths + 99) / 100
    } else {
        hundredths / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_as_asked() {
        let check =
            |value: Value, whole, up, expected| assert_eq!(share(&value, whole, up), expected, "{value}");
        check(json!("25%"), 3, true, 1);
        check(json!("25%"), 3, false, 0);
        check(json!("100%"), 7, false, 7);
        check(json!(2), 7, false, 2);
        check(json!("x"), 7, false, 0);
        check(json!(-1), 7, false, 0);
    }

    #[test]
    fn a_status_that_is_there_already_is_not_written() {
        let old = json!({"metadata": {"name": "a"}, "status": {"replicas": 1}});
        let mut plan = Plan::default();
        plan.set_status("/a".to_owned(), &old, old.clone());
        assert_eq!(plan, Plan::default());
        let mut new = old.clone();
        new["status"] = json!({"replicas": 2});
        plan.set_status("/a".to_owned(), &old, new);
        assert_eq!(plan.steps.len(), 1);
    }
}
