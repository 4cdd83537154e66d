//! From a CRD to the resources it gives, one per served version.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::rules::{storage_version, versions};
use super::settle::is_established;
use crate::object::Meta as _;
use crate::registry::{
    Column, Conversion, ResetFields, Resource, Scale, Scope, Subresource, version_priority,
};
use crate::schema::{Definitions, Schema};
use crate::webhook::{Client, review_version};

const VERBS: [&str; 8] = [
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

/// Returns the resources of a CRD; none before it is established.
#[must_use]
pub fn resources(crd: &Value) -> Vec<Resource> {
    if !is_established(crd) {
        return Vec::new();
    }
    let served = versions(crd).iter().filter(|version| version["served"] == true);
    served.map(|version| resource(crd, version)).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

fn resource(crd: &Value, version: &Value) -> Resource {
    let spec = &crd["spec"];
    let names = &crd["status"]["acceptedNames"];
    let has_status = version["subresources"]["status"].is_object();
    let scale = scale(&version["subresources"]["scale"]);
    let group = text(&spec["group"]);
    let schema = Schema::parse(&version["schema"]["openAPIV3Schema"]);
    let mut resource = Resource {
        storage_group: group.clone(),
        storage_version: storage_version(crd).unwrap_or_default().to_owned(),
        group,
        version: text(&version["name"]),
        kind: text(&names["kind"]),
        list_kind: text(&names["listKind"]),
        plural: text(&names["plural"]),
        singular: text(&names["singular"]),
        short_names: texts(&names["shortNames"]),
        categories: texts(&names["categories"]),
        scope: if spec["scope"] == "Cluster" {
            Scope::Cluster
        } else {
            Scope::Namespaced
        },
        verbs: BTreeSet::from(VERBS),
        subresources: Vec::new(),
        has_status,
        scale,
        has_generation: true,
        unconditional_update: false,
        create_on_update: false,
        custom: true,
        terminating: crd.is_deleting(),
        selectable_fields: selectable_fields(&version["selectableFields"]),
        columns: columns(&version["additionalPrinterColumns"]),
        deprecation_warning: deprecation(crd, version),
        schema: Some(Arc::new(schema)),
        source: Some(Arc::new(version["schema"]["openAPIV3Schema"].clone())),
        definitions: Arc::new(Definitions::new()),
        reset_fields: reset_fields(has_status),
        conversion: conversion(&spec["conversion"]),
    };
    resource.subresources = subresources(&resource);
    resource
}

fn conversion(conversion: &Value) -> Option<Arc<Conversion>> {
    let webhook = &conversion["webhook"];
    (conversion["strategy"] == "Webhook").then(|| {
        Arc::new(Conversion {
            client: Client::new(&webhook["clientConfig"]),
            version: review_version(&webhook["conversionReviewVersions"]),
        })
    })
}

fn scale(scale: &Value) -> Option<Scale> {
    scale.as_object()?;
    Some(Scale {
        spec_replicas: text(&scale["specReplicasPath"]),
        status_replicas: text(&scale["statusReplicasPath"]),
        label_selector: scale["labelSelectorPath"].as_str().map(str::to_owned),
    })
}

fn subresources(resource: &Resource) -> Vec<Subresource> {
    let verbs = BTreeSet::from(["get", "patch", "update"]);
    let of = |name: &str, group: &str, version: &str, kind: &str| Subresource {
        name: name.to_owned(),
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        verbs: verbs.clone(),
        definition: None,
    };
    let scale = resource
        .scale
        .as_ref()
        .map(|_| of("scale", "autoscaling", "v1", "Scale"));
    let status = resource
        .has_status
        .then(|| of("status", &resource.group, &resource.version, &resource.kind));
    status.into_iter().chain(scale).collect()
}

fn reset_fields(has_status: bool) -> ResetFields {
    if !has_status {
        return ResetFields::default();
    }
    ResetFields {
        main: vec!["status".to_owned()],
        status: vec!["metadata".to_owned(), "spec".to_owned()],
    }
}

fn selectable_fields(fields: &Value) -> Vec<String> {
    let paths = fields
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|field| field["jsonPath"].as_str());
    paths
        .map(|path| path.trim_start_matches('.').to_owned())
        .collect()
}

fn columns(columns: &Value) -> Vec<Column> {
    let column = |column: &Value| {
        let json_path = text(&column["jsonPath"]);
        let described = text(&column["description"]);
        let standard = format!("Custom resource definition column (in JSONPath format): {json_path}");
        Column {
            name: text(&column["name"]),
            kind: text(&column["type"]),
            format: text(&column["format"]),
            description: if described.is_empty() { standard } else { described },
            priority: column["priority"]
                .as_i64()
                .and_then(|number| i32::try_from(number).ok())
                .unwrap_or_default(),
            json_path,
        }
    };
    columns.as_array().into_iter().flatten().map(column).collect()
}

/// The warning of a deprecated version; unless it has one of its own, it names the version to use.
fn deprecation(crd: &Value, version: &Value) -> Option<String> {
    if version["deprecated"] != true {
        return None;
    }
    if let Some(own) = version["deprecationWarning"].as_str() {
        return Some(own.to_owned());
    }
    let (group, kind) = (text(&crd["spec"]["group"]), text(&crd["spec"]["names"]["kind"]));
    let current = versions(crd)
        .iter()
        .filter(|one| one["served"] == true && one["deprecated"] != true);
    let best = current
        .filter_map(|one| one["name"].as_str())
        .min_by_key(|name| Reverse(version_priority(name)));
    let warning = format!("{group}/{} {kind} is deprecated", text(&version["name"]));
    Some(match best {
        Some(name) => format!("{warning}; use {group}/{name} {kind}"),
        None => warning,
    })
}
