//! What an edit of a status leaves to the runtime: the generation it is about, and the time a condition flipped.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const GENERATION: &str = "observedGeneration";

/// Sets `observedGeneration`, if the status type has that field.
///
/// Whether it does is found out by giving it one: a field that is unknown to the type does not come back.
pub(super) fn generation<S: Serialize + DeserializeOwned>(status: &mut Value, generation: Option<i64>) {
    let (Some(generation), Value::Object(fields)) = (generation, &mut *status) else {
        return;
    };
    let mut probe = fields.clone();
    probe.insert(GENERATION.into(), generation.into());
    let back = serde_json::from_value::<S>(Value::Object(probe)).and_then(serde_json::to_value);
    if back.is_ok_and(|back| back.get(GENERATION) == Some(&json!(generation))) {
        fields.insert(GENERATION.into(), generation.into());
    }
}

/// Fills in the transition time and the generation of the conditions that were set since `before`.
pub(super) fn conditions(before: &Value, after: &mut Value, now: &str, generation: Option<i64>) {
    let Some(Value::Array(conditions)) = after.get_mut("conditions") else {
        return;
    };
    let known = before.get("conditions").and_then(Value::as_array);
    for condition in conditions {
        let untouched = known.is_some_and(|known| known.contains(condition));
        if !untouched {
            stamp(condition, now, generation);
        }
    }
}

fn stamp(condition: &mut Value, now: &str, generation: Option<i64>) {
    let Value::Object(fields) = condition else {
        return;
    };
    if !fields.contains_key("type") || !fields.contains_key("status") {
        return;
    }
    fields.entry("lastTransitionTime").or_insert_with(|| now.into());
    if let Some(generation) = generation {
        fields.entry(GENERATION).or_insert_with(|| generation.into());
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct WithGeneration {
        #[serde(skip_serializing_if = "Option::is_none")]
        observed_generation: Option<i64>,
    }

    #[derive(Serialize, Deserialize)]
    struct Without {
        phase: Option<String>,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        phase: Option<String>,
    }

    #[test]
    fn the_generation_is_set_only_where_there_is_a_field_for_it() {
        fn check<S: Serialize + DeserializeOwned>(expected: &Value) {
            let mut status = json!({});
            generation::<S>(&mut status, Some(3));
            assert_eq!(status, *expected);
        }
        check::<WithGeneration>(&json!({ "observedGeneration": 3 }));
        check::<Without>(&json!({}));
        check::<Strict>(&json!({}));
    }

    #[test]
    fn what_was_set_is_stamped_and_the_rest_stays_as_it_was() {
        let old = json!({ "type": "Old", "status": "True" });
        let before = json!({ "conditions": [old, { "type": "Ready", "status": "True", "observedGeneration": 1,
            "lastTransitionTime": "then" }] });
        let mut after = json!({ "conditions": [old,
            { "type": "Ready", "status": "True", "lastTransitionTime": "then" },
            { "type": "New", "status": "False" }] });
        conditions(&before, &mut after, "now", Some(2));
        let expected = json!({ "conditions": [old,
            { "type": "Ready", "status": "True", "lastTransitionTime": "then", "observedGeneration": 2 },
            { "type": "New", "status": "False", "lastTransitionTime": "now", "observedGeneration": 2 }] });
        assert_eq!(after, expected);
    }

    #[test]
    fn entries_that_are_no_conditions_are_left_alone() {
        let mut after = json!({ "conditions": ["a", { "x": 1 }] });
        conditions(&json!({}), &mut after, "now", Some(2));
        assert_eq!(after, json!({ "conditions": ["a", { "x": 1 }] }));
    }
}
