use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Spec {
    #[x_kube(pattern = "^(?!a)")]
    name: String,
}

fn main() {}
