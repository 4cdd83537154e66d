use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Spec {
    #[x_kube(minimum = 9, maximum = 1)]
    size: i32,
    #[x_kube(minimum = -1)]
    count: u32,
    #[x_kube(list_type = "map")]
    ports: Vec<Port>,
    #[x_kube(list_map_keys("name"))]
    hosts: Vec<Port>,
    #[x_kube(multiple_of = 0)]
    step: i32,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Port {
    name: String,
}

fn main() {}
