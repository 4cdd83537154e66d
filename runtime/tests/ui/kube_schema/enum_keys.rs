use std::collections::BTreeMap;

use krate::prelude::*;

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[x_kube(
    validation = "self.sizes.north > 1",
    validation = "self.sizes['north'] > 1",
    validation = "self.sizes.all(zone, self.sizes.north > 0)",
    validation = "self.sizes.nroth > 1",
    validation = "self.names['north'] == 'a'"
)]
struct Spec {
    sizes: BTreeMap<Zone, i32>,
    names: BTreeMap<Name, String>,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Zone {
    /// Up there.
    North,
    South,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name(String);

fn main() {}
