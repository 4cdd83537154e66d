use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all(serialize = "camelCase"))]
struct Spec {
    #[serde(skip_deserializing)]
    address_count: i32,
    #[serde(rename(serialize = "hostName", deserialize = "host"))]
    host: String,
    #[serde(rename(serialize = "z", deserialize = "z"))]
    zone: String,
    #[serde(skip_serializing, skip_deserializing)]
    seen: bool,
    restart: Restart,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
enum Restart {
    Always,
    #[serde(skip_deserializing)]
    Unknown,
}

/// Keeps what no schema knows.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[x_kube(preserve_unknown_fields)]
struct Kept {
    #[serde(skip_deserializing)]
    count: i32,
}

fn main() {}
