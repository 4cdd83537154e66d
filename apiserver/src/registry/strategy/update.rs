//! What an endpoint may write, and when an object's generation moves.

use serde_json::{Map, Value};

use super::edit::{Fields, map, metadata};
use crate::object::Meta as _;
use crate::registry::Resource;

/// Takes from `old` what the endpoint may not write.
pub(super) fn keep(resource: &Resource, subresource: &str, new: &mut Value, old: &Value) {
    match subresource {
        "" if resource.has_status => restore(map(new), old, "status"),
        "status" if resource.custom => keep_all_but_status(new, old, true),
        "status" if resource.group == "apiextensions.k8s.io" => keep_all_but_status(new, old, true),
        "status" => {
            keep_all_but_status(new, old, false);
            keep_metadata(resource, new, old);
        }
        _ => {}
    }
}

fn keep_all_but_status(new: &mut Value, old: &Value, with_metadata: bool) {
    let status = map(new).remove("status");
    let mut kept = old.as_object().cloned().unwrap_or_default();
    set(&mut kept, "status", status);
    let own = map(new).remove("metadata").unwrap_or(Value::Object(Map::new()));
    if with_metadata {
        // Who owns what has just been worked out for this write; the revision is what it was based on.
        for field in ["managedFields", "resourceVersion"] {
            let value = own.get(field).cloned();
            set(map(kept.entry("metadata").or_insert(Value::Null)), field, value);
        }
    } else {
        kept.insert("metadata".into(), own);
    }
    *new = Value::Object(kept);
}

/// Some kinds keep part of their metadata from being written along with the status.
fn keep_metadata(resource: &Resource, new: &mut Value, old: &Value) {
    for path in resource
        .reset_fields
        .status
        .iter()
        .filter_map(|path| path.strip_prefix("metadata."))
    {
        let value = old.metadata().and_then(|meta| meta.get(path)).cloned();
        set(metadata(new), path, value);
    }
}

fn restore(new: &mut Fields, old: &Value, field: &str) {
    set(new, field, old.get(field).cloned());
}

fn set(fields: &mut Fields, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(fields.insert(name.to_owned(), value)),
        None => drop(fields.remove(name)),
    }
}

/// Sets the generation: the old one, and one more if what the object asks for changed.
pub(super) fn count_generation(resource: &Resource, subresource: &str, new: &mut Value, old: &Value) {
    if !resource.has_generation {
        let kept = old.metadata().and_then(|meta| meta.get("generation")).cloned();
        return set(metadata(new), "generation", kept);
    }
    let moved = subresource != "status" && asks_for_more(resource, new, old);
    let generation = old.generation() + i64::from(moved);
    set(
        metadata(new),
        "generation",
        (generation > 0).then(|| generation.into()),
    );
}

fn asks_for_more(resource: &Resource, new: &Value, old: &Value) -> bool {
    if resource.plural == "priorityclasses" && !resource.custom {
        return false;
    }
    let annotations = |value: &Value| value.metadata().and_then(|meta| meta.get("annotations")).cloned();
    let metadata_counts = resource.group == "apps" && resource.plural == "deployments" && !resource.custom;
    if metadata_counts && annotations(new) != annotations(old) {
        return true;
    }
    let ignored = |field: &str| {
        matches!(field, "apiVersion" | "kind" | "metadata") || (field == "status" && resource.has_status)
    };
    let wanted = |value: &Value| -> Map<String, Value> {
        let fields = value.as_object().into_iter().flatten();
        fields
            .filter(|(name, _)| !ignored(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    wanted(new) != wanted(old)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::Registry;

    fn resource(kind: &str) -> Resource {
        let kinds = Registry::new().kinds();
        let found = kinds.resources().find(|one| one.kind == kind).unwrap();
        Resource::clone(found)
    }

    fn custom(has_status: bool) -> Resource {
        Resource {
            custom: true,
            has_status,
            has_generation: true,
            ..resource("ConfigMap")
        }
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "calls read better without ampersands"
    )]
    fn check(resource: &Resource, subresource: &str, new: Value, expected: Value) {
        let old = json!({"metadata": {"name": "a", "generation": 3, "labels": {"l": "1"}}, "spec": {"x": 1}, "status": {"s": 1}});
        let mut new = new;
        crate::registry::strategy::prepare_update(resource, subresource, &mut new, &old);
        assert_eq!(new, expected, "{} {subresource}", resource.kind);
    }

    #[test]
    fn the_main_endpoint_leaves_the_status_and_counts_the_spec() {
        for resource in [resource("CronJob"), custom(true)] {
            check(
                &resource,
                "",
                json!({"metadata": {"name": "a", "generation": 9}, "spec": {"x": 2}, "status": {"s": 2}}),
                json!({"metadata": {"name": "a", "generation": 4}, "spec": {"x": 2}, "status": {"s": 1}}),
            );
            check(
                &resource,
                "",
                json!({"metadata": {"name": "a", "labels": {"l": "2"}}, "spec": {"x": 1}}),
                json!({"metadata": {"name": "a", "generation": 3, "labels": {"l": "2"}}, "spec": {"x": 1}, "status": {"s": 1}}),
            );
        }
    }

    #[test]
    fn without_a_status_endpoint_the_status_counts_too() {
        check(
            &custom(false),
            "",
            json!({"metadata": {"name": "a"}, "spec": {"x": 1}, "status": {"s": 2}}),
            json!({"metadata": {"name": "a", "generation": 4}, "spec": {"x": 1}, "status": {"s": 2}}),
        );
    }

    #[test]
    fn the_status_endpoint_writes_nothing_else() {
        let new = json!({"metadata": {"name": "a", "labels": {"l": "2"}, "managedFields": [1]}, "spec": {"x": 2}, "status": {"s": 2}});
        check(
            &custom(true),
            "status",
            new.clone(),
            json!({"metadata": {"name": "a", "generation": 3, "labels": {"l": "1"}, "managedFields": [1]},
                   "spec": {"x": 1}, "status": {"s": 2}}),
        );
        check(
            &resource("Deployment"),
            "status",
            new,
            json!({"metadata": {"name": "a", "generation": 3, "labels": {"l": "1"}, "managedFields": [1]},
                   "spec": {"x": 1}, "status": {"s": 2}}),
        );
    }

    #[test]
    fn a_kind_without_generation_keeps_what_it_had() {
        check(
            &resource("ConfigMap"),
            "",
            json!({"metadata": {"name": "a", "generation": 9}, "data": {"k": "v"}}),
            json!({"metadata": {"name": "a", "generation": 3}, "data": {"k": "v"}}),
        );
    }
}
