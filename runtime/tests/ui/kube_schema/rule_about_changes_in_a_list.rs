use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Spec {
    ports: Vec<Port>,
    #[x_kube(list_type = "map", list_map_keys("name"))]
    told_apart: Vec<Port>,
    #[x_kube(items(validation = "self == oldSelf"))]
    names: Vec<String>,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Port {
    #[x_kube(immutable)]
    name: String,
}

fn main() {}
