use krate::prelude::*;

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Memcached",
    kind = "Cache",
    plurall = "memcacheds",
    scope = "Namespaced",
    storageversion,
    shortname = "mc",
    shortname = "mc"
)]
struct MemcachedSpec {}

fn main() {}
