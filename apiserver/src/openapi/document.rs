//! The document of one group and version.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::expand::{definition, reference, references};
use super::operation;
use crate::registry::{Group, GroupVersion, KUBERNETES_VERSION, Resource};

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";

/// Returns the document.
pub(super) fn build(group: &Group, version: &GroupVersion) -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for resource in version.resources.values() {
        let names = schemas.kind(resource);
        paths.extend(operation::paths(resource, &names));
        for one in resource
            .subresources
            .iter()
            .filter_map(|one| one.definition.as_deref())
        {
            schemas.add(one);
        }
    }
    for name in ["DeleteOptions", "Patch", "Status"] {
        schemas.add(&format!("{META}.{name}"));
    }
    let custom = version.resources.values().any(|resource| resource.custom);
    let info = if custom {
        json!({"title": "Kubernetes CRD Swagger", "version": "v0.1.0"})
    } else {
        let short: Vec<&str> = KUBERNETES_VERSION.split('.').take(2).collect();
        json!({"title": "Kubernetes", "version": short.join(".")})
    };
    if !custom {
        let root = if group.name.is_empty() {
            "/api/v1/".to_owned()
        } else {
            format!("/apis/{}/{}/", group.name, version.version)
        };
        schemas.add(&format!("{META}.APIResourceList"));
        paths.insert(root, operation::resources(&group.name, &version.version));
    }
    json!({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas.all}})
}

/// Names of the schemas of a kind.
pub(super) struct KindNames {
    pub(super) object: String,
    pub(super) list: String,
}

#[derive(Default)]
struct Schemas {
    all: BTreeMap<String, Value>,
}

impl Schemas {
    /// Adds a built-in definition and all it refers to.
    fn add(&mut self, name: &str) {
        if self.all.contains_key(name) {
            return;
        }
        if let Some(schema) = definition(name) {
            self.insert(name, schema);
        }
    }

    fn insert(&mut self, name: &str, schema: Value) {
        let links = references(&schema);
        self.all.insert(name.to_owned(), schema);
        links.iter().for_each(|link| self.add(link));
    }

    fn kind(&mut self, resource: &Resource) -> KindNames {
        let built_in = resource
            .schema
            .as_ref()
            .and_then(|schema| schema.reference.as_deref());
        let object = built_in.map_or_else(|| custom_name(resource), str::to_owned);
        let package = object.strip_suffix(&resource.kind).unwrap_or(&object);
        let list = format!("{package}{}", resource.list_kind);
        if built_in.is_some() {
            self.add(&object);
            self.add(&list);
        } else {
            self.insert(&object, custom_schema(resource));
            self.insert(&list, custom_list(resource, &object));
        }
        KindNames { object, list }
    }
}

/// `io.x.v1.Foo` for `x.io/v1`: domains are turned around.
fn custom_name(resource: &Resource) -> String {
    let domain: Vec<&str> = resource.group.rsplit('.').collect();
    format!("{}.{}.{}", domain.join("."), resource.version, resource.kind)
}

fn custom_schema(resource: &Resource) -> Value {
    let mut schema = resource
        .source
        .as_deref()
        .cloned()
        .unwrap_or_else(|| json!({"type": "object"}));
    complete(&mut schema);
    let Some(fields) = schema.as_object_mut() else {
        return schema;
    };
    let properties = fields.entry("properties").or_insert_with(|| json!({}));
    standard_fields(properties, &format!("{META}.ObjectMeta"), "ObjectMeta");
    fields.insert(
        "x-kubernetes-group-version-kind".into(),
        group_version_kind(resource, &resource.kind),
    );
    schema
}

fn group_version_kind(resource: &Resource, kind: &str) -> Value {
    json!([{"group": resource.group, "version": resource.version, "kind": kind}])
}

fn custom_list(resource: &Resource, object: &str) -> Value {
    let mut properties = json!({
        "items": {
            "type": "array", "items": reference(object),
            "description": format!(
                "List of {}. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md",
                resource.plural
            ),
        },
    });
    standard_fields(&mut properties, &format!("{META}.ListMeta"), "ListMeta");
    json!({
        "description": format!("{} is a list of {}", resource.list_kind, resource.kind),
        "type": "object", "required": ["items"], "properties": properties,
        "x-kubernetes-group-version-kind": group_version_kind(resource, &resource.list_kind),
    })
}

/// The fields every object has.
fn standard_fields(properties: &mut Value, metadata: &str, kind: &str) {
    // Any built-in kind describes them alike.
    let text = |field: &str| super::description("io.k8s.api.apps.v1.Deployment", field);
    for field in ["apiVersion", "kind"] {
        properties[field] = json!({"type": "string", "description": text(field)});
    }
    let described = if kind == "ListMeta" {
        "Standard list metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds".to_owned()
    } else {
        text("metadata").unwrap_or_default()
    };
    properties["metadata"] = json!({"allOf": [reference(metadata)], "description": described});
}

/// What a CRD's schema leaves unsaid: the types of int-or-strings, the fields of embedded resources.
fn complete(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    if fields.get("x-kubernetes-int-or-string") == Some(&json!(true)) {
        fields
            .entry("anyOf")
            .or_insert_with(|| json!([{"type": "integer"}, {"type": "string"}]));
    }
    if fields.get("x-kubernetes-embedded-resource") == Some(&json!(true)) {
        let properties = fields.entry("properties").or_insert_with(|| json!({}));
        standard_fields(properties, &format!("{META}.ObjectMeta"), "ObjectMeta");
        fields
            .entry("required")
            .or_insert_with(|| json!(["kind", "apiVersion"]));
    }
    for child in fields
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
    {
        complete(child);
    }
    for field in ["items", "additionalProperties"] {
        if let Some(child) = fields.get_mut(field) {
            complete(child);
        }
    }
}
