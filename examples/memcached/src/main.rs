//! An operator for Memcached, written with krate.

fn main() {}
