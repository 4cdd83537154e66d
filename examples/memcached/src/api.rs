//! The API: what users ask for, and what they are told.

use krate::prelude::*;

/// Memcached runs a memcached cluster.
#[derive(CustomResource, Serialize, Deserialize, KubeSchema, Clone, Debug, PartialEq)]
#[kube(
    group = "cache.example.com",
    version = "v1alpha1",
    kind = "Memcached",
    namespaced,
    status = "MemcachedStatus",
    shortname = "mc",
    derive = "PartialEq",
    scale(
        spec_replicas_path = ".spec.size",
        status_replicas_path = ".status.readyReplicas",
        label_selector_path = ".status.selector"
    ),
    printcolumn(name = "Size", type_ = "integer", json_path = ".spec.size"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].status"
    )
)]
#[serde(rename_all = "camelCase")]
pub struct MemcachedSpec {
    /// Number of memcached pods.
    #[x_kube(minimum = 1, maximum = 9)]
    pub size: i32,
    /// The image to run.
    #[serde(default = "default_image")]
    pub image: String,
    /// Memory for items, in megabytes.
    #[serde(default = "default_memory")]
    #[x_kube(minimum = 16)]
    pub memory_megabytes: u32,
}

/// How the memcached cluster stands.
#[derive(Serialize, Deserialize, KubeSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct MemcachedStatus {
    /// Number of pods that answer.
    pub ready_replicas: i32,
    /// The pods of the cluster, as a label selector.
    pub selector: String,
    /// The generation of the spec this status is about.
    pub observed_generation: Option<i64>,
    /// What holds and what does not.
    pub conditions: Conditions,
}

fn default_image() -> String {
    "memcached:1.6-alpine".to_owned()
}

fn default_memory() -> u32 {
    64
}
