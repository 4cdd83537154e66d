//! The command line: flags and verbs, nothing else. What a verb does is in `verb`.

use clap::{Parser, Subcommand};

use crate::shell::{Format, Verbosity};
use crate::verb;

const EXIT_CODES: &str = "\
Exit codes:
  0    done, or nothing to do
  1    the machine refused: a disk, a process, a build
  2    the command line asks for something that cannot be
  3    the project is not in a state the command can work on
  4    a check found files that differ from what they should be
  101  a mistake in cargo-krate itself; please report it";

/// Scaffold, extend and check Kubernetes operators written in Rust
#[derive(Debug, Parser)]
#[command(name = "cargo krate", bin_name = "cargo krate", version, after_help = EXIT_CODES)]
#[command(
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// Flags every verb takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// How to talk: status lines on stderr and data on stdout, or one JSON object per line on stdout
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value_t = Format::Human)]
    pub(crate) message_format: Format,
    /// Say nothing but errors and data
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say what is decided and run on the way
    #[arg(short, long, global = true)]
    verbose: bool,
    /// When to color
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

/// When output is colored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Global {
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

impl Color {
    pub(crate) fn choice(self) -> anstream::ColorChoice {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
    }
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a new operator project
    Init(verb::init::Init),
    /// Add something to a project
    #[command(subcommand, arg_required_else_help = true)]
    Create(Create),
    /// Write CRDs and RBAC under config/, from the project's own types
    Generate(verb::generate::Generate),
    /// Run the operator on an embedded cluster, and restart it when its code changes
    Dev(crate::dev::Dev),
    /// Run an embedded Kubernetes API server and print its KUBECONFIG
    Cluster(verb::cluster::ClusterArgs),
    /// Scaffold an operator, run it on an embedded cluster, and show what it does
    Quickstart(crate::quickstart::Quickstart),
    /// List the kinds of a project
    List,
    /// Print a completion script for a shell
    Completions(verb::completions::Completions),
    /// Print the version
    Version,
}

/// What can be added to a project.
#[derive(Debug, Subcommand)]
pub(crate) enum Create {
    /// Add a kind: type, reconciler, test, sample and roles
    Api(verb::create_api::CreateApi),
}
