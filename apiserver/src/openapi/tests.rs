//! Documents against those of a real server.

use serde_json::{Value, json};

use super::{Query, answer, component};
use crate::crd;
use crate::registry::{Kinds, Registry};

fn get(kinds: &Kinds, path: &str) -> Value {
    let document = answer(kinds, path, Query::default()).unwrap();
    serde_json::from_slice(&document.body).unwrap()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "calls read better without ampersands"
)]
fn with_custom(spec: Value) -> Registry {
    let definition = json!({
        "metadata": {"name": "ds.x.io"},
        "spec": {
            "group": "x.io", "scope": "Cluster",
            "names": {"plural": "ds", "singular": "d", "kind": "D", "listKind": "DList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema":
                {"type": "object", "description": "A d.", "properties": {"spec": spec}}}}],
        },
    });
    let registry = Registry::new();
    let settled = crd::settle(&definition, [], "2026-01-01T00:00:00Z").unwrap();
    registry.set_custom("x.io", "ds", crd::resources(&settled));
    registry
}

#[test]
fn the_index_names_every_group_and_version() {
    let kinds = with_custom(json!({"type": "object"})).kinds();
    let index = get(&kinds, "/openapi/v3");
    for path in ["api/v1", "apis/apps/v1", "apis/autoscaling/v2", "apis/x.io/v1"] {
        let url = index["paths"][path]["serverRelativeURL"].as_str().unwrap();
        assert!(url.starts_with(&format!("/openapi/v3/{path}?hash=")), "{url}");
    }
}

#[test]
fn a_built_in_document_holds_all_it_refers_to() {
    let kinds = Registry::new().kinds();
    let index = get(&kinds, "/openapi/v3");
    for path in index["paths"].as_object().unwrap().keys() {
        let document = get(&kinds, &format!("/openapi/v3/{path}"));
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for link in component::references(&document) {
            assert!(schemas.contains_key(&link), "{path} lacks {link}");
        }
    }
}

#[test]
fn a_kind_can_be_explained_and_checked() {
    let document = get(&Registry::new().kinds(), "/openapi/v3/apis/apps/v1");
    let schemas = &document["components"]["schemas"];
    let replicas = &schemas["io.k8s.api.apps.v1.DeploymentSpec"]["properties"]["replicas"];
    assert_eq!(replicas["type"], "integer");
    assert!(
        replicas["description"]
            .as_str()
            .unwrap()
            .starts_with("Number of desired pods.")
    );
    let template = &schemas["io.k8s.api.apps.v1.DeploymentSpec"]["properties"]["template"];
    assert_eq!(
        template["allOf"],
        json!([{"$ref": "#/components/schemas/io.k8s.api.core.v1.PodTemplateSpec"}])
    );
    let path = &document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"];
    assert_eq!(
        path["patch"]["x-kubernetes-group-version-kind"],
        json!({"group": "apps", "version": "v1", "kind": "Deployment"})
    );
    assert_eq!(path["patch"]["operationId"], "patchAppsV1NamespacedDeployment");
    let parameters = path["patch"]["parameters"].as_array().unwrap();
    assert!(parameters.iter().any(|one| one["name"] == "fieldValidation"));
}

#[test]
fn a_custom_kind_has_its_schema_and_the_standard_fields() {
    let spec = json!({"type": "object", "description": "The spec.", "properties": {
        "i": {"x-kubernetes-int-or-string": true},
        "e": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true},
    }});
    let document = get(&with_custom(spec).kinds(), "/openapi/v3/apis/x.io/v1");
    let schema = &document["components"]["schemas"]["io.x.v1.D"];
    assert_eq!(schema["description"], "A d.");
    assert_eq!(
        schema["x-kubernetes-group-version-kind"],
        json!([{"group": "x.io", "version": "v1", "kind": "D"}])
    );
    let link = json!([{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]);
    assert_eq!(schema["properties"]["metadata"]["allOf"], link);
    let fields = &schema["properties"]["spec"]["properties"];
    assert_eq!(
        fields["i"]["anyOf"],
        json!([{"type": "integer"}, {"type": "string"}])
    );
    assert_eq!(fields["e"]["required"], json!(["kind", "apiVersion"]));
    assert_eq!(
        document["components"]["schemas"]["io.x.v1.DList"]["required"],
        json!(["items"])
    );
    assert!(document["paths"]["/apis/x.io/v1/ds/{name}"]["put"].is_object());
}

#[test]
fn a_changed_schema_has_another_hash_and_the_old_one_leads_to_it() {
    let url = |spec: Value| {
        let index = get(&with_custom(spec).kinds(), "/openapi/v3");
        index["paths"]["apis/x.io/v1"]["serverRelativeURL"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (one, other) = (
        url(json!({"type": "object"})),
        url(json!({"type": "object", "description": "x"})),
    );
    assert_ne!(one, other);
    let kinds = with_custom(json!({"type": "object"})).kinds();
    let ask = |hash: &str| {
        answer(
            &kinds,
            "/openapi/v3/apis/x.io/v1",
            Query {
                hash: Some(hash),
                ..Query::default()
            },
        )
        .unwrap()
    };
    let moved = ask(other.split_once('=').unwrap().1);
    assert_eq!(moved.code, 301);
    assert!(moved.headers.contains(&("location", one.clone())));
    let found = ask(one.split_once('=').unwrap().1);
    assert!(
        found
            .headers
            .contains(&("cache-control", "public, immutable".to_owned()))
    );
}

#[test]
fn what_is_not_served_has_no_document() {
    let kinds = Registry::new().kinds();
    for path in [
        "/openapi/v3/apis/nope/v1",
        "/openapi/v3/apis/apps/v9",
        "/openapi/v2",
        "/apis",
    ] {
        assert!(answer(&kinds, path, Query::default()).is_none(), "{path}");
    }
}

#[test]
fn a_custom_document_is_told_apart_and_asked_for_in_json() {
    let spec = json!({"type": "object"});
    let kinds = with_custom(spec).kinds();
    let ask = |query: Query<'_>| answer(&kinds, "/openapi/v3/apis/x.io/v1", query).unwrap();
    let header = |query: Query<'_>, name: &str| {
        let headers = ask(query).headers;
        headers
            .into_iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    };
    let tag = header(Query::default(), "etag").unwrap();
    let known = Query {
        known: Some(&tag),
        ..Query::default()
    };
    assert_eq!(ask(known).code, 304);
    assert!(ask(known).body.is_empty());
    let hash = tag.trim_matches('"');
    let hashed = Query {
        hash: Some(hash),
        ..Query::default()
    };
    assert_eq!(
        header(hashed, "expires").as_deref(),
        Some("Fri, 01 Jan 1971 00:00:00 UTC")
    );
    assert_eq!(header(Query::default(), "expires"), None);
    let accepts = [
        ("application/json", 200),
        ("text/html, */*", 200),
        ("application/com.github.proto-openapi.spec.v3@v1.0+protobuf", 406),
    ];
    for (accept, code) in accepts {
        let query = Query {
            accept: Some(accept),
            ..Query::default()
        };
        assert_eq!(ask(query).code, code, "{accept}");
    }
}

#[test]
fn int_or_strings_name_their_types_beside_other_rules() {
    let types = json!([{"type": "integer"}, {"type": "string"}]);
    let cases = [
        (json!({}), json!({"anyOf": types})),
        (json!({"anyOf": types}), json!({"anyOf": types})),
        (
            json!({"allOf": [{"anyOf": types}]}),
            json!({"allOf": [{"anyOf": types}]}),
        ),
        (
            json!({"anyOf": [{"minimum": 1}]}),
            json!({"anyOf": [{"minimum": 1}], "allOf": [{"anyOf": types}]}),
        ),
    ];
    for (written, expected) in cases {
        let mut spec = written.clone();
        spec["x-kubernetes-int-or-string"] = json!(true);
        let document = get(&with_custom(spec).kinds(), "/openapi/v3/apis/x.io/v1");
        let mut shown = document["components"]["schemas"]["io.x.v1.D"]["properties"]["spec"].clone();
        shown
            .as_object_mut()
            .unwrap()
            .remove("x-kubernetes-int-or-string");
        assert_eq!(shown, expected, "{written}");
    }
}

#[test]
fn definitions_without_fields_gain_none() {
    let document = get(&Registry::new().kinds(), "/openapi/v3/apis/apps/v1");
    let time = &document["components"]["schemas"]["io.k8s.apimachinery.pkg.apis.meta.v1.Time"];
    assert!(time.get("properties").is_none(), "{time}");
    assert_eq!(time["format"], "date-time");
}
