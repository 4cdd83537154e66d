//! `cargo krate`: scaffolds, generates, runs and checks Kubernetes operators written in Rust.
//!
//! Reading order: `args` (the command line), `verb` (what each verb does), `project` (the record `krate.toml`), `scaffold`
//! (templates and names become files), `manifest` (what the operator prints about itself), `edit` (lines in the user's files), `plan` (all changes in memory), `commit` (all or
//! nothing on disk). `local` runs an operator on the embedded cluster; `dev` and `quickstart` are made of it. `shell` and
//! `error` are how it talks.
//!
//! Every verb validates all its input, plans in memory, shows the plan, and commits it in one go; run twice it changes
//! nothing. It never asks questions. Exit codes: see [`error::Class`] and `--help`.

mod args;
mod verb;

mod dev;
mod local;
mod quickstart;

mod manifest;
mod project;
mod scaffold;

mod edit;
mod name;

mod commit;
mod disk;
mod plan;

mod error;
mod shell;
mod start;

use std::process::ExitCode;

fn main() -> ExitCode {
    start::start(std::env::args_os().collect())
}
