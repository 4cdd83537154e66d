//! The built `cargo-krate`, run as a user runs it, in folders of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod bad_input;
mod generate;
mod output;
mod sandbox;
mod scaffold;
mod scaffold_builds;
