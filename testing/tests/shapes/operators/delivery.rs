//! Pipelines, releases and applications.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, EnvVar, PodSpec, Volume};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, LabelSelector};
use krate::KubeSchema;
use krate::crd::GoDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

/// A workflow whose templates hold steps that hold templates.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Workflow {
    entrypoint: Option<String>,
    templates: Vec<Template>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arguments: Option<Arguments>,
    #[serde(rename = "activeDeadlineSeconds")]
    deadline: Option<i64>,
    pod_gc: Option<PodGc>,
    #[serde(default)]
    volume_claim_templates: Vec<Value>,
    node_selector: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct PodGc {
    strategy: PodGcStrategy,
    #[serde(rename = "labelSelector")]
    selector: Option<LabelSelector>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum PodGcStrategy {
    OnPodCompletion,
    OnWorkflowSuccess,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    name: Option<String>,
    steps: Option<Vec<Vec<Step>>>,
    container: Option<Box<Container>>,
    dag: Option<Dag>,
    inputs: Option<Arguments>,
    retry_strategy: Option<RetryStrategy>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Dag {
    tasks: Vec<Task>,
    #[serde(rename = "failFast")]
    fail_fast: Option<bool>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    name: String,
    #[serde(default)]
    dependencies: Vec<String>,
    inline: Option<Box<Template>>,
    with_items: Option<Vec<Item>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Step {
    name: String,
    template: Option<String>,
    inline: Option<Box<Template>>,
    arguments: Option<Arguments>,
    when: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Arguments {
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameter {
    name: String,
    value: Option<AnyString>,
    r#enum: Option<Vec<AnyString>>,
    global_name: Option<String>,
}

/// Text, number or flag.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum AnyString {
    Text(String),
    Number(f64),
    Flag(bool),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Item {
    Text(String),
    Number(i64),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetryStrategy {
    limit: Option<k8s_openapi::apimachinery::pkg::util::intstr::IntOrString>,
    retry_policy: Option<String>,
    backoff: Option<Backoff>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Backoff {
    duration: Option<String>,
    factor: Option<f64>,
}

/// An application from one source or several.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(exactly_one_of("source", "sources"))]
struct Application {
    destination: Destination,
    source: Option<ApplicationSource>,
    #[x_kube(max_items = 10)]
    sources: Option<Vec<ApplicationSource>>,
    #[serde(default = "default_project")]
    project: String,
    sync_policy: Option<SyncPolicy>,
    #[serde(default)]
    ignore_differences: Vec<IgnoreDifferences>,
    revision_history_limit: Option<i64>,
}

fn default_project() -> String {
    "default".to_owned()
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Destination {
    server: Option<String>,
    namespace: Option<String>,
    name: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApplicationSource {
    #[serde(rename = "repoURL")]
    repo_url: String,
    path: Option<String>,
    target_revision: Option<String>,
    helm: Option<Helm>,
    kustomize: Option<KustomizeSource>,
    directory: Option<Directory>,
    r#ref: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Helm {
    #[serde(default)]
    value_files: Vec<String>,
    #[serde(default)]
    parameters: Vec<HelmParameter>,
    values_object: Option<Value>,
    skip_crds: Option<bool>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HelmParameter {
    name: String,
    value: String,
    force_string: Option<bool>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KustomizeSource {
    images: Option<Vec<String>>,
    common_labels: Option<BTreeMap<String, String>>,
    patches: Option<Vec<KustomizePatch>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct KustomizePatch {
    patch: Option<String>,
    target: Option<BTreeMap<String, String>>,
    options: Option<BTreeMap<String, bool>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Directory {
    recurse: Option<bool>,
    jsonnet: Option<Jsonnet>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Jsonnet {
    ext_vars: Option<Vec<BTreeMap<String, Value>>>,
    libs: Option<Vec<String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SyncPolicy {
    automated: Option<Automated>,
    sync_options: Option<Vec<String>>,
    retry: Option<SyncRetry>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Automated {
    #[serde(default)]
    prune: bool,
    #[serde(default)]
    self_heal: bool,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct SyncRetry {
    #[serde(default)]
    limit: i64,
    backoff: Option<Backoff>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IgnoreDifferences {
    group: Option<String>,
    kind: String,
    json_pointers: Option<Vec<String>>,
    jq_path_expressions: Option<Vec<String>>,
}

/// A release of a chart.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    interval: GoDuration,
    chart: Option<ChartTemplate>,
    chart_ref: Option<ChartRef>,
    #[x_kube(max_length = 53, min_length = 1)]
    release_name: Option<String>,
    timeout: Option<GoDuration>,
    values: Option<Value>,
    #[serde(default)]
    values_from: Vec<ValuesFrom>,
    install: Option<Install>,
    #[serde(default)]
    suspend: bool,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct ChartTemplate {
    spec: ChartSpec,
    metadata: Option<ChartMetadata>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct ChartMetadata {
    labels: Option<BTreeMap<String, String>>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChartSpec {
    chart: String,
    #[serde(default = "any_version")]
    version: String,
    source_ref: ChartRef,
    reconcile_strategy: Option<ReconcileStrategy>,
}

fn any_version() -> String {
    "*".to_owned()
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum ReconcileStrategy {
    ChartVersion,
    Revision,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct ChartRef {
    #[x_kube(one_of("HelmRepository", "GitRepository", "Bucket"))]
    kind: String,
    #[x_kube(max_length = 253, min_length = 1)]
    name: String,
    namespace: Option<String>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ValuesFrom {
    #[x_kube(one_of("Secret", "ConfigMap"))]
    kind: String,
    name: String,
    #[x_kube(pattern = r"^[\-._a-zA-Z0-9]+$", max_length = 253)]
    values_key: Option<String>,
    target_path: Option<String>,
    optional: Option<bool>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Install {
    crds: Option<CrdPolicy>,
    remediation: Option<Remediation>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum CrdPolicy {
    Skip,
    Create,
    CreateReplace,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Remediation {
    #[serde(default)]
    retries: i32,
    #[serde(rename = "remediateLastFailure")]
    last: Option<bool>,
}

/// A task of steps that are containers with more.
#[derive(JsonSchema, Serialize, Deserialize)]
struct PipelineTask {
    #[serde(default)]
    params: Vec<ParamSpec>,
    steps: Vec<TaskStep>,
    #[serde(default)]
    volumes: Vec<Volume>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct ParamSpec {
    name: String,
    #[serde(default)]
    r#type: ParamType,
    default: Option<ParamValue>,
    properties: Option<BTreeMap<String, PropertySpec>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct PropertySpec {
    r#type: ParamType,
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum ParamType {
    #[default]
    String,
    Array,
    Object,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum ParamValue {
    Text(String),
    List(Vec<String>),
    Object(BTreeMap<String, String>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct TaskStep {
    #[serde(flatten)]
    container: Container,
    script: Option<String>,
    #[serde(rename = "onError")]
    on_error: Option<String>,
    when: Option<Vec<When>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct When {
    cel: Option<String>,
    input: Option<String>,
    operator: Option<Operator>,
    values: Option<Vec<String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Operator {
    In,
    Notin,
}

/// A service whose revisions are pods with more.
#[derive(KubeSchema, Serialize, Deserialize)]
struct Serving {
    template: RevisionTemplate,
    #[serde(default)]
    traffic: Vec<Traffic>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct RevisionTemplate {
    metadata: Option<BTreeMap<String, Value>>,
    spec: Revision,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Revision {
    #[serde(flatten)]
    pod: PodSpec,
    container_concurrency: Option<i64>,
    timeout_seconds: Option<i64>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Traffic {
    #[x_kube(minimum = 0, maximum = 100)]
    percent: Option<i64>,
    latest_revision: Option<bool>,
    tag: Option<String>,
    url: Option<String>,
}

/// A status as most operators keep it.
#[derive(KubeSchema, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    observed_generation: i64,
    conditions: Vec<Condition>,
    #[x_kube(format = "date-time")]
    last_sync: Option<String>,
    history: Vec<BTreeMap<String, String>>,
    env: Vec<EnvVar>,
}

pub(crate) fn rows() -> Vec<Row> {
    let step = json!({"name": "a", "inline": {"container": {"name": "c"}}, "when": "x == y"});
    vec![
        row::<Workflow>("a workflow")
            .takes([json!({
                "entrypoint": "main",
                "templates": [
                    {"name": "main", "steps": [[step], []], "retryStrategy": {"limit": "10", "backoff": {"factor": 2}}},
                    {"name": "dag", "dag": {"tasks": [{"name": "a", "withItems": ["x", 1, {"a": [1]}, [1, 2]]}]}},
                ],
                "arguments": {"parameters": [{"name": "p", "value": 1.5, "enum": ["a", true]}]},
                "podGc": {"strategy": "OnPodCompletion"},
            })])
            .refuses([json!({"templates": [{"steps": [{"name": "a"}]}]}), json!({"templates": [], "podGc": {"strategy": "x"}})]),
        row::<Application>("an application")
            .takes([json!({
                "destination": {"server": "https://kubernetes.default.svc"},
                "source": {"repoURL": "https://example.com", "path": "a", "helm": {"valuesObject": {"a": {"b": [1]}}},
                           "directory": {"jsonnet": {"extVars": [{"name": "a", "code": true}]}}},
                "syncPolicy": {"automated": {"prune": true}, "retry": {"limit": -1}},
                "ignoreDifferences": [{"kind": "Deployment", "jsonPointers": ["/spec/replicas"]}],
            })])
            .refuses([json!({"source": {"repoURL": "a"}})])
            .forbids([json!({"destination": {}}), json!({"destination": {}, "source": {"repoURL": "a"}, "sources": []})])
            .alone(),
        row::<Release>("a release")
            .takes([json!({
                "interval": "5m", "chart": {"spec": {"chart": "a", "sourceRef": {"kind": "GitRepository", "name": "b"}}},
                "values": {"replicaCount": 2, "nested": {"list": [1, {"a": null}]}},
                "valuesFrom": [{"kind": "Secret", "name": "s", "valuesKey": "k.yaml"}],
                "install": {"crds": "CreateReplace", "remediation": {"retries": -1}},
            })])
            .refuses([json!({"interval": "5"}), json!({"interval": "5m", "install": {"crds": "Maybe"}})])
            .forbids([json!({"interval": "5m", "chartRef": {"kind": "Pod", "name": "a"}})]),
        row::<PipelineTask>("a task of a pipeline")
            .takes([json!({
                "params": [{"name": "a", "type": "array", "default": ["x"]}, {"name": "b", "default": {"c": "d"}}],
                "steps": [{"name": "s", "image": "i", "script": "echo", "when": [{"input": "a", "operator": "notin", "values": []}]}],
            })])
            .refuses([json!({"steps": [{"name": "s", "script": 1}]}), json!({"steps": [], "params": [{"name": "a", "default": 1}]})]),
        row::<Serving>("a service of revisions")
            .takes([json!({
                "template": {"spec": {"containers": [{"name": "a", "image": "b"}], "containerConcurrency": 5}},
                "traffic": [{"percent": 100, "latestRevision": true}],
            })])
            .refuses([json!({"template": {"spec": {"containers": 1}}})])
            .forbids([json!({"template": {"spec": {"containers": [{}]}}}), json!({"template": {"spec": {"containers": []}}, "traffic": [{"percent": 101}]})]),
        row::<Status>("a status").takes([json!({"observedGeneration": 3, "lastSync": "2026-01-01T00:00:00Z"})]),
    ]
}
