//! Rules of the metadata every object has.

use serde_json::{Value, json};

use super::edit::{entries, items};
use super::name;
use super::rule::Rules;
use crate::codec::owners_json;
use crate::object::Meta as _;
use crate::registry::Resource;
use crate::status::FieldError;

/// All annotations of an object together.
const ANNOTATION_BYTES: usize = 256 * 1024;

/// Returns the rule for names of a resource's objects.
fn name_rule(resource: &Resource) -> fn(&str) -> Vec<String> {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "namespaces" | "services") => name::dotless,
        ("rbac.authorization.k8s.io" | "certificates.k8s.io" | "apiregistration.k8s.io", _) => {
            name::path_segment
        }
        _ => name::subdomain,
    }
}

/// Returns why `name` cannot name an object of the resource.
#[must_use]
pub fn name_error(resource: &Resource, name: &str) -> Option<String> {
    name_rule(resource)(name).into_iter().next()
}

/// Checks the metadata of an object that is to be stored.
pub(super) fn validate(rules: &mut Rules, resource: &Resource, value: &Value) {
    names(rules, resource, value);
    labels(rules, value);
    annotations(rules, "metadata.annotations", &value["metadata"]["annotations"]);
    owners(rules, value);
    finalizers(rules, resource, value);
}

fn names(rules: &mut Rules, resource: &Resource, value: &Value) {
    let rule = name_rule(resource);
    let prefix = value.meta_str("generateName");
    if !prefix.is_empty() {
        // What is generated ends in a letter, so the prefix may end in a dash.
        let masked = prefix.strip_suffix('-').map(|text| format!("{text}a"));
        rules.reasons(
            "metadata.generateName",
            prefix,
            rule(masked.as_deref().unwrap_or(prefix)),
        );
    }
    if value.name().is_empty() {
        rules.required("metadata.name", "name or generateName is required");
    } else {
        rules.reasons("metadata.name", value.name(), rule(value.name()));
    }
}

fn labels(rules: &mut Rules, value: &Value) {
    label_map(rules, "metadata.labels", &value["metadata"]["labels"]);
}

/// Checks labels wherever a kind has some.
pub(super) fn label_map(rules: &mut Rules, field: &str, labels: &Value) {
    for (key, value) in entries(labels, "") {
        rules.reasons(field, key, name::qualified(key));
        let value = value.as_str().unwrap_or_default();
        rules.reasons(field, value, name::label_value(value));
    }
}

fn annotations(rules: &mut Rules, field: &str, annotations: &Value) {
    let mut size = 0;
    for (key, value) in entries(annotations, "") {
        rules.reasons(field, key, name::qualified(&key.to_lowercase()));
        size += key.len() + value.as_str().unwrap_or_default().len();
    }
    if size > ANNOTATION_BYTES {
        rules.push(FieldError::too_long(field, ANNOTATION_BYTES));
    }
}

fn owners(rules: &mut Rules, value: &Value) {
    let owners = value.owner_references();
    for owner in owners {
        let text = |field: &str| owner[field].as_str().unwrap_or_default();
        let version = text("apiVersion").split('/').collect::<Vec<_>>();
        if text("apiVersion").is_empty() || version.len() > 2 || version.last() == Some(&"") {
            rules.invalid(
                "metadata.ownerReferences.apiVersion",
                &json!(text("apiVersion")),
                "version must not be empty",
            );
        }
        for field in ["kind", "name", "uid"]
            .into_iter()
            .filter(|field| text(field).is_empty())
        {
            rules.invalid(
                format!("metadata.ownerReferences.{field}"),
                &json!(""),
                "must not be empty",
            );
        }
        if text("apiVersion") == "v1" && text("kind") == "Event" {
            rules.invalid(
                "metadata.ownerReferences",
                owner,
                "/v1, Kind=Event is disallowed from being an owner",
            );
        }
    }
    one_controller(rules, owners);
}

fn one_controller(rules: &mut Rules, owners: &[Value]) {
    let mut controllers = owners.iter().filter(|owner| owner["controller"] == true);
    let (Some(first), Some(second)) = (controllers.next(), controllers.next()) else {
        return;
    };
    let name = |owner: &Value| {
        let text = |field: &str| owner[field].as_str().unwrap_or_default().to_owned();
        format!("{}/{}", text("kind"), text("name"))
    };
    let detail = format!(
        "Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
        name(first),
        name(second)
    );
    let shown = owners_json(&Value::Array(owners.to_vec()));
    let message = format!("Invalid value: {shown}: {detail}");
    rules.push(FieldError::new(
        "FieldValueInvalid",
        "metadata.ownerReferences",
        message,
    ));
}

const STANDARD_FINALIZERS: [&str; 3] = ["orphan", "foregroundDeletion", "kubernetes"];

/// Checks the metadata of an object inside another.
pub(super) fn validate_embedded(rules: &mut Rules, value: &Value) {
    let namespace = value.meta_str("namespace");
    if !namespace.is_empty() {
        rules.reasons("metadata.namespace", namespace, name::dotless(namespace));
    }
    rules.not_negative(value, "/metadata/generation");
    labels(rules, value);
    annotations(rules, "metadata.annotations", &value["metadata"]["annotations"]);
    owners(rules, value);
    names_of_finalizers(rules, value);
}

fn names_of_finalizers(rules: &mut Rules, value: &Value) {
    for finalizer in value.finalizers() {
        rules.reasons("metadata.finalizers", finalizer, name::qualified(finalizer));
    }
}

fn finalizers(rules: &mut Rules, resource: &Resource, value: &Value) {
    let finalizers = value.finalizers();
    names_of_finalizers(rules, value);
    if finalizers.contains(&"orphan") && finalizers.contains(&"foregroundDeletion") {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        rules.invalid("metadata.finalizers", &json!(finalizers), detail);
    }
    // Only kinds of the core ask for more.
    if resource.custom || resource.group == "apiextensions.k8s.io" {
        return;
    }
    for (index, finalizer) in finalizers.iter().enumerate() {
        if !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(finalizer) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            rules.invalid(format!("metadata.finalizers[{index}]"), &json!(finalizer), detail);
        }
    }
}

/// Returns the warnings about finalizers that could clash with those of others; custom kinds may have them.
pub(super) fn finalizer_warnings(value: &Value, old: Option<&Value>) -> Vec<String> {
    let known = old.map(|old| old.finalizers()).unwrap_or_default();
    let plain = |finalizer: &&str| {
        !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(finalizer) && !known.contains(finalizer)
    };
    let texts = value.finalizers().into_iter().filter(plain).map(|finalizer| {
        format!(
            "metadata.finalizers: {finalizer:?}: prefer a domain-qualified finalizer name to avoid accidental \
             conflicts with other finalizer writers"
        )
    });
    texts.collect()
}

/// Checks what may not change in the metadata of a stored object.
pub(super) fn validate_update(rules: &mut Rules, new: &Value, old: &Value) {
    for field in ["name", "namespace", "uid"] {
        if new.meta_str(field) != old.meta_str(field) {
            rules.invalid(
                format!("metadata.{field}"),
                &json!(new.meta_str(field)),
                "field is immutable",
            );
        }
    }
    if !old.is_deleting() {
        return;
    }
    let before = old.finalizers();
    let added: Vec<&str> = new
        .finalizers()
        .into_iter()
        .filter(|one| !before.contains(one))
        .collect();
    if !added.is_empty() {
        let list: Vec<String> = added.iter().map(|one| format!("{one:?}")).collect();
        let detail = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            list.join(", ")
        );
        rules.forbidden("metadata.finalizers", &detail);
    }
}

/// Checks the metadata of a pod template.
pub(super) fn validate_template(rules: &mut Rules, field: &str, metadata: &Value) {
    label_map(rules, &format!("{field}.labels"), &metadata["labels"]);
    annotations(rules, &format!("{field}.annotations"), &metadata["annotations"]);
    for finalizer in items(metadata, "/finalizers").iter().filter_map(Value::as_str) {
        rules.reasons(
            &format!("{field}.finalizers"),
            finalizer,
            name::qualified(finalizer),
        );
    }
}
