//! Runs the Memcached operator, or prints its manifests.

use std::process::ExitCode;

fn main() -> ExitCode {
    krate::main(memcached_operator::operator)
}
