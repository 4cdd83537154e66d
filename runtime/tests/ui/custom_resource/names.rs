use krate::prelude::*;

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(
    group = "cache",
    version = "1",
    kind = "memcached",
    plural = "Memcacheds",
    shortname = "m_c",
    category = "All",
    annotation("-", "x"),
    label("app", "a b")
)]
struct MemcachedSpec {}

fn main() {}
