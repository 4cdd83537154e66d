use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Spec {
    #[x_kube(validation = "self.size() > 0 &&")]
    name: String,
    #[x_kube(validation = "self = 3")]
    size: i32,
    #[x_kube(validation = "self.matches('^\\d+$')")]
    code: String,
}

fn main() {}
