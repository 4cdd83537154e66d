//! From a pod template to pods.

use serde_json::{Map, Value, json};

use crate::controllers::plan::owned_by;
use crate::object::{Meta, map_mut, metadata_mut};

/// Label that tells the pods of a deployment's templates apart.
pub(super) const HASH_LABEL: &str = "pod-template-hash";
/// Label that tells the pods of a stateful set's or daemon set's templates apart.
pub(super) const REVISION_LABEL: &str = "controller-revision-hash";

/// Returns a short name for a template: equal templates have equal ones. `salt` makes another one on collision.
pub(super) fn hash(template: &Value, salt: i64) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut text = template.to_string();
    if salt != 0 {
        text.push_str(&salt.to_string());
    }
    let digits = fnv1a(text.as_bytes()).to_string();
    digits
        .bytes()
        .map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()]))
        .collect()
}

fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// Returns whether two templates make equal pods, whatever their hash labels say.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    bare(one) == bare(other)
}

fn bare(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template
        .pointer_mut("/metadata/labels")
        .and_then(Value::as_object_mut)
    {
        labels.remove(HASH_LABEL);
    }
    template
}

/// What a pod is called.
pub(super) enum Name<'a> {
    /// Exactly so.
    Fixed(String),
    /// After its owner, with a suffix the server makes.
    After(&'a str),
}

/// Returns a pod made from `template` for `owner`, with further labels.
pub(super) fn pod(owner: &Value, template: &Value, name: &Name<'_>, labels: &[(&str, &str)]) -> Value {
    let mut metadata = Map::new();
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template["metadata"].get(field) {
            metadata.insert(field.to_owned(), value.clone());
        }
    }
    match name {
        Name::Fixed(name) => metadata.insert("name".to_owned(), json!(name)),
        Name::After(owner) => metadata.insert("generateName".to_owned(), json!(format!("{owner}-"))),
    };
    metadata.insert("namespace".to_owned(), json!(owner.namespace()));
    metadata.insert("ownerReferences".to_owned(), owned_by(owner));
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"],
    });
    add_labels(&mut pod, labels);
    pod
}

/// Adds labels to the metadata of an object or template.
pub(super) fn add_labels(object: &mut Value, labels: &[(&str, &str)]) {
    if labels.is_empty() {
        return;
    }
    let map = map_mut(metadata_mut(object).entry("labels").or_insert(Value::Null));
    for (key, value) in labels {
        map.insert((*key).to_owned(), json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_templates_have_equal_hashes() {
        let template = |image: &str| json!({"spec": {"containers": [{"image": image}]}});
        assert_eq!(hash(&template("a"), 0), hash(&template("a"), 0));
        assert_ne!(hash(&template("a"), 0), hash(&template("b"), 0));
        assert_ne!(hash(&template("a"), 0), hash(&template("a"), 1));
    }

    #[test]
    fn the_hash_label_makes_no_difference() {
        let one = json!({"metadata": {"labels": {"a": "b"}}, "spec": {}});
        let mut other = one.clone();
        add_labels(&mut other, &[(HASH_LABEL, "x")]);
        assert_ne!(one, other);
        assert!(same(&one, &other));
        assert!(!same(
            &one,
            &json!({"metadata": {"labels": {"a": "c"}}, "spec": {}})
        ));
    }

    #[test]
    fn a_pod_takes_labels_from_template_and_owner_from_its_maker() {
        let owner = json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": "d-1", "namespace": "gc", "uid": "u"},
        });
        let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": []}});
        assert_eq!(
            pod(&owner, &template, &Name::After("d-1"), &[("x", "y")]),
            json!({
                "apiVersion": "v1", "kind": "Pod", "spec": {"containers": []},
                "metadata": {
                    "generateName": "d-1-", "namespace": "gc", "labels": {"a": "b", "x": "y"},
                    "ownerReferences": [{
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "d-1", "uid": "u",
                        "controller": true, "blockOwnerDeletion": true,
                    }],
                },
            })
        );
    }
}
