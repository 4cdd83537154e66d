use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Spec {
    #[x_kube(list_type = "map", list_map_keys("nam"))]
    missing: Vec<Port>,
    #[x_kube(list_type = "map", list_map_keys("host"))]
    optional: Vec<Port>,
    #[x_kube(list_type = "map", list_map_keys("paths"))]
    no_scalar: Vec<Port>,
    #[x_kube(list_type = "map", list_map_keys("name"))]
    no_object: Vec<String>,
    #[x_kube(list_type = "map", list_map_keys("name", "protocol"))]
    right: Vec<Port>,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Port {
    name: String,
    host: Option<String>,
    paths: Vec<String>,
    #[serde(default)]
    protocol: String,
}

fn main() {}
