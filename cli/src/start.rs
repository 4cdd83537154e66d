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
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    let kind = error.kind();
    if matches!(
        kind,
        DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    let error = retold(&error.render().to_string());
    let format = if wants_json(arguments) {
        Format::Json
    } else {
        Format::Human
    };
    Shell::new(format, Verbosity::Normal, ColorChoice::Auto).error(&error);
    error.exit_code()
}

/// Retells clap's words the way all errors are told: what is wrong, then what to do.
fn retold(text: &str) -> Error {
    let mut paragraphs = text.trim().split("\n\n");
    let message = paragraphs
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ");
    let mut error = Error::usage(message);
    for line in paragraphs.flat_map(str::lines).map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            error = error.help(tip);
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            error = error.snippet(format!("usage: {usage}"));
        }
    }
    // `usage: cargo krate create api --group <GROUP>`: the words before the first flag.
    let verb = error.snippet.as_deref().and_then(|usage| {
        usage
            .strip_prefix("usage: ")?
            .split(" [")
            .next()?
            .split(" -")
            .next()
    });
    let help = format!("see `{} --help`", verb.unwrap_or("cargo krate").trim());
    error.help(help)
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

    #[test]
    fn the_parser_s_words_become_an_error_like_all_others() {
        let text = "error: unexpected argument '--nmae' found\n\n  tip: a similar argument exists: '--name'\n\n\
                    Usage: cargo krate init --name <NAME> [DIR]\n\nFor more information, try '--help'.\n";
        let error = retold(text);
        assert_eq!(error.to_string(), "unexpected argument '--nmae' found");
        assert_eq!(
            error.help,
            [
                "a similar argument exists: '--name'",
                "see `cargo krate init --help`"
            ]
        );
        assert_eq!(
            error.snippet.as_deref(),
            Some("usage: cargo krate init --name <NAME> [DIR]")
        );
    }
}
