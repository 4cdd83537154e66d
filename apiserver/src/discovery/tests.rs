//! Documents against those of a real server.

use serde_json::{Value, json};

use super::*;
use crate::crd;
use crate::registry::Registry;

const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

fn get(registry: &Registry, path: &str, accept: Option<&str>) -> Value {
    let query = Query {
        accept,
        address: "127.0.0.1:6443",
        ..Query::default()
    };
    let document = answer(&registry.kinds(), path, query).unwrap().unwrap();
    serde_json::from_slice(&document.body).unwrap()
}

fn with_custom() -> Registry {
    let definition = json!({
        "metadata": {"name": "ds.x.io"},
        "spec": {
            "group": "x.io", "scope": "Cluster",
            "names": {"plural": "ds", "singular": "d", "kind": "D", "listKind": "DList", "shortNames": ["dd"], "categories": ["all"]},
            "versions": [
                {"name": "v1", "served": true, "storage": true, "deprecated": true,
                 "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.r", "statusReplicasPath": ".status.r"}},
                 "schema": {"openAPIV3Schema": {"type": "object"}}},
                {"name": "v2", "served": true, "storage": false, "schema": {"openAPIV3Schema": {"type": "object"}}},
                {"name": "v3", "served": false, "storage": false, "schema": {"openAPIV3Schema": {"type": "object"}}},
            ],
        },
    });
    let settled = crd::settle(&definition, [], "2026-01-01T00:00:00Z").unwrap();
    let registry = Registry::new();
    registry.set_custom("x.io", "ds", crd::resources(&settled));
    registry
}

#[test]
fn a_custom_kind_is_listed_with_its_names_and_subresources() {
    let registry = with_custom();
    assert_eq!(
        get(&registry, "/apis/x.io", None),
        json!({"kind": "APIGroup", "apiVersion": "v1", "name": "x.io",
            "versions": [{"groupVersion": "x.io/v2", "version": "v2"}, {"groupVersion": "x.io/v1", "version": "v1"}],
            "preferredVersion": {"groupVersion": "x.io/v2", "version": "v2"}})
    );
    let verbs = [
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "create",
        "update",
        "watch",
    ];
    let list = get(&registry, "/apis/x.io/v1", None);
    assert_eq!(list["groupVersion"], "x.io/v1");
    assert_eq!(list["resources"][0]["verbs"], json!(verbs));
    assert_eq!(list["resources"][0]["shortNames"], json!(["dd"]));
    let below = ["get", "patch", "update"];
    assert_eq!(
        list["resources"][1],
        json!({"name": "ds/status", "singularName": "", "namespaced": false, "kind": "D", "verbs": below})
    );
    assert_eq!(
        list["resources"][2],
        json!({"name": "ds/scale", "singularName": "", "namespaced": false, "group": "autoscaling", "version": "v1",
               "kind": "Scale", "verbs": below})
    );
}

#[test]
fn a_stored_version_has_the_hash_of_a_real_server() {
    let list = get(&Registry::new(), "/api/v1", None);
    let hash = |name: &str| {
        let resources = list["resources"].as_array().unwrap();
        let found = resources.iter().find(|one| one["name"] == name).unwrap();
        found["storageVersionHash"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    for (name, expected) in [
        ("configmaps", "qFsyl6wFWjQ="),
        ("events", "r2yiGXH7wu8="),
        ("namespaces", "Q3oi5N2YM8M="),
        ("bindings", ""),
        ("componentstatuses", ""),
    ] {
        assert_eq!(hash(name), expected, "{name}");
    }
}

#[test]
fn everything_fits_in_one_document() {
    let registry = with_custom();
    let all = get(&registry, "/apis", Some(AGGREGATED));
    assert_eq!(all["apiVersion"], "apidiscovery.k8s.io/v2");
    let items = all["items"].as_array().unwrap();
    let names: Vec<&str> = items
        .iter()
        .filter_map(|item| item["metadata"]["name"].as_str())
        .collect();
    assert_eq!(names[..3], ["apiregistration.k8s.io", "apps", "events.k8s.io"]);
    assert_eq!(names.last(), Some(&"x.io"));
    let deployments = &items[1]["versions"][0]["resources"][2];
    assert_eq!(
        deployments["responseKind"],
        json!({"group": "", "version": "", "kind": "Deployment"})
    );
    assert_eq!(
        deployments["subresources"][0]["responseKind"],
        json!({"group": "autoscaling", "version": "v1", "kind": "Scale"})
    );
    let custom = &items.last().unwrap()["versions"][0]["resources"][0];
    assert_eq!(
        custom["responseKind"],
        json!({"group": "x.io", "version": "v2", "kind": "D"})
    );
    assert_eq!(
        get(&registry, "/api", Some(AGGREGATED))["items"][0]["metadata"],
        json!({})
    );
}

#[test]
fn a_client_that_knows_the_document_is_not_sent_it_again() {
    let registry = Registry::new();
    let ask = |known: Option<&str>| {
        let query = Query {
            accept: Some(AGGREGATED),
            known,
            address: "",
        };
        answer(&registry.kinds(), "/apis", query).unwrap().unwrap()
    };
    let first = ask(None);
    let tag = first
        .headers
        .iter()
        .find(|(name, _)| *name == "etag")
        .unwrap()
        .1
        .clone();
    let second = ask(Some(&tag));
    assert_eq!((second.code, second.body.len()), (304, 0));
    registry.set_custom("x.io", "ds", vec![]);
    assert_eq!(ask(Some("\"old\"")).code, 200);
}

#[test]
fn the_old_form_is_for_those_who_ask_for_no_other() {
    for (accept, expected) in [
        (None, "APIGroupList"),
        (Some("*/*"), "APIGroupList"),
        (Some("application/json, */*"), "APIGroupList"),
        (
            Some(
                "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json",
            ),
            "APIGroupList",
        ),
        (Some(AGGREGATED), "APIGroupDiscoveryList"),
    ] {
        assert_eq!(
            get(&Registry::new(), "/apis", accept)["kind"],
            expected,
            "{accept:?}"
        );
    }
    assert_eq!(get(&Registry::new(), "/api", None)["versions"], json!(["v1"]));
}

#[test]
fn what_is_not_served_is_told_apart() {
    let kinds = with_custom().kinds();
    let error = |path: &str| answer(&kinds, path, Query::default()).unwrap().unwrap_err();
    assert!(error("/apis/nope").plain);
    assert!(error("/apis/x.io/v9").plain);
    assert_eq!(error("/apis/apps/v9").reason, Some("NotFound"));
    assert!(answer(&kinds, "/apis/apps/v1/deployments", Query::default()).is_none());
    assert!(answer(&kinds, "/healthz", Query::default()).is_none());
    assert!(answer(&kinds, "//api", Query::default()).is_none());
}
