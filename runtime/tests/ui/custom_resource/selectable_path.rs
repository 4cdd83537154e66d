use krate::prelude::*;

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Memcached",
    selectable = ".spec.image.tga",
    selectable = ".spec.image",
    selectable = ".spec.names",
    selectable = ".spec.image.tag"
)]
struct MemcachedSpec {
    image: Image,
    names: Vec<String>,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Image {
    tag: String,
}

fn main() {}
