//! The document of one group and version.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::component::Components;
use super::{custom, name, path};
use crate::registry::{GroupVersion, KUBERNETES_VERSION, Resource};

/// Returns the document of a group and version; `path` is theirs, for example `apis/apps/v1`.
pub(super) fn document(path: &str, group: &str, version: &GroupVersion) -> Value {
    let resources = version.resources.values();
    let is_custom = resources.clone().all(|resource| resource.custom);
    let mut paths: BTreeMap<String, Value> = resources
        .clone()
        .flat_map(|resource| path::paths(resource))
        .collect();
    let mut components = Components::new(group, &version.version, is_custom);
    if !is_custom {
        paths.insert(format!("/{path}/"), path::root(group, &version.version));
    }
    for resource in resources.filter(|resource| resource.custom) {
        add_custom(&mut components, resource);
    }
    let paths = Value::Object(paths.into_iter().collect());
    components.follow(&paths);
    let mut document = json!({
        "openapi": "3.0.0",
        "info": info(is_custom),
        "paths": paths,
        "components": {"schemas": components.into_value()},
    });
    if !is_custom {
        document["components"]["securitySchemes"] = json!({
            "BearerToken": {
                "type": "apiKey",
                "description": "Bearer Token authentication",
                "name": "authorization",
                "in": "header",
            },
        });
    }
    document
}

fn add_custom(components: &mut Components<'_>, resource: &Resource) {
    let object = custom::object(resource);
    let list = custom::list(resource);
    components.insert(name::schema(resource), object.clone());
    components.insert(name::list_schema(resource), list.clone());
    components.follow(&object);
    components.follow(&list);
}

fn info(is_custom: bool) -> Value {
    if is_custom {
        return json!({"title": "Kubernetes CRD Swagger", "version": "v0.1.0"});
    }
    let short = KUBERNETES_VERSION
        .rsplit_once('.')
        .map_or(KUBERNETES_VERSION, |(short, _)| short);
    json!({"title": "Kubernetes", "version": short})
}
