use krate::prelude::*;
use krate::webhook::Spoke;

mod v1 {
    use krate::prelude::*;

    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    #[kube(group = "cache.example.com", version = "v1", kind = "Memcached", storage = false)]
    pub struct MemcachedSpec {
        pub size: i32,
    }
}

mod v1beta1 {
    use super::*;

    #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    #[kube(group = "cache.example.com", version = "v1beta1", kind = "Memcached")]
    #[spoke(hub = super::v1::Memcached)]
    pub struct MemcachedSpec {
        pub size: i32,
    }
}

fn main() {}
