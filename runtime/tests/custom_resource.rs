//! `#[derive(CustomResource)]`, as its users see it.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate::CustomResource;
use krate::crd::Scope;
use kube::core::object::{HasSpec, HasStatus};
use kube::{CustomResourceExt, Resource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Memcached runs a memcached cluster.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[kube(
    group = "cache.example.com",
    version = "v1alpha1",
    kind = "Memcached",
    namespaced,
    status = "MemcachedStatus",
    derive = "PartialEq",
    derive = "Default",
    shortname = "mc",
    category = "all",
    selectable = ".spec.image",
    scale(
        spec_replicas_path = ".spec.size",
        status_replicas_path = ".status.ready",
        label_selector_path = ".status.selector"
    ),
    validation = "self.spec.size < 10",
    validation = Rule::new("self.metadata.name.size() < 50").message("the name is too long").field_path(".metadata.name"),
    annotation("example.com/owner", "cache"),
    label("app", "memcached"),
    deprecated = "use v1"
)]
#[kube(printcolumn(name = "Ready", type_ = "integer", json_path = ".status.ready", priority = 1))]
#[kube(printcolumn = r#"{"name": "Size", "type": "integer", "jsonPath": ".spec.size", "format": "int32"}"#)]
struct MemcachedSpec {
    /// Number of memcached pods.
    #[schemars(range(min = 1, max = 9))]
    size: i32,
    #[serde(default)]
    image: String,
}

#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
struct MemcachedStatus {
    ready: i32,
    selector: Option<String>,
}

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Policy",
    root = "CachePolicy",
    no_spec
)]
#[kube(storage = false, served = false, singular = "rule")]
struct PolicyRules {
    allow: bool,
}

#[derive(CustomResource, Serialize, Deserialize, Clone, Debug)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Raw",
    schema = "disabled",
    plural = "raws"
)]
struct RawSpec {}

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(group = "cache.example.com", version = "v1", kind = "Broken")]
struct BrokenSpec {
    #[schemars(extend("pattern" = "(?!a)"))]
    text: String,
}

fn json(crd: CustomResourceDefinition) -> Value {
    serde_json::to_value(crd).expect("a definition is JSON")
}

#[test]
fn attributes_become_the_definition() {
    let crd = json(Memcached::try_crd().unwrap());
    let metadata = json!({
        "name": "memcacheds.cache.example.com",
        "annotations": {"example.com/owner": "cache"},
        "labels": {"app": "memcached"},
    });
    assert_eq!(crd["metadata"], metadata);
    let names = json!({
        "kind": "Memcached",
        "listKind": "MemcachedList",
        "plural": "memcacheds",
        "singular": "memcached",
        "shortNames": ["mc"],
        "categories": ["all"],
    });
    assert_eq!(crd["spec"]["names"], names);
    let mut version = crd["spec"]["versions"][0].clone();
    version.as_object_mut().unwrap().remove("schema");
    let expected = json!({
        "name": "v1alpha1",
        "served": true,
        "storage": true,
        "deprecated": true,
        "deprecationWarning": "use v1",
        "additionalPrinterColumns": [
            {"name": "Ready", "type": "integer", "jsonPath": ".status.ready", "priority": 1},
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size", "format": "int32"},
        ],
        "selectableFields": [{"jsonPath": ".spec.image"}],
        "subresources": {
            "status": {},
            "scale": {
                "specReplicasPath": ".spec.size",
                "statusReplicasPath": ".status.ready",
                "labelSelectorPath": ".status.selector",
            },
        },
    });
    assert_eq!(version, expected);
}

#[test]
fn the_schema_describes_spec_and_status() {
    let crd = json(Memcached::crd());
    let expected = json!({
        "description": "Memcached runs a memcached cluster.",
        "type": "object",
        "properties": {
            "spec": {
                "description": "Memcached runs a memcached cluster.",
                "type": "object",
                "properties": {
                    "image": {"type": "string", "default": ""},
                    "size": {
                        "description": "Number of memcached pods.",
                        "type": "integer",
                        "format": "int32",
                        "minimum": 1.0,
                        "maximum": 9.0,
                    },
                },
                "required": ["size"],
            },
            "status": {
                "type": "object",
                "nullable": true,
                "properties": {
                    "ready": {"type": "integer", "format": "int32"},
                    "selector": {"type": "string", "nullable": true},
                },
                "required": ["ready"],
            },
        },
        "required": ["spec"],
        "x-kubernetes-validations": [
            {"rule": "self.spec.size < 10"},
            {
                "rule": "self.metadata.name.size() < 50",
                "message": "the name is too long",
                "fieldPath": ".metadata.name",
            },
        ],
    });
    assert_eq!(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], expected);
}

#[test]
fn objects_are_written_with_the_names_of_their_kind() {
    let image = "i".to_owned();
    let object = Memcached::new("a", MemcachedSpec { size: 1, image });
    let written = json!({
        "apiVersion": "cache.example.com/v1alpha1",
        "kind": "Memcached",
        "metadata": {"name": "a"},
        "spec": {"size": 1, "image": "i"},
    });
    assert_eq!(serde_json::to_value(&object).unwrap(), written);
    assert_eq!(serde_json::from_value::<Memcached>(written).unwrap(), object);
}

#[test]
fn kube_traits_reach_metadata_spec_and_status() {
    let mut object = Memcached::default();
    object.meta_mut().name = Some("a".into());
    object.spec_mut().size = 3;
    let selector = None;
    *object.status_mut() = Some(MemcachedStatus { ready: 2, selector });
    assert_eq!(object.spec().size, 3);
    assert_eq!(object.status().map(|status| status.ready), Some(2));
    assert_eq!(Memcached::api_version(&()), "cache.example.com/v1alpha1");
    assert_eq!(Memcached::plural(&()), "memcacheds");
    assert_eq!(Memcached::crd_name(), "memcacheds.cache.example.com");
    assert_eq!(Memcached::shortnames(), ["mc"]);
    assert_eq!(Memcached::api_resource().kind, "Memcached");
    assert_eq!(Memcached::DECLARATION.scope, Scope::Namespaced);
}

#[test]
fn without_a_spec_the_fields_stand_at_the_root() {
    let object = CachePolicy::new("a", PolicyRules { allow: true });
    let written = json!({
        "apiVersion": "cache.example.com/v1",
        "kind": "Policy",
        "metadata": {"name": "a"},
        "allow": true,
    });
    assert_eq!(serde_json::to_value(&object).unwrap(), written);
    let read: CachePolicy = serde_json::from_value(written).unwrap();
    assert!(read.spec.allow);

    let crd = json(CachePolicy::try_crd().unwrap());
    let version = &crd["spec"]["versions"][0];
    let fields = &version["schema"]["openAPIV3Schema"]["properties"];
    assert_eq!(fields, &json!({"allow": {"type": "boolean"}}));
    assert_eq!(version["served"], false);
    assert_eq!(version["storage"], false);
    assert_eq!(crd["spec"]["names"]["plural"], "rules");
    assert_eq!(crd["spec"]["scope"], "Cluster");
}

#[test]
fn a_definition_without_a_schema_is_the_authors_to_complete() {
    let crd = json(Raw::try_crd().unwrap());
    assert_eq!(crd["spec"]["versions"][0]["schema"], json!({}));
}

#[test]
fn a_type_without_structural_schema_is_an_error_and_never_a_panic() {
    let error = Broken::try_crd().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Broken` has no structural schema: `spec.text`: the pattern `(?!a)` looks around, which RE2 does not know",
    );
    let crd = json(Broken::crd());
    assert_eq!(crd["spec"]["versions"][0]["schema"], json!({}));
}
