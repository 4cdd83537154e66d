//! What a version has no room for, kept in an annotation until the object comes back.
//!
//! The annotation holds, per version, the fields the object loses on its way to another version: where, what was
//! there, and what a trip there and back leaves in its place. On the way back a field gets its old value again only
//! if nobody has changed it meanwhile, that is if the trip leaves the same in its place as before.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The annotation with what a version has no room for.
pub const KEPT: &str = "krate.dev/kept-by-conversion";

/// What is kept, by the version whose it is.
#[derive(Debug, Default)]
pub(super) struct Kept(BTreeMap<String, Vec<Loss>>);

/// A field that does not survive a trip to another version and back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Loss {
    /// The keys on the way to it.
    path: Vec<String>,
    /// What is there; nothing if the field is not.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    is: Option<Value>,
    /// What a trip leaves in its place.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    becomes: Option<Value>,
}

impl Kept {
    /// Takes the annotation out of an object.
    pub(super) fn take(object: &mut Value) -> Self {
        let metadata = &mut object["metadata"];
        let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) else {
            return Self::default();
        };
        let Some(text) = annotations.remove(KEPT) else {
            return Self::default();
        };
        if annotations.is_empty()
            && let Some(metadata) = metadata.as_object_mut()
        {
            metadata.remove("annotations");
        }
        let kept = serde_json::from_str(text.as_str().unwrap_or_default());
        Self(kept.unwrap_or_else(|error| {
            // Somebody has edited it: what was kept is gone, and the object must convert all the same.
            tracing::warn!(%error, annotation = KEPT, "what a conversion kept cannot be read");
            BTreeMap::new()
        }))
    }

    /// Returns what is kept for a version, which the object is about to have again.
    pub(super) fn losses_of(&mut self, version: &str) -> Vec<Loss> {
        self.0.remove(version).unwrap_or_default()
    }

    /// Keeps losses for a version.
    pub(super) fn set(&mut self, version: &str, losses: Vec<Loss>) {
        if losses.is_empty() {
            self.0.remove(version);
        } else {
            self.0.insert(version.to_owned(), losses);
        }
    }

    /// Puts the annotation onto an object, if anything is kept.
    pub(super) fn write(self, object: &mut Value) {
        if self.0.is_empty() {
            return;
        }
        let text = serde_json::to_string(&self.0).unwrap_or_default();
        let annotations = &mut object["metadata"]["annotations"];
        if !annotations.is_object() {
            *annotations = Value::Object(Map::new());
        }
        annotations[KEPT] = text.into();
    }
}

/// Returns the fields outside the metadata in which an object differs from what a trip leaves of it.
///
/// A list is one field: which of its items is which, nobody knows once a user has changed it.
pub(super) fn losses(object: &Value, returned: &Value) -> Vec<Loss> {
    let mut losses = Vec::new();
    let fields = object.as_object().into_iter().chain(returned.as_object());
    let keys = fields
        .flat_map(Map::keys)
        .filter(|key| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata"));
    let keys: std::collections::BTreeSet<&String> = keys.collect();
    for key in keys {
        let mut path = vec![key.clone()];
        compare(object.get(key), returned.get(key), &mut path, &mut losses);
    }
    losses
}

fn compare(is: Option<&Value>, becomes: Option<&Value>, path: &mut Vec<String>, losses: &mut Vec<Loss>) {
    if is == becomes {
        return;
    }
    if let (Some(Value::Object(is)), Some(Value::Object(becomes))) = (is, becomes) {
        let keys: std::collections::BTreeSet<&String> = is.keys().chain(becomes.keys()).collect();
        for key in keys {
            path.push(key.clone());
            compare(is.get(key), becomes.get(key), path, losses);
            path.pop();
        }
        return;
    }
    losses.push(Loss {
        path: path.clone(),
        is: is.cloned(),
        becomes: becomes.cloned(),
    });
}

/// Gives lost fields back to an object, where nobody has changed them.
pub(super) fn restore(object: &mut Value, losses: &[Loss]) {
    for loss in losses {
        restore_one(object, loss);
    }
}

fn restore_one(object: &mut Value, loss: &Loss) -> Option<()> {
    let (last, way) = loss.path.split_last()?;
    let mut at = object;
    for key in way {
        at = at.get_mut(key)?;
    }
    let fields = at.as_object_mut()?;
    if fields.get(last) != loss.becomes.as_ref() {
        return None;
    }
    match &loss.is {
        Some(value) => fields.insert(last.clone(), value.clone()),
        None => fields.remove(last),
    };
    Some(())
}

/// `null` is a value, and not the same as no field.
mod present {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    pub(super) fn serialize<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lost_fields_come_back_unless_somebody_changed_them() {
        let check = |is: Value, becomes: Value, later: Value, expected: Value| {
            let (is, becomes) = (json!({"spec": is}), json!({"spec": becomes}));
            let losses = losses(&is, &becomes);
            let text = serde_json::to_string(&losses).unwrap();
            let losses: Vec<Loss> = serde_json::from_str(&text).unwrap();
            let mut later = json!({"spec": later});
            restore(&mut later, &losses);
            assert_eq!(later, json!({"spec": expected}), "{text}");
        };
        // Untouched.
        check(
            json!({"a": 1, "b": 2}),
            json!({"a": 1}),
            json!({"a": 1}),
            json!({"a": 1, "b": 2}),
        );
        // Something else was changed.
        check(
            json!({"a": 1, "b": 2}),
            json!({"a": 1}),
            json!({"a": 3}),
            json!({"a": 3, "b": 2}),
        );
        // The field itself was changed.
        check(
            json!({"a": 1500}),
            json!({"a": 1000}),
            json!({"a": 2000}),
            json!({"a": 2000}),
        );
        check(
            json!({"a": 1500}),
            json!({"a": 1000}),
            json!({"a": 1000}),
            json!({"a": 1500}),
        );
        // Nested, null, and fields that the trip adds.
        check(
            json!({"a": {"b": null, "c": 1}}),
            json!({"a": {"c": 1, "d": 0}}),
            json!({"a": {"c": 2, "d": 0}}),
            json!({"a": {"b": null, "c": 2}}),
        );
        // What it was in is gone.
        check(
            json!({"a": {"b": 1, "c": 1}}),
            json!({"a": {"c": 1}}),
            json!({}),
            json!({}),
        );
        // A list is one field.
        check(
            json!({"a": [1, 2]}),
            json!({"a": [1]}),
            json!({"a": [1]}),
            json!({"a": [1, 2]}),
        );
        check(
            json!({"a": [1, 2]}),
            json!({"a": [1]}),
            json!({"a": [3]}),
            json!({"a": [3]}),
        );
    }

    #[test]
    fn metadata_is_not_kept() {
        let with = json!({"apiVersion": "a/v1", "metadata": {"name": "a"}, "status": {"b": 1}});
        let without = json!({"apiVersion": "a/v2", "metadata": {}, "status": {"b": 1}});
        assert_eq!(losses(&with, &without), []);
    }

    #[test]
    fn an_annotation_that_was_edited_is_dropped() {
        let mut object = json!({"metadata": {"annotations": {KEPT: "no", "other": "1"}}});
        let kept = Kept::take(&mut object);
        assert!(kept.0.is_empty());
        assert_eq!(object, json!({"metadata": {"annotations": {"other": "1"}}}));
    }
}
