use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[x_kube(
    validation = "self.size == self.name",
    validation = "self.size",
    validation = "self.part.name > self.size",
    validation(rule = "self.size > 1", message = "two\nlines", reason = "Invalid", optional_old_self = true)
)]
struct Spec {
    size: i32,
    name: String,
    part: Part,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Part {
    name: String,
}

fn main() {}
