//! One document per group and version.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::missing;
use crate::document::Document;
use crate::registry::{Group, Kinds, Resource, Subresource};
use crate::status::Result;

/// The versions of the core group.
pub(super) fn core(address: &str) -> Document {
    Document::json(&json!({
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }))
}

/// All groups but core.
pub(super) fn groups(kinds: &Kinds) -> Document {
    let groups = kinds.groups().into_iter().filter(|group| !group.name.is_empty());
    let groups: Vec<Value> = groups.map(|group| Value::Object(describe(group))).collect();
    Document::json(&json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
}

/// One group.
pub(super) fn group(kinds: &Kinds, name: &str) -> Result<Document> {
    let group = kinds
        .group(name)
        .filter(|group| !group.name.is_empty())
        .ok_or_else(|| missing(kinds, name))?;
    let mut value = describe(group);
    value.insert("kind".into(), json!("APIGroup"));
    value.insert("apiVersion".into(), json!("v1"));
    Ok(Document::json(&Value::Object(value)))
}

fn describe(group: &Group) -> Map<String, Value> {
    let versions = group.versions.iter().map(|version| {
        json!({"groupVersion": format!("{}/{}", group.name, version.version), "version": version.version})
    });
    let versions: Vec<Value> = versions.collect();
    let mut value = Map::new();
    value.insert("name".into(), json!(group.name));
    value.insert(
        "preferredVersion".into(),
        versions.first().cloned().unwrap_or_default(),
    );
    value.insert("versions".into(), Value::Array(versions));
    value
}

/// The resources of one group and version.
pub(super) fn resources(kinds: &Kinds, group: &str, version: &str) -> Result<Document> {
    let found = kinds.group(group).and_then(|found| found.version(version));
    let found = found.ok_or_else(|| missing(kinds, group))?;
    let resources: Vec<Value> = found
        .resources
        .values()
        .flat_map(|resource| entries(resource))
        .collect();
    let mut list = json!({"kind": "APIResourceList", "groupVersion": version, "resources": resources});
    // The oldest document has kept the form it had first.
    if !group.is_empty() {
        list["apiVersion"] = json!("v1");
        list["groupVersion"] = json!(format!("{group}/{version}"));
    }
    Ok(Document::json(&list))
}

/// A resource and its subresources.
fn entries(resource: &Resource) -> Vec<Value> {
    let mut main = json!({
        "name": resource.plural, "singularName": resource.singular, "namespaced": resource.is_namespaced(),
        "kind": resource.kind, "verbs": verbs(resource),
    });
    if !resource.short_names.is_empty() {
        main["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        main["categories"] = json!(resource.categories);
    }
    if resource.verbs.contains("watch") {
        main["storageVersionHash"] = json!(storage_version_hash(resource));
    }
    let below = resource.subresources.iter().map(|one| subresource(resource, one));
    std::iter::once(main).chain(below).collect()
}

fn subresource(resource: &Resource, one: &Subresource) -> Value {
    let mut value = json!({
        "name": format!("{}/{}", resource.plural, one.name), "singularName": "",
        "namespaced": resource.is_namespaced(), "kind": one.kind, "verbs": one.verbs,
    });
    if (&one.group, &one.version) != (&resource.group, &resource.version) {
        value["group"] = json!(one.group);
        value["version"] = json!(one.version);
    }
    value
}

/// The verbs in the order the real server lists them: by name, but for custom kinds in one of its own.
pub(super) fn verbs(resource: &Resource) -> Vec<&'static str> {
    const CUSTOM: [&str; 8] = [
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "create",
        "update",
        "watch",
    ];
    if resource.custom {
        CUSTOM
            .into_iter()
            .filter(|verb| resource.verbs.contains(verb))
            .collect()
    } else {
        resource.verbs.iter().copied().collect()
    }
}

/// Tells clients apart which resources are stored as one.
fn storage_version_hash(resource: &Resource) -> String {
    // A real server still stores these in the version they began with.
    let beta = [
        "customresourcedefinitions",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
    ];
    let early = !resource.custom && beta.contains(&resource.plural.as_str());
    let version = if early {
        "v1beta1"
    } else {
        &resource.storage_version
    };
    let stored = format!("{}/{version}/{}", resource.storage_group, resource.kind);
    BASE64_STANDARD.encode(&digest(&SHA256, stored.as_bytes()).as_ref()[..8])
}
