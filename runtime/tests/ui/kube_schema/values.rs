use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Spec {
    #[x_kube(default = "three")]
    size: i32,
    #[x_kube(default = 0, minimum = 1)]
    replicas: i32,
    #[x_kube(default = 300)]
    level: u8,
    #[x_kube(example = "", min_length = 1)]
    name: String,
    #[x_kube(default = "sometimes")]
    restart: Restart,
    #[x_kube(one_of("a", "b"), default = "c")]
    letter: String,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "lowercase")]
enum Restart {
    Always,
    Never,
}

fn main() {}
