//! The ten types, with krate's derives.

use krate::{CustomResource, KubeSchema, KubeSchema as EnumSchema};

#[path = "types.rs"]
mod types;

fn main() {
    types::tell();
}
