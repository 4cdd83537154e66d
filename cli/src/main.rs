//! cargo krate: scaffolds, generates, runs and checks Kubernetes operators written in Rust.

fn main() {}
