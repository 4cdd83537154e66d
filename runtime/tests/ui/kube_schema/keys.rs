use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Spec {
    #[x_kube(minimun = 1, required, message = "no")]
    size: i32,
    #[x_kube(max_items = 3, embedded_resource, int_or_string)]
    name: String,
    #[x_kube(format = "datetime", external_docs(url = "here"))]
    since: String,
    #[x_kube(nullable, immutable, immutable)]
    on: bool,
}

fn main() {}
