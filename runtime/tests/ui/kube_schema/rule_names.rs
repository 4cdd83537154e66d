use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = "self.max_size > minSize",
    validation = "self.namespace != '' && self.name.startWith('a')",
    validation = "this.name != ''",
    validation = "math.greatest(self.minSize, self.maxSize) > 3"
)]
struct Spec {
    min_size: i32,
    max_size: i32,
    name: String,
    namespace: String,
}

fn main() {}
