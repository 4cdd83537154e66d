//! The schema of a custom kind as a document shows it: that of its CRD, with what every object has.

use serde_json::{Map, Value, json};

use super::component::reference;
use super::descriptions::description;
use super::name;
use crate::registry::Resource;

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const CONVENTIONS: &str =
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";
/// A built-in kind whose texts for `apiVersion`, `kind` and `metadata` are those of all kinds.
const LIKE: &str = "io.k8s.api.core.v1.ConfigMap";

/// Returns the schema of objects.
pub(super) fn object(resource: &Resource) -> Value {
    let mut schema = resource.source.as_deref().map(completed).unwrap_or_default();
    if !schema.is_object() {
        schema = json!({"type": "object"});
    }
    let properties = fields(&mut schema);
    properties.insert("apiVersion".to_owned(), text(&common("apiVersion")));
    properties.insert("kind".to_owned(), text(&common("kind")));
    let metadata = meta("ObjectMeta", &common("metadata"));
    properties.insert("metadata".to_owned(), metadata);
    extend(&mut schema, resource, &resource.kind);
    schema
}

/// Returns the schema of lists.
pub(super) fn list(resource: &Resource) -> Value {
    let kind = &resource.kind;
    let mut schema = json!({
        "description": format!("{} is a list of {kind}", resource.list_kind),
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": text(&common("apiVersion")),
            "items": {
                "description": format!("List of {}. More info: {CONVENTIONS}", resource.plural),
                "type": "array",
                "items": reference(&name::schema(resource)),
            },
            "kind": text(&common("kind")),
            "metadata": meta("ListMeta", &format!("Standard list metadata. More info: {CONVENTIONS}#types-kinds")),
        },
    });
    extend(&mut schema, resource, &resource.list_kind);
    schema
}

/// The text of a field all kinds have.
fn common(field: &str) -> String {
    description(LIKE, field).unwrap_or_default()
}

fn extend(schema: &mut Value, resource: &Resource, kind: &str) {
    schema["x-kubernetes-group-version-kind"] =
        json!([{"group": resource.group, "kind": kind, "version": resource.version}]);
    if !resource.selectable_fields.is_empty() {
        let fields = resource.selectable_fields.iter();
        schema["x-kubernetes-selectable-fields"] = fields.map(|path| json!({"fieldPath": path})).collect();
    }
}

/// Fills in, all the way down, what markers stand for: the fields of embedded objects, the types of int-or-strings.
fn completed(source: &Value) -> Value {
    let Some(fields) = source.as_object() else {
        return source.clone();
    };
    let mut out = Map::new();
    for (key, value) in fields {
        let value = match (key.as_str(), value) {
            ("items" | "additionalProperties", value) => completed(value),
            ("properties", Value::Object(fields)) => {
                let fields = fields.iter();
                Value::Object(
                    fields
                        .map(|(name, field)| (name.clone(), completed(field)))
                        .collect(),
                )
            }
            _ => value.clone(),
        };
        out.insert(key.clone(), value);
    }
    let mut out = Value::Object(out);
    if out["x-kubernetes-embedded-resource"] == true {
        embed(&mut out);
    }
    if out["x-kubernetes-int-or-string"] == true {
        name_types(&mut out);
    }
    out
}

fn embed(schema: &mut Value) {
    let properties = fields(schema);
    let version = "apiVersion defines the versioned schema of this representation of an object.";
    let kind = "kind is a string value representing the type of this object. In CamelCase.";
    properties.insert(
        "apiVersion".to_owned(),
        text(&format!("{version} More info: {CONVENTIONS}#resources")),
    );
    properties.insert(
        "kind".to_owned(),
        text(&format!("{kind} More info: {CONVENTIONS}#types-kinds")),
    );
    let metadata = format!("Standard object's metadata. More info: {CONVENTIONS}#metadata");
    properties.insert("metadata".to_owned(), meta("ObjectMeta", &metadata));
    let mut required: Vec<Value> = schema["required"].as_array().cloned().unwrap_or_default();
    for name in ["kind", "apiVersion"] {
        if !required.iter().any(|one| one == name) {
            required.push(json!(name));
        }
    }
    schema["required"] = Value::Array(required);
}

fn name_types(schema: &mut Value) {
    let types = json!([{"type": "integer"}, {"type": "string"}]);
    let in_all_of = |one: &Value| one["anyOf"] == types;
    if schema["anyOf"] == types
        || schema["allOf"]
            .as_array()
            .is_some_and(|all| all.iter().any(in_all_of))
    {
        return;
    }
    if schema.get("anyOf").is_none() {
        schema["anyOf"] = types;
        return;
    }
    let mut all = vec![json!({"anyOf": types})];
    all.extend(schema["allOf"].as_array().into_iter().flatten().cloned());
    schema["allOf"] = Value::Array(all);
}

/// The properties of a schema, which has them from now on.
fn fields(schema: &mut Value) -> &mut Map<String, Value> {
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    schema["properties"]
        .as_object_mut()
        .expect("made an object above")
}

fn text(description: &str) -> Value {
    json!({"description": description, "type": "string"})
}

fn meta(kind: &str, description: &str) -> Value {
    json!({"description": description, "allOf": [reference(&format!("{META}{kind}"))]})
}
