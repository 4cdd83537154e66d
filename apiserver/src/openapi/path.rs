//! What can be asked of a resource: its paths and their operations.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::name;
use super::operation::{Dialect, Operation, meta};
use super::parameter::Parameter;
use super::verb::Verbs;
use crate::registry::{Resource, Subresource};

/// The order of methods in a document.
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Returns the paths of a resource.
pub(super) fn paths(resource: &Resource) -> BTreeMap<String, Value> {
    let verbs = Verbs::new(resource);
    let mut paths = BTreeMap::new();
    let mut add = |path: String, operations: Vec<Operation>| {
        if !operations.is_empty() {
            paths.insert(path, item(&operations));
        }
    };
    let collection = resource.collection_path("{namespace}");
    let object = format!("{collection}/{{name}}");
    if resource.is_namespaced() {
        add(resource.collection_path(""), verbs.everywhere());
    }
    add(collection.clone(), verbs.collection());
    add(object.clone(), verbs.object());
    for one in resource.subresources.iter().filter(|one| is_api(resource, one)) {
        add(format!("{object}/{}", one.name), verbs.subresource(one));
    }
    let watched = |path: &str| {
        let root = resource.root_path();
        path.replacen(&root, &format!("{root}/watch"), 1)
    };
    add(watched(&collection), verbs.watch_collection());
    add(watched(&object), verbs.watch_object());
    if resource.is_namespaced() {
        add(watched(&resource.collection_path("")), verbs.watch_everywhere());
    }
    paths
}

/// Returns what the path of a group and version itself tells: what they have.
pub(super) fn root(group: &str, version: &str) -> Value {
    let operation = Operation {
        method: "get",
        tag: format!("{}_{version}", name::tag(group)),
        id: format!("get{}APIResources", name::id(group, version)),
        description: "get available resources".to_owned(),
        action: None,
        kind: None,
        parameters: Vec::new(),
        request: None,
        responses: Dialect::BuiltIn.answers(&[200], &meta("APIResourceList")),
    };
    item(&[operation])
}

/// Connections to containers are no requests for objects, and there are no containers.
fn is_api(resource: &Resource, subresource: &Subresource) -> bool {
    resource.custom || (subresource.definition.is_some() && subresource.name != "log")
}

/// Puts operations on a path; parameters that all of them have go on the path itself.
fn item(operations: &[Operation]) -> Value {
    let is_common = |one: &Parameter| {
        operations
            .iter()
            .all(|operation| operation.parameters.contains(one))
    };
    let first = operations.iter().flat_map(|operation| &operation.parameters);
    let mut common: Vec<Parameter> = first.filter(|one| is_common(one)).cloned().collect();
    common.sort();
    common.dedup();
    let mut out = Map::new();
    for method in METHODS {
        for operation in operations.iter().filter(|one| one.method == method) {
            let mut own = operation.parameters.clone();
            own.retain(|one| !common.contains(one));
            own.sort();
            out.insert(method.to_owned(), operation.value(&own));
        }
    }
    if !common.is_empty() {
        out.insert(
            "parameters".to_owned(),
            common.iter().map(Parameter::value).collect(),
        );
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;

    fn of(group: &str, version: &str, plural: &str) -> BTreeMap<String, Value> {
        paths(&Registry::new().lookup(group, version, plural).unwrap())
    }

    /// Each path below the group and version, with its methods.
    fn check(plural: &str, expected: &[&str]) {
        let found: Vec<String> = of("", "v1", plural)
            .into_iter()
            .map(|(path, item)| {
                let methods: Vec<&str> = METHODS
                    .into_iter()
                    .filter(|method| item.get(method).is_some())
                    .collect();
                format!("{path} {}", methods.join(","))
            })
            .collect();
        assert_eq!(found, expected, "{plural}");
    }

    #[test]
    fn paths_have_the_methods_of_their_verbs() {
        check(
            "componentstatuses",
            &[
                "/api/v1/componentstatuses get",
                "/api/v1/componentstatuses/{name} get",
            ],
        );
        check("bindings", &["/api/v1/namespaces/{namespace}/bindings post"]);
        check(
            "serviceaccounts",
            &[
                "/api/v1/namespaces/{namespace}/serviceaccounts get,post,delete",
                "/api/v1/namespaces/{namespace}/serviceaccounts/{name} get,put,delete,patch",
                "/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token post",
                "/api/v1/serviceaccounts get",
                "/api/v1/watch/namespaces/{namespace}/serviceaccounts get",
                "/api/v1/watch/namespaces/{namespace}/serviceaccounts/{name} get",
                "/api/v1/watch/serviceaccounts get",
            ],
        );
    }

    #[test]
    fn what_all_methods_take_is_said_once() {
        let paths = of("apps", "v1", "deployments");
        let item = &paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"];
        let names = |list: &Value| -> Vec<String> {
            list.as_array()
                .into_iter()
                .flatten()
                .map(|one| one["name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(names(&item["parameters"]), ["name", "namespace", "pretty"]);
        assert_eq!(
            names(&item["patch"]["parameters"]),
            ["dryRun", "fieldManager", "fieldValidation", "force"]
        );
        assert_eq!(names(&item["get"]["parameters"]), Vec::<String>::new());
        let binding = &of("", "v1", "bindings")["/api/v1/namespaces/{namespace}/bindings"];
        assert_eq!(
            names(&binding["parameters"]),
            ["dryRun", "fieldManager", "fieldValidation", "namespace", "pretty"]
        );
    }

    #[test]
    fn operations_name_the_kind_they_speak() {
        let paths = of("apps", "v1", "deployments");
        let object = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";
        let cases = [
            (object.to_owned(), "patch", "patch", "Deployment"),
            (format!("{object}/scale"), "get", "get", "Scale"),
            (format!("{object}/status"), "put", "put", "Deployment"),
        ];
        for (path, method, action, kind) in cases {
            let operation = &paths[&path][method];
            assert_eq!(operation["x-kubernetes-action"], action, "{path}");
            assert_eq!(
                operation["x-kubernetes-group-version-kind"]["kind"], kind,
                "{path}"
            );
        }
    }
}
