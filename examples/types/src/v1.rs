//! The stored version.

use k8s_openapi::api::core::v1::ResourceRequirements;
use krate::prelude::*;
use krate::webhook::Hub;

/// Memcached runs a memcached cluster.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Memcached",
    namespaced,
    status = "MemcachedStatus",
    shortname = "mc"
)]
#[serde(rename_all = "camelCase")]
pub struct MemcachedSpec {
    /// Number of pods.
    #[x_kube(minimum = 1, maximum = 9)]
    pub replicas: i32,
    /// What each pod may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
}

/// What was seen of it.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
pub struct MemcachedStatus {
    /// Whether it is up, and why not.
    #[serde(default)]
    pub conditions: Conditions,
}

impl Hub for Memcached {}
