//! An object as it is sent to be applied, and the part of a stored object that the apply speaks about.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use crate::Kind;
use crate::error::Result;
use crate::reconcile::Subject;

/// The fields of `metadata` that the API server alone writes.
const SERVER_FIELDS: &[&str] = &[
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Returns an object as the body of an apply: what the reconciler has an opinion on, and nothing else.
///
/// Left out are the status, which has an endpoint of its own, the fields only the server writes, and nulls: an
/// `Option` that is `None` is no opinion.
pub(super) fn body<K: Subject>(kind: &Kind, object: &K) -> Result<Value> {
    let mut value = serde_json::to_value(object)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("status");
        fields.insert("apiVersion".into(), kind.api_version().into());
        fields.insert("kind".into(), kind.kind().into());
        if let Some(Value::Object(metadata)) = fields.get_mut("metadata") {
            metadata.retain(|name, _| !SERVER_FIELDS.contains(&name.as_str()));
        }
    }
    drop_nulls(&mut value);
    Ok(value)
}

/// Removes null fields; nulls in lists keep their place.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, field| !field.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// Returns the part of `stored` that an apply of `body` can change: the same fields, lists as a whole.
///
/// What lies outside belongs to others and is of no interest; a field that is missing in `stored` stays missing.
pub(super) fn covered(stored: &Value, body: &Value) -> Value {
    match (stored, body) {
        (Value::Object(stored), Value::Object(body)) => {
            let fields = body.iter().filter_map(|(name, body)| {
                let stored = stored.get(name)?;
                Some((name.clone(), covered(stored, body)))
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        _ => stored.clone(),
    }
}

/// Returns a number that stands for a value; it is the same in every process.
pub(super) fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_has_only_what_the_reconciler_says() {
        let object: Deployment = serde_json::from_value(json!({
            "metadata": {
                "name": "web", "namespace": "default", "uid": "u", "resourceVersion": "7", "generation": 2,
                "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": [],
            },
            "spec": { "replicas": 2, "selector": {}, "template": {} },
            "status": { "replicas": 1 },
        }))
        .unwrap();
        let expected = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "web", "namespace": "default" },
            "spec": { "replicas": 2, "selector": {}, "template": {} },
        });
        assert_eq!(body(&Kind::of::<Deployment>(), &object).unwrap(), expected);
    }

    #[test]
    fn nulls_are_no_opinion() {
        let mut value = json!({ "a": null, "b": { "c": null, "d": 1 }, "e": [null, { "f": null }] });
        drop_nulls(&mut value);
        assert_eq!(value, json!({ "b": { "d": 1 }, "e": [null, {}] }));
    }

    #[test]
    fn only_the_fields_of_the_body_are_covered() {
        let check = |stored, body, expected| assert_eq!(covered(&stored, &body), expected);
        check(
            json!({ "replicas": 3, "image": "a" }),
            json!({ "image": "b" }),
            json!({ "image": "a" }),
        );
        check(json!({ "other": 1 }), json!({ "image": "b" }), json!({}));
        check(
            json!({ "list": [{ "name": "a", "defaulted": true }] }),
            json!({ "list": [{ "name": "a" }] }),
            json!({ "list": [{ "name": "a", "defaulted": true }] }),
        );
        check(json!({ "x": 1 }), json!({ "x": { "y": 1 } }), json!({ "x": 1 }));
    }
}
