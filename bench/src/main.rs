//! Benchmarks of krate, side by side with its peers.

fn main() {}
