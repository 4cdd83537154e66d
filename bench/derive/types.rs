//! Ten kinds as operators have them, in what both derives understand.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ResourceRequirements, SecretKeySelector};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, LabelSelector};
use kube::CustomResourceExt;
use serde::{Deserialize, Serialize};

use super::{CustomResource, EnumSchema, KubeSchema};

/// Says how many definitions there are, so that each is made.
pub(crate) fn tell() {
    let definitions = [
        Memcached::crd(),
        Database::crd(),
        Backup::crd(),
        Certificate::crd(),
        Queue::crd(),
        Route::crd(),
        Tenant::crd(),
        Pipeline::crd(),
        Alert::crd(),
        Volume::crd(),
    ];
    println!("{} definitions", definitions.len());
}

/// What most of them report.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Status {
    /// The generation that was seen last.
    observed_generation: Option<i64>,
    /// How it stands.
    #[serde(default)]
    #[x_kube(merge_strategy = kube::core::ListMerge::Map(vec!["type".into()]))]
    conditions: Vec<Condition>,
}

/// Memcached runs a memcached cluster.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Memcached",
    namespaced,
    status = "Status",
    shortname = "mc"
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemcachedSpec {
    /// Number of pods.
    #[schemars(range(min = 1, max = 9))]
    size: i32,
    /// Memory of each, in megabytes.
    #[serde(default)]
    memory: u32,
    /// What each pod may use.
    resources: Option<ResourceRequirements>,
}

/// Database runs a database with replicas.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Database",
    namespaced,
    status = "Status",
    printcolumn(name = "Engine", type_ = "string", json_path = ".spec.engine")
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DatabaseSpec {
    /// What it is.
    engine: Engine,
    /// The password of the first user.
    password: Option<SecretKeySelector>,
    /// Where it keeps its data.
    storage: Storage,
    /// Who may log in.
    #[serde(default)]
    users: Vec<User>,
}

/// What a database is.
#[derive(EnumSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Engine {
    Postgres,
    Mysql,
    Sqlite,
}

/// Where data is kept.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Storage {
    /// The class of the volume.
    class_name: Option<String>,
    /// How large it is.
    #[schemars(length(min = 1, max = 32))]
    size: String,
    /// Kept when the object is gone.
    #[serde(default)]
    retain: bool,
}

/// Somebody who may log in.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    #[schemars(length(max = 63))]
    name: String,
    #[serde(default)]
    privileges: Vec<Privilege>,
}

/// What a user may do.
#[derive(EnumSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Privilege {
    Read,
    Write,
    Own,
}

/// Backup copies a database at times.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Backup",
    namespaced,
    status = "Status",
    category = "all"
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = "self.keep > 0 || !self.suspend")]
pub(crate) struct BackupSpec {
    database: String,
    /// When, as cron has it.
    schedule: String,
    /// How many are kept.
    #[serde(default)]
    keep: u32,
    #[serde(default)]
    suspend: bool,
    target: Target,
}

/// Where copies go.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    bucket: String,
    region: Option<String>,
    credentials: Option<SecretKeySelector>,
}

/// Certificate asks for a certificate.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Certificate",
    namespaced,
    status = "Status",
    shortname = "cert",
    selectable = ".spec.secretName"
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateSpec {
    secret_name: String,
    #[serde(default)]
    dns_names: Vec<String>,
    #[serde(default)]
    ip_addresses: Vec<std::net::IpAddr>,
    duration_seconds: Option<u64>,
    is_ca: Option<bool>,
    issuer: Reference,
}

/// The name of another object.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    group: Option<String>,
    kind: String,
    name: String,
}

/// Queue holds messages.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Queue",
    namespaced,
    status = "Status"
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueSpec {
    partitions: u16,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    retention: Retention,
    dead_letter: Option<Reference>,
}

/// How long messages are kept.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Retention {
    seconds: Option<u64>,
    bytes: Option<u64>,
}

/// Route sends requests to services.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Route",
    namespaced,
    status = "Status"
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteSpec {
    #[serde(default)]
    hostnames: Vec<String>,
    rules: Vec<RouteRule>,
}

/// Which requests go where.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteRule {
    path: Match,
    #[serde(default)]
    headers: BTreeMap<String, Match>,
    backends: Vec<Backend>,
}

/// What a text has to be like.
#[derive(EnumSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Match {
    Exact(String),
    Prefix(String),
    Pattern(String),
}

/// Who answers.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Backend {
    service: Reference,
    #[schemars(range(min = 1, max = 65535))]
    port: i32,
    weight: Option<u32>,
}

/// Tenant is a customer with namespaces of its own.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Tenant",
    status = "Status"
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantSpec {
    namespaces: LabelSelector,
    #[serde(default)]
    owners: Vec<String>,
    #[serde(default)]
    quota: BTreeMap<String, String>,
}

/// Pipeline runs steps one after another.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Pipeline",
    namespaced,
    status = "Status"
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PipelineSpec {
    steps: Vec<Step>,
    timeout_seconds: Option<u32>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// A step of a pipeline.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Step {
    name: String,
    image: String,
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
    retry: Option<Retry>,
}

/// What to do when a step fails.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Retry {
    attempts: u8,
    backoff: Backoff,
}

/// How the time between attempts grows.
#[derive(EnumSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
pub(crate) enum Backoff {
    Constant,
    Linear,
    Exponential,
}

/// Alert tells somebody.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Alert",
    namespaced,
    status = "Status"
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertSpec {
    expression: String,
    #[serde(default)]
    for_seconds: u32,
    severity: Severity,
    channel: Channel,
}

/// How bad it is.
#[derive(EnumSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    Info,
    Warning,
    Critical,
}

/// Who is told.
#[derive(EnumSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Channel {
    Mail { to: Vec<String> },
    Chat { room: String },
    Page { service: String },
}

/// Volume is a place for data.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.example.com",
    version = "v1",
    kind = "Volume",
    namespaced,
    status = "Status",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.observedGeneration"
    )
)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VolumeSpec {
    replicas: i32,
    storage: Storage,
    #[serde(default)]
    #[x_kube(merge_strategy = kube::core::ListMerge::Set)]
    zones: Vec<String>,
}
