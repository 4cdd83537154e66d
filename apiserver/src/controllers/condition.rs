//! Conditions in a status.

use serde_json::{Map, Value, json};

/// What a condition says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Condition<'a> {
    pub(super) kind: &'a str,
    pub(super) status: &'a str,
    /// Empty is left out.
    pub(super) reason: &'a str,
    /// Empty is left out.
    pub(super) message: &'a str,
}

impl Condition<'_> {
    /// Puts the condition into `list`; its transition time is that of the last change of its status.
    pub(super) fn set(self, list: &mut Vec<Value>, now: &str) {
        let position = list.iter().position(|one| one["type"] == self.kind);
        let since = position
            .map(|at| &list[at])
            .filter(|old| old["status"] == self.status)
            .and_then(|old| old["lastTransitionTime"].as_str())
            .unwrap_or(now);
        let new = self.to_value(since);
        match position {
            Some(at) => {
                for (key, value) in new {
                    list[at][key] = value;
                }
            }
            None => list.push(Value::Object(new)),
        }
    }

    /// As [`Condition::set`], and notes when it was last said: what deployments do.
    pub(super) fn set_with_update(self, list: &mut Vec<Value>, now: &str) {
        self.set(list, now);
        for one in list.iter_mut().filter(|one| one["type"] == self.kind) {
            one["lastUpdateTime"] = json!(now);
        }
    }

    fn to_value(self, since: &str) -> Map<String, Value> {
        let pairs = [
            ("type", self.kind),
            ("status", self.status),
            ("lastTransitionTime", since),
            ("reason", self.reason),
            ("message", self.message),
        ];
        let filled = pairs.into_iter().filter(|(_, text)| !text.is_empty());
        filled.map(|(key, text)| (key.to_owned(), json!(text))).collect()
    }
}

/// Returns the conditions of an object.
pub(super) fn conditions(object: &Value) -> Vec<Value> {
    object["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

/// Returns the condition of a type.
pub(super) fn find<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    let list = object["status"]["conditions"].as_array()?;
    list.iter().find(|one| one["type"] == kind)
}

/// Returns whether the condition of a type is `True`.
pub(super) fn is_true(object: &Value, kind: &str) -> bool {
    find(object, kind).is_some_and(|one| one["status"] == "True")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transition_time_moves_with_the_status_alone() {
        let mut list = Vec::new();
        let mut set = |status, reason, now: &str| {
            let condition = Condition {
                kind: "Ready",
                status,
                reason,
                message: "",
            };
            condition.set(&mut list, now);
            list[0]["lastTransitionTime"].clone()
        };
        assert_eq!(set("False", "A", "1"), "1");
        assert_eq!(set("False", "B", "2"), "1");
        assert_eq!(set("True", "B", "3"), "3");
        assert_eq!(list.len(), 1);
        assert_eq!(list[0]["reason"], "B");
    }
}
