//! `completions`: a script that completes the command line.

use clap::CommandFactory;
use clap_complete::Shell as Which;
use serde_json::json;

use crate::args::Args;
use crate::error::Result;
use crate::shell::Shell;

/// Print a completion script for a shell
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Which,
}

impl Completions {
    pub(crate) fn run(&self, shell: &mut Shell) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Args::command(), "cargo-krate", &mut script);
        let script = String::from_utf8_lossy(&script);
        shell.data(
            &script,
            &json!({"reason": "completions", "shell": self.shell.to_string(), "script": script}),
        );
        Ok(())
    }
}
