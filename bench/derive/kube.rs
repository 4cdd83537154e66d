//! The ten types, with the derives of kube and of schemars, which kube's need.

use kube_derive::{CustomResource, KubeSchema};
use schemars::JsonSchema as EnumSchema;

#[path = "types.rs"]
mod types;

fn main() {
    types::tell();
}
