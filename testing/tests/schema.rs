//! What Rust types become is what an API server accepts: the definition, and objects of it.
#![allow(dead_code, reason = "the types are only described")]

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Affinity, EnvVar, PersistentVolumeClaimSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, LabelSelector, ObjectMeta, Time};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use krate::CustomResource;
use krate_testing::{Cluster, Result};
use kube::api::PostParams;
use kube::core::DynamicObject;
use kube::{Api, CustomResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Color {
    Red,
    Green,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
enum Level {
    /// Nothing.
    Quiet,
    /// Everything.
    Loud,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "camelCase")]
enum Source {
    Bucket { name: String },
    Image(String),
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(tag = "type")]
enum Backend {
    Disk { path: String, size: i32 },
    Memory { size: i64 },
    None,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(tag = "kind", content = "value")]
enum Setting {
    Flag(bool),
    Text(String),
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(untagged)]
enum Port {
    Number(i32),
    Name(String),
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
enum Mixed {
    Nothing,
    Some { size: i32 },
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
struct Tree {
    name: String,
    children: Vec<Tree>,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
struct Flat {
    name: String,
    #[serde(flatten)]
    source: Source,
    #[serde(flatten)]
    backend: Option<Backend>,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug, Default)]
#[serde(default)]
struct Defaults {
    number: i32,
    list: Vec<String>,
    text: Option<String>,
    map: BTreeMap<String, String>,
}

#[derive(CustomResource, JsonSchema, Serialize, Deserialize, Clone, Debug)]
#[kube(
    group = "zoo.example.com",
    version = "v1",
    kind = "Zoo",
    namespaced,
    status = "ZooStatus"
)]
#[kube(validation = "!has(self.spec.byte) || self.spec.byte != 13")]
#[serde(rename_all = "camelCase")]
struct ZooSpec {
    byte: Option<u8>,
    word: Option<u32>,
    long: Option<u64>,
    wide: Option<i128>,
    address: Option<std::net::IpAddr>,
    color: Option<Color>,
    level: Option<Level>,
    colors: Option<Vec<Option<Color>>>,
    source: Option<Source>,
    backend: Option<Backend>,
    setting: Option<Setting>,
    port: Option<Port>,
    mixed: Option<Mixed>,
    tree: Option<Tree>,
    flat: Option<Flat>,
    #[serde(default)]
    defaults: Defaults,
    any: Option<Value>,
    anything: Option<BTreeMap<String, Value>>,
    by_number: Option<BTreeMap<u32, String>>,
    by_color: Option<BTreeMap<Color, bool>>,
    set: Option<BTreeSet<String>>,
    pair: Option<(bool, String)>,
    outcome: Option<std::result::Result<i32, String>>,
    quantity: Option<Quantity>,
    int_or_string: Option<IntOrString>,
    time: Option<Time>,
    selector: Option<LabelSelector>,
    meta: Option<ObjectMeta>,
    raw: Option<RawExtension>,
    pod: Option<PodTemplateSpec>,
    env: Option<Vec<EnvVar>>,
    claim: Option<PersistentVolumeClaimSpec>,
    affinity: Option<Affinity>,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Debug)]
struct ZooStatus {
    conditions: Vec<Condition>,
}

/// Specs that are kept as they are.
fn accepted() -> Vec<Value> {
    vec![
        json!({"byte": 255, "word": 4_294_967_295_u32, "long": 1, "wide": 5, "address": "::1"}),
        json!({"color": "Red", "level": "Loud", "colors": [null, "Green"]}),
        json!({"source": {"bucket": {"name": "a"}}, "backend": {"type": "Disk", "path": "a", "size": 1}}),
        json!({"source": null, "backend": null, "setting": null, "pod": null, "tree": null}),
        json!({"backend": {"type": "None"}, "setting": {"kind": "Flag", "value": true}}),
        json!({"port": 80, "mixed": "Nothing"}),
        json!({"port": "http", "mixed": {"Some": {"size": 1}}}),
        json!({"flat": {"name": "a", "image": "b"}}),
        json!({"flat": {"name": "a", "image": "b", "type": "Memory", "size": 3}}),
        json!({"any": {"a": [1]}, "anything": {"a": {"b": 1}}, "byNumber": {"1": "a"}, "byColor": {"Red": true}}),
        json!({"tree": {"name": "a", "children": [{"name": "b", "children": [
            {"name": "c", "children": [{"name": "d", "children": []}]},
        ]}]}}),
        json!({"set": ["a", "b"], "pair": [true, "x"], "outcome": {"Ok": 1}}),
        json!({"quantity": "1Gi", "intOrString": 5, "raw": {"a": {"b": 1}}, "time": "2026-01-01T00:00:00Z"}),
        json!({"pod": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a"}]}}}),
    ]
}

/// Specs that are refused, with a part of the answer.
fn refused() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"byte": 256}), "should be less than or equal to 255"),
        (json!({"word": -1}), "should be greater than or equal to 0"),
        (json!({"color": "Blue"}), "Unsupported value: \"Blue\""),
        (json!({"colors": ["Blue"]}), "should match '^(Red|Green)$'"),
        (
            json!({"source": {"bucket": {"name": "a"}, "image": "x"}}),
            "oneOf",
        ),
        (json!({"source": {}}), "oneOf"),
        (json!({"backend": {"type": "Disk"}}), "oneOf"),
        (
            json!({"backend": {"type": "Tape"}}),
            "Unsupported value: \"Tape\"",
        ),
        (json!({"flat": {"name": "a"}}), "oneOf"),
        (json!({"set": ["a", "a"]}), "Duplicate value: \"a\""),
        (json!({"env": [{"name": "a"}, {"name": "a"}]}), "Duplicate value"),
        (
            json!({"tree": {"name": "a"}}),
            "spec.tree.children: Required value",
        ),
    ]
}

/// A spec that breaks a CEL rule, which only a real API server evaluates.
fn against_a_rule() -> (Value, &'static str) {
    (json!({"byte": 13}), "failed rule")
}

/// What every arm answers.
async fn check(cluster: &Cluster, refused: Vec<(Value, &'static str)>) -> Result<()> {
    cluster.namespace("zoo").await?;
    cluster.install::<Zoo>().await?;
    let zoos: Api<DynamicObject> = Api::namespaced_with(cluster.client(), "zoo", &Zoo::api_resource());
    for (index, spec) in accepted().into_iter().enumerate() {
        let kept = zoos.create(&PostParams::default(), &zoo(index, &spec)).await?;
        for (field, value) in spec.as_object().into_iter().flatten() {
            assert_eq!(&kept.data["spec"][field], value, "`{field}` of {spec}");
        }
        let typed: serde_json::Result<ZooSpec> = serde_json::from_value(kept.data["spec"].clone());
        assert!(typed.is_ok(), "{spec} is not read back: {typed:?}");
    }
    for (index, (spec, expected)) in refused.into_iter().enumerate() {
        let answer = zoos
            .create(&PostParams::default(), &zoo(100 + index, &spec))
            .await;
        let answer = answer.map(|_| ()).expect_err(&spec.to_string()).to_string();
        assert!(answer.contains(expected), "{spec}: {answer}");
    }
    Ok(())
}

fn zoo(index: usize, spec: &Value) -> DynamicObject {
    DynamicObject::new(&format!("zoo-{index}"), &Zoo::api_resource()).data(json!({"spec": spec}))
}

#[tokio::test]
async fn a_real_api_server_accepts_what_rust_types_become() -> Result<()> {
    match Cluster::real().await? {
        Some(cluster) => {
            let mut refused = refused();
            refused.push(against_a_rule());
            check(&cluster, refused).await
        }
        None => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn the_embedded_api_server_accepts_what_rust_types_become() -> Result<()> {
    check(&Cluster::embedded()?, refused()).await
}
