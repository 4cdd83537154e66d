use krate::prelude::*;

#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
#[kube(
    group = "cache.example.com",
    version = "v1",
    kind = "Memcached",
    status = "MemcachedStatus",
    printcolumn(name = "Size", type_ = "integer", json_path = ".spec.sise"),
    printcolumn(name = "Ready", type_ = "integer", json_path = ".status.redy"),
    printcolumn(name = "Phase", type_ = "integer", json_path = ".status.phase"),
    printcolumn(name = "Node", type_ = "string", json_path = ".status.nodes[0].nam"),
    printcolumn(
        name = "State",
        type_ = "string",
        json_path = r#".status.conditions[?(@.kind=="Ready")].status"#
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
struct MemcachedSpec {
    size: i32,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct MemcachedStatus {
    ready: i32,
    phase: String,
    nodes: Vec<Node>,
    conditions: Conditions,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Node {
    name: String,
}

fn main() {}
