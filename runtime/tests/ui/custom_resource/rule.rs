use krate::prelude::*;

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Memcached",
    status = "MemcachedStatus",
    validation = "self.spec.min <= self.spec.mx",
    validation = "self.spec.image.tga != 'latest'",
    validation = "self.status.ready == self.spec.image.tag",
    validation = "self.spec.ports.all(p, p.name.size())",
    validation(rule = "self.spec.min > 0", message_expression = "self.spec.min", field_path = ".spec.image.size")
)]
struct MemcachedSpec {
    min: i32,
    max: i32,
    image: Image,
    ports: Vec<Port>,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Image {
    tag: String,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Port {
    name: String,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct MemcachedStatus {
    ready: i32,
}

fn main() {}
