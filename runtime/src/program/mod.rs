//! The program around an operator: `run` and `manifests`, the same for every operator.
//!
//! [`main`](fn@main) reads the command line ([`arguments`]), starts logs and threads and calls [`run`] or [`manifests`]. What goes wrong is
//! told on standard error; the exit code says whose turn it is ([`Exit`]).

// What `manifests` runs gives an error in place of a panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

mod arguments;
mod certificate;
mod elect;
mod log;
mod manifests;
mod run;
mod serving;

use std::process::ExitCode;

use clap::error::ErrorKind as Usage;

use self::serving::Serving;
use crate::error::Result;
use crate::operator::Operator;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Done, or stopped in order.
    Success = 0,
    /// It failed; the last line says how.
    Failure = 1,
    /// The command line is not understood.
    Usage = 2,
    /// `manifests --check` found files that are not as they should be.
    Drift = 3,
    /// `manifests --evolve-from` found changes that break users.
    #[cfg(feature = "kubeconfig")]
    Breaks = 4,
}

/// Runs an operator as a program: `run`, which is the default, or `manifests`.
///
/// ```no_run
/// # use krate::Operator;
/// fn operator() -> Operator {
///     Operator::new()
/// }
///
/// fn main() -> std::process::ExitCode {
///     krate::main(operator)
/// }
/// ```
///
/// The exit code is 0 after an orderly stop, 1 if something failed, 2 if the command line is not understood, 3 if
/// `manifests --check` found files that differ, and 4 if `manifests --evolve-from` found changes that break users of
/// older definitions.
///
/// Without it: build a tokio runtime, call [`Operator::run`], and print [`Operator::manifests`] yourself.
pub fn main(operator: impl FnOnce() -> Operator) -> ExitCode {
    let exit = match arguments::command().try_get_matches() {
        Ok(matches) => {
            let outcome = start(operator(), &matches);
            outcome.unwrap_or_else(|error| {
                eprintln!("error: {error}");
                Exit::Failure
            })
        }
        Err(error) => {
            // Nothing can be told if even this cannot be written.
            let _ = error.print();
            match error.kind() {
                Usage::DisplayHelp | Usage::DisplayVersion => Exit::Success,
                _ => Exit::Usage,
            }
        }
    };
    ExitCode::from(exit as u8)
}

fn start(mut operator: Operator, matches: &clap::ArgMatches) -> Result<Exit> {
    match matches.subcommand() {
        Some(("manifests", matches)) => {
            arguments::name_prefix(matches, operator.webhook_serving());
            manifests::manifests(&operator, &arguments::manifests(matches))
        }
        Some((_, matches)) => run_operator(operator, matches),
        None => run_operator(operator, matches),
    }
}

fn run_operator(operator: Operator, matches: &clap::ArgMatches) -> Result<Exit> {
    let mut operator = elect::apply(operator, elect::read(matches))?;
    arguments::webhook_serving(matches, operator.webhook_serving());
    run::run(operator, &arguments::log(matches), Serving::of(matches))
}
