//! The first version, in which replicas were called size.

use k8s_openapi::api::core::v1::ResourceRequirements;
use krate::prelude::*;
use krate::webhook::conversion::Spoke;

use crate::v1;

/// Memcached runs a memcached cluster.
#[derive(CustomResource, Spoke, KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "cache.example.com",
    version = "v1alpha1",
    kind = "Memcached",
    namespaced,
    storage = false,
    status = "v1::MemcachedStatus"
)]
#[spoke(hub = v1::Memcached)]
#[serde(rename_all = "camelCase")]
pub struct MemcachedSpec {
    /// Number of pods.
    #[spoke(rename = replicas)]
    pub size: i32,
    /// What each pod may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<ResourceRequirements>,
}

#[cfg(test)]
mod tests {
    use krate::kube::CustomResourceExt;
    use serde_json::json;

    use super::*;

    fn old() -> Memcached {
        let spec = MemcachedSpec {
            size: 3,
            resources: None,
        };
        Memcached::new("cache", spec)
    }

    #[test]
    fn a_version_converts_without_a_runtime() {
        let new = old().to_hub().unwrap();
        assert_eq!(new.spec.replicas, 3);
        assert_eq!(Memcached::from_hub(new).unwrap().spec, old().spec);
    }

    #[test]
    fn types_are_described_without_a_runtime() {
        let definition = serde_json::to_value(v1::Memcached::crd()).unwrap();
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
        assert_eq!(schema["spec"]["properties"]["replicas"]["maximum"], json!(9.0));
        let conditions = &schema["status"]["properties"]["conditions"];
        assert_eq!(conditions["x-kubernetes-list-map-keys"], json!(["type"]));
    }
}
