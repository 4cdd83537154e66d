use krate::prelude::*;

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Memcached",
    scale(spec_replicas_path = ".spec.size", status_replicas_path = ".status.size")
)]
struct MemcachedSpec {
    size: i32,
}

fn main() {}
