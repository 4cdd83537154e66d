//! From the process' arguments to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::Parser;
use clap::error::ErrorKind;

use crate::args::Args;
use crate::disk::RealDisk;
use crate::error::Error;
use crate::shell::{Format, Shell, Verbosity};
use crate::verb::{self, Place};

pub(crate) fn start(arguments: Vec<OsString>) -> ExitCode {
    let arguments = without_cargo(arguments);
    match Args::try_parse_from(&arguments) {
        Ok(args) => run(&args),
        Err(error) => misused(&error, &arguments),
    }
}

/// Cargo calls a plugin with its own name as first argument: `cargo-krate krate init`.
fn without_cargo(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|first| first == "krate") {
        arguments.remove(1);
    }
    arguments
}

fn run(args: &Args) -> ExitCode {
    let global = &args.global;
    let mut shell = Shell::new(global.message_format, global.verbosity(), global.color.choice());
    let here = std::env::current_dir();
    let here = here.map_err(|error| Error::machine("failed to find the current folder").because(error));
    let result = here.and_then(|here| {
        verb::run(
            &args.verb,
            &Place {
                here,
                disk: &RealDisk,
            },
            &mut shell,
        )
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell.error(&error);
            error.exit_code()
        }
    }
}

/// Says what is wrong with the command line; help and version are asked for, and so no error.
fn misused(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked || !wants_json(arguments) {
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    let text = error.render().to_string();
    let message = text
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned();
    let help = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("tip: "))
        .map(ToOwned::to_owned);
    let error = help
        .fold(Error::usage(message), Error::help)
        .help("see `cargo krate --help`");
    Shell::new(Format::Json, Verbosity::Normal, ColorChoice::Never).error(&error);
    error.exit_code()
}

/// Looks for `--message-format json` where clap gave up.
fn wants_json(arguments: &[OsString]) -> bool {
    let pair = arguments
        .windows(2)
        .any(|pair| pair[0] == "--message-format" && pair[1] == "json");
    pair || arguments
        .iter()
        .any(|argument| argument == "--message-format=json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugin_name_is_dropped_only_where_cargo_puts_it() {
        let check = |given: &[&str], expected: &[&str]| {
            let given = given.iter().map(OsString::from).collect();
            assert_eq!(
                without_cargo(given),
                expected.iter().map(OsString::from).collect::<Vec<_>>()
            );
        };
        check(&["cargo-krate", "krate", "list"], &["cargo-krate", "list"]);
        check(&["cargo-krate", "list"], &["cargo-krate", "list"]);
        check(
            &["cargo-krate", "init", "krate"],
            &["cargo-krate", "init", "krate"],
        );
        check(&["cargo-krate"], &["cargo-krate"]);
    }
}
