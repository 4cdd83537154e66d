//! Paths and operations: what can be asked of a resource, as discovery says it.

use serde_json::{Map, Value, json};

use super::document::KindNames;
use super::expand::reference;
use crate::registry::{Resource, Subresource};

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";
const LIST: [&str; 11] = [
    "allowWatchBookmarks",
    "continue",
    "fieldSelector",
    "labelSelector",
    "limit",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "shardSelector",
    "timeoutSeconds",
    "watch",
];
const WRITE: [&str; 3] = ["dryRun", "fieldManager", "fieldValidation"];
const PATCH: [&str; 4] = ["dryRun", "fieldManager", "fieldValidation", "force"];
const DELETE: [&str; 4] = [
    "dryRun",
    "gracePeriodSeconds",
    "orphanDependents",
    "propagationPolicy",
];

/// Returns the paths of a resource with their operations.
pub(super) fn paths(resource: &Resource, names: &KindNames) -> Map<String, Value> {
    let group = if resource.group.is_empty() {
        "/api".to_owned()
    } else {
        format!("/apis/{}", resource.group)
    };
    let root = format!("{group}/{}", resource.version);
    let scoped = if resource.is_namespaced() {
        format!("{root}/namespaces/{{namespace}}")
    } else {
        root.clone()
    };
    let collection = format!("{scoped}/{}", resource.plural);
    let object = format!("{collection}/{{name}}");
    let path = Path {
        resource,
        object: &names.object,
        list: &names.list,
    };
    let mut paths = Map::new();
    if resource.is_namespaced() && resource.verbs.contains("list") {
        let everywhere =
            json!({"get": path.operation("list", "ForAllNamespaces"), "parameters": parameters(&LIST)});
        paths.insert(format!("{root}/{}", resource.plural), everywhere);
    }
    let mut insert = |place: &str, verbs: &[(&str, &str)], names: &[&str]| {
        let taken = verbs.iter().filter(|(_, verb)| resource.verbs.contains(verb));
        let operations: Map<String, Value> = taken
            .map(|(method, verb)| ((*method).to_owned(), path.operation(verb, "")))
            .collect();
        if !operations.is_empty() {
            paths.insert(place.to_owned(), with_parameters(operations, resource, names));
        }
    };
    insert(
        &collection,
        &[
            ("get", "list"),
            ("post", "create"),
            ("delete", "deletecollection"),
        ],
        &[],
    );
    insert(
        &object,
        &[
            ("get", "get"),
            ("put", "update"),
            ("patch", "patch"),
            ("delete", "delete"),
        ],
        &["name"],
    );
    for one in &resource.subresources {
        paths.insert(format!("{object}/{}", one.name), path.subresource(one));
    }
    paths
}

/// Returns the path that lists the resources of a group and version.
pub(super) fn resources(group: &str, version: &str) -> Value {
    json!({"get": {
        "tags": [tag(group, version)], "description": "get available resources",
        "operationId": format!("get{}{}APIResources", title(group), capital(version)),
        "responses": responses(&reference(&format!("{META}.APIResourceList")), false),
    }})
}

struct Path<'a> {
    resource: &'a Resource,
    object: &'a str,
    list: &'a str,
}

impl Path<'_> {
    fn operation(&self, verb: &str, suffix: &str) -> Value {
        let resource = self.resource;
        let (action, word, what) = match verb {
            "list" => ("list", "list", "list or watch objects of kind"),
            "create" => ("post", "create", "create a"),
            "deletecollection" => ("deletecollection", "deleteCollection", "delete collection of"),
            "get" => ("get", "read", "read the specified"),
            "update" => ("put", "replace", "replace the specified"),
            "patch" => ("patch", "patch", "partially update the specified"),
            _ => ("delete", "delete", "delete a"),
        };
        let answer = match verb {
            "list" => reference(self.list),
            "delete" | "deletecollection" => reference(&format!("{META}.Status")),
            _ => reference(self.object),
        };
        let mut operation = json!({
            "tags": [tag(&resource.group, &resource.version)],
            "description": format!("{what} {}", resource.kind),
            "operationId": format!("{}{suffix}", self.id(word, suffix)),
            "responses": responses(&answer, verb == "create"),
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind":
                {"group": resource.group, "version": resource.version, "kind": resource.kind},
        });
        let names: &[&str] = match verb {
            "list" | "deletecollection" => &LIST,
            "create" | "update" => &WRITE,
            "patch" => &PATCH,
            "delete" => &DELETE,
            _ => &[],
        };
        if suffix.is_empty() && !names.is_empty() {
            operation["parameters"] = parameters(names);
        }
        if let Some(body) = self.body(verb) {
            operation["requestBody"] = body;
        }
        operation
    }

    fn id(&self, word: &str, suffix: &str) -> String {
        let resource = self.resource;
        let scope = if resource.is_namespaced() && suffix.is_empty() {
            "Namespaced"
        } else {
            ""
        };
        let version = capital(&resource.version);
        let (word, collection) = match word {
            "deleteCollection" => ("delete", "Collection"),
            other => (other, ""),
        };
        format!(
            "{word}{}{version}{collection}{scope}{}",
            title(&resource.group),
            resource.kind
        )
    }

    fn body(&self, verb: &str) -> Option<Value> {
        let kinds: &[&str] = match verb {
            "create" | "update" | "delete" => &["application/json", "application/yaml"],
            "patch" if self.resource.custom => &[
                "application/apply-patch+yaml",
                "application/json-patch+json",
                "application/merge-patch+json",
            ],
            "patch" => &[
                "application/apply-patch+yaml",
                "application/json-patch+json",
                "application/merge-patch+json",
                "application/strategic-merge-patch+json",
            ],
            _ => return None,
        };
        let schema = match verb {
            "patch" => reference(&format!("{META}.Patch")),
            "delete" => reference(&format!("{META}.DeleteOptions")),
            _ => reference(self.object),
        };
        let mut body = json!({"content": content(kinds, &schema)});
        if verb != "delete" {
            body["required"] = json!(true);
        }
        Some(body)
    }

    fn subresource(&self, one: &Subresource) -> Value {
        let resource = self.resource;
        let schema = one.definition.as_deref().unwrap_or(self.object);
        let operations = [
            ("get", "get", "read"),
            ("post", "create", "create"),
            ("put", "update", "replace"),
            ("patch", "patch", "patch"),
            ("delete", "delete", "delete"),
        ];
        let mut path = Map::new();
        for (method, verb, word) in operations
            .into_iter()
            .filter(|(_, verb, _)| one.verbs.contains(verb))
        {
            let own = Path {
                object: schema,
                ..*self
            };
            let mut operation = own.operation(verb, "");
            let id = format!("{}{}", self.id(word, ""), capital(&one.name));
            operation["description"] =
                json!(format!("{word} {} of the specified {}", one.name, resource.kind));
            operation["operationId"] = json!(id);
            operation["x-kubernetes-group-version-kind"] =
                json!({"group": one.group, "version": one.version, "kind": one.kind});
            path.insert(method.to_owned(), operation);
        }
        with_parameters(path, resource, &["name"])
    }
}

fn with_parameters(mut operations: Map<String, Value>, resource: &Resource, names: &[&str]) -> Value {
    let mut names = names.to_vec();
    if resource.is_namespaced() {
        names.push("namespace");
    }
    names.push("pretty");
    operations.insert("parameters".into(), parameters(&names));
    Value::Object(operations)
}

fn parameters(names: &[&str]) -> Value {
    let parameter = |name: &&str| {
        let place = if matches!(*name, "name" | "namespace") {
            "path"
        } else {
            "query"
        };
        let kind = match *name {
            "allowWatchBookmarks" | "sendInitialEvents" | "watch" | "force" | "orphanDependents" => "boolean",
            "limit" | "timeoutSeconds" | "gracePeriodSeconds" => "integer",
            _ => "string",
        };
        let mut value = json!({"name": name, "in": place, "schema": {"type": kind, "uniqueItems": true}});
        if place == "path" {
            value["required"] = json!(true);
        }
        value
    };
    names.iter().map(parameter).collect()
}

fn responses(schema: &Value, creates: bool) -> Value {
    let answer = |text: &str| json!({"description": text, "content": content(&["application/json", "application/yaml"], schema)});
    let mut responses = json!({"200": answer("OK"), "401": {"description": "Unauthorized"}});
    if creates {
        responses["201"] = answer("Created");
        responses["202"] = answer("Accepted");
    }
    responses
}

fn content(kinds: &[&str], schema: &Value) -> Value {
    let kinds = kinds
        .iter()
        .map(|kind| ((*kind).to_owned(), json!({"schema": schema})));
    Value::Object(kinds.collect())
}

/// `rbac.authorization.k8s.io` as part of an operation's name: `RbacAuthorization`.
fn title(group: &str) -> String {
    let words = group.strip_suffix(".k8s.io").unwrap_or(group);
    let words = if words.is_empty() { "core" } else { words };
    words.split(['.', '-']).map(capital).collect()
}

fn tag(group: &str, version: &str) -> String {
    let title = title(group);
    let mut letters = title.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    format!(
        "{}{}_{version}",
        first.map(String::from).unwrap_or_default(),
        letters.as_str()
    )
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
