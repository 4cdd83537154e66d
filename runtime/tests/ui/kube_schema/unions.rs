use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "camelCase")]
#[x_kube(exactly_one_of("bucket_name", "image"), at_least_one_of("volume"))]
struct Source {
    bucket_name: Option<String>,
    image: String,
    volume: Option<String>,
}

fn main() {}
