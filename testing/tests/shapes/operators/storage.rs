//! Databases, brokers and disks.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::StatefulSetSpec;
use k8s_openapi::api::core::v1::{
    Affinity, LocalObjectReference, PodTemplateSpec, ResourceRequirements, Toleration,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use krate::KubeSchema;
use krate::crd::GoDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

/// A broker whose storage may hold storages.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kafka {
    #[x_kube(list_type = "map", list_map_keys("name"), min_items = 1)]
    listeners: Vec<Listener>,
    storage: Storage,
    #[serde(default)]
    config: BTreeMap<String, ConfigValue>,
    #[x_kube(minimum = 1)]
    replicas: i32,
    template: Option<PodTemplateSpec>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Listener {
    #[x_kube(pattern = "^[a-z0-9]{1,11}$")]
    name: String,
    #[x_kube(minimum = 9092)]
    port: i32,
    r#type: ListenerType,
    tls: bool,
    authentication: Option<Authentication>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ListenerType {
    Internal,
    Route,
    #[serde(rename = "cluster-ip")]
    ClusterIp,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Authentication {
    Tls,
    #[serde(rename = "scram-sha-512")]
    Scram,
    Oauth {
        client_id: Option<String>,
        #[serde(default)]
        enable_plain: bool,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Storage {
    Ephemeral {
        size_limit: Option<Quantity>,
    },
    PersistentClaim {
        id: Option<u32>,
        size: Quantity,
        #[serde(default)]
        delete_claim: bool,
    },
    Jbod {
        volumes: Vec<Storage>,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum ConfigValue {
    Flag(bool),
    Whole(i64),
    Text(String),
}

/// A cluster of databases.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Database {
    #[x_kube(minimum = 1)]
    #[serde(default = "one")]
    instances: i32,
    bootstrap: Option<Bootstrap>,
    #[serde(default)]
    postgresql: Postgres,
    resources: Option<ResourceRequirements>,
    affinity: Option<PodPlacement>,
    #[x_kube(pattern = r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$")]
    catalog: Option<String>,
    backup: Option<Backup>,
    managed: Option<Managed>,
}

fn one() -> i32 {
    1
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(at_most_one_of("initdb", "recovery", "pg_basebackup"))]
struct Bootstrap {
    initdb: Option<InitDb>,
    recovery: Option<Recovery>,
    pg_basebackup: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InitDb {
    database: Option<String>,
    #[serde(default, rename = "postInitSQL")]
    post_init_sql: Vec<String>,
    secret: Option<LocalObjectReference>,
    wal_segment_size: Option<std::num::NonZeroU16>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recovery {
    recovery_target: Option<RecoveryTarget>,
    source: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct RecoveryTarget {
    #[serde(rename = "targetTime")]
    time: Option<jiff::Timestamp>,
    #[serde(rename = "targetLSN")]
    lsn: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Postgres {
    parameters: BTreeMap<String, String>,
    #[serde(rename = "pg_hba")]
    pg_hba: Vec<String>,
    synchronous: Option<Synchronous>,
    promotion_timeout: i32,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Synchronous {
    method: Method,
    number: u32,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Any,
    First,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PodPlacement {
    #[serde(flatten)]
    affinity: Affinity,
    #[serde(default)]
    tolerations: Vec<Toleration>,
    topology_key: Option<String>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Backup {
    #[x_kube(pattern = r"^[1-9][0-9]*[dwm]$")]
    retention_policy: Option<String>,
    schedule: Option<String>,
    object_store: Option<ObjectStore>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectStore {
    destination_path: String,
    #[serde(flatten)]
    credentials: Credentials,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Credentials {
    S3Credentials {
        inherit_from_iam_role: Option<bool>,
    },
    AzureCredentials {
        connection_string: Option<LocalObjectReference>,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Managed {
    roles: Option<Vec<Role>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Role {
    name: String,
    #[serde(default)]
    ensure: Ensure,
    #[serde(default = "unlimited")]
    connection_limit: i64,
    valid_until: Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>,
}

fn unlimited() -> i64 {
    -1
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum Ensure {
    #[default]
    Present,
    Absent,
}

/// Disks of a cluster.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ceph {
    mon: Mon,
    storage: StorageScope,
    resources: Option<BTreeMap<String, ResourceRequirements>>,
    placement: Option<BTreeMap<String, Affinity>>,
    #[serde(default)]
    dashboard: Option<Dashboard>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mon {
    #[x_kube(minimum = 0, maximum = 9)]
    count: i64,
    #[serde(default)]
    allow_multiple_per_node: bool,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorageScope {
    use_all_nodes: Option<bool>,
    #[serde(default)]
    nodes: Vec<StorageNode>,
    config: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct StorageNode {
    name: String,
    devices: Option<Vec<Device>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Device {
    name: Option<String>,
    #[serde(rename = "fullpath")]
    full_path: Option<String>,
    config: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
#[serde(default)]
struct Dashboard {
    enabled: bool,
    port: Option<u16>,
    ssl: Option<bool>,
}

/// A set that may be overridden piece by piece.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Broker {
    r#override: Option<Override>,
    persistence: Option<Persistence>,
    delay_start_seconds: Option<i32>,
    timeout: Option<GoDuration>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Override {
    stateful_set: Option<StatefulSetOverride>,
    service: Option<Value>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct StatefulSetOverride {
    spec: Option<StatefulSetSpec>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Persistence {
    storage: Option<Quantity>,
    storage_class_name: Option<String>,
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row::<Kafka>("a broker")
            .takes([json!({
                "replicas": 3,
                "listeners": [{"name": "plain", "port": 9092, "type": "cluster-ip", "tls": false, "authentication": {"type": "oauth", "clientId": "a"}}],
                "storage": {"type": "jbod", "volumes": [{"type": "persistent-claim", "id": 0, "size": "1Gi"}, {"type": "ephemeral"}]},
                "config": {"log.retention.hours": 1, "auto.create": true, "message.format": "3.0"},
            })])
            .refuses([
                json!({"replicas": 3, "listeners": [], "storage": {"type": "tape"}}),
                json!({"replicas": 3, "listeners": [], "storage": {"type": "jbod", "volumes": [{"type": "persistent-claim"}]}}),
                json!({"replicas": 3, "listeners": [], "storage": {"type": "ephemeral"}, "config": {"a": 1.5}}),
            ])
            .forbids([json!({"replicas": 0, "listeners": [], "storage": {"type": "ephemeral"}})]),
        row::<Database>("a database")
            .takes([json!({
                "instances": 3, "bootstrap": {"initdb": {"database": "a", "postInitSQL": ["x"], "walSegmentSize": 16}},
                "postgresql": {"parameters": {"max_connections": "100"}, "pg_hba": ["host all"], "synchronous": {"method": "any", "number": 1}},
                "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}},
                             "tolerations": [{"key": "a"}], "topologyKey": "zone"},
                "backup": {"retentionPolicy": "30d", "objectStore": {"destinationPath": "s3://a", "s3Credentials": {"inheritFromIamRole": true}}},
                "managed": {"roles": [{"name": "a", "ensure": "absent"}]}, "catalog": "a-b.c",
            }), json!({})])
            .refuses([
                json!({"managed": {"roles": [{"name": "a", "ensure": "Absent"}]}}),
                json!({"backup": {"objectStore": {"destinationPath": "a"}}}),
                json!({"bootstrap": {"initdb": {"walSegmentSize": 0}}}),
                json!({"bootstrap": {"recovery": {"recovery_target": 1, "recoveryTarget": {"targetTime": "now"}}}}),
            ])
            .forbids([json!({"instances": 0}), json!({"bootstrap": {"initdb": {}, "recovery": {}}}), json!({"catalog": "A"})]),
        row::<Ceph>("disks")
            .takes([json!({
                "mon": {"count": 3}, "storage": {"nodes": [{"name": "a", "devices": [{"name": "sdb", "config": {"a": "1"}}]}]},
                "resources": {"mgr": {"limits": {"cpu": "1"}}}, "placement": {"all": {"nodeAffinity": {}}}, "dashboard": {"enabled": true},
            })])
            .refuses([json!({"mon": {"count": 3}, "storage": {"nodes": [{}]}})])
            .forbids([json!({"mon": {"count": 10}, "storage": {}})]),
        row::<Broker>("an overridden set")
            .takes([json!({
                "override": {"statefulSet": {"spec": {"selector": {}, "serviceName": "a", "template": {"spec": {"containers": [{"name": "a"}]}}}},
                             "service": {"spec": {"ports": [{"port": 1}]}}},
                "persistence": {"storage": "10Gi"}, "timeout": "1m0s",
            })])
            .refuses([json!({"timeout": 60})]),
    ]
}
