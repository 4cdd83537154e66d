//! Everything in one document.

use serde_json::{Value, json};

use super::legacy::verbs;
use crate::document::{Document, fingerprint};
use crate::registry::{Group, GroupVersion, Kinds, Resource};

/// Returns the version of the aggregated form an `Accept` header asks for before the old form.
pub(super) fn wanted(accept: &str) -> Option<&'static str> {
    let first = accept.split(',').map(str::trim).find_map(|kind| {
        let parameters: Vec<&str> = kind.split(';').map(str::trim).collect();
        if parameters.len() == 1 {
            return matches!(parameters[0], "application/json" | "*/*" | "application/*").then_some(None);
        }
        let has = |text: &str| parameters.contains(&text);
        let known = has("g=apidiscovery.k8s.io") && has("as=APIGroupDiscoveryList");
        (known && parameters[0] == "application/json" && has("v=v2")).then_some(Some("v2"))
    });
    first.flatten()
}

/// Returns the document for `/api` or `/apis`.
pub(super) fn document(kinds: &Kinds, root: &str, version: &str, known: Option<&str>) -> Document {
    let core = root == "api";
    let groups = kinds
        .groups()
        .into_iter()
        .filter(|group| group.name.is_empty() == core);
    let items: Vec<Value> = groups.map(group).collect();
    let value = json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": format!("apidiscovery.k8s.io/{version}"),
        "metadata": {}, "items": items,
    });
    let body = value.to_string();
    let tag = fingerprint(body.as_bytes());
    let kind = format!("application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
    let document = Document::new(&kind, body)
        .with("cache-control", "public")
        .with("vary", "Accept");
    document.unless_known(&tag, known)
}

fn group(group: &Group) -> Value {
    let metadata = if group.name.is_empty() {
        json!({})
    } else {
        json!({"name": group.name})
    };
    let versions: Vec<Value> = group.versions.iter().map(version).collect();
    json!({"metadata": metadata, "versions": versions})
}

fn version(version: &GroupVersion) -> Value {
    let resources: Vec<Value> = version.resources.values().map(|one| resource(one)).collect();
    json!({"version": version.version, "resources": resources, "freshness": "Current"})
}

fn resource(resource: &Resource) -> Value {
    let own = |group: &str, version: &str, kind: &str| {
        // Of a built-in kind, group and version are those of the list it stands in.
        let same = (group, version) == (&resource.group, &resource.version);
        let (group, version) = if same && !resource.custom {
            ("", "")
        } else {
            (group, version)
        };
        json!({"group": group, "version": version, "kind": kind})
    };
    let mut value = json!({
        "resource": resource.plural,
        "responseKind": own(&resource.group, &resource.version, &resource.kind),
        "scope": if resource.is_namespaced() { "Namespaced" } else { "Cluster" },
        "singularResource": resource.singular,
        "verbs": verbs(resource),
    });
    if !resource.short_names.is_empty() {
        value["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        value["categories"] = json!(resource.categories);
    }
    let below = resource.subresources.iter().map(|one| {
        json!({"subresource": one.name, "responseKind": own(&one.group, &one.version, &one.kind), "verbs": one.verbs})
    });
    let below: Vec<Value> = below.collect();
    if !below.is_empty() {
        value["subresources"] = Value::Array(below);
    }
    value
}
