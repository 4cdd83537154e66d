//! What a command says: status lines like cargo's on stderr, data on stdout, and a JSON twin of both.
//!
//! With `--message-format json` stdout carries one JSON object per line, each with a `reason`; stderr is left to
//! cargo and the user's own programs.

use std::io::Write;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;

use crate::error::Error;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const DULL: Style = AnsiColor::Cyan.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Who reads the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors and data only.
    Quiet,
    Normal,
    /// Also what was decided and run on the way.
    Verbose,
}

/// The two streams of a command and how to write to them.
pub(crate) struct Shell {
    format: Format,
    verbosity: Verbosity,
    err: Box<dyn Write>,
    out: Box<dyn Write>,
}

impl Shell {
    /// Returns a shell on the process' own streams.
    pub(crate) fn new(format: Format, verbosity: Verbosity, color: ColorChoice) -> Shell {
        let err = Box::new(AutoStream::new(std::io::stderr(), color));
        let out = Box::new(AutoStream::new(std::io::stdout(), color));
        Shell {
            format,
            verbosity,
            err,
            out,
        }
    }

    /// Returns a shell that says nothing.
    #[cfg(test)]
    pub(crate) fn silent() -> Shell {
        let (err, out) = (Box::new(std::io::sink()), Box::new(std::io::sink()));
        Shell {
            format: Format::Human,
            verbosity: Verbosity::Quiet,
            err,
            out,
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Says that one thing was done: `verb` is a participle or a gerund, as in cargo.
    pub(crate) fn status(&mut self, verb: &str, message: impl AsRef<str>) {
        let message = message.as_ref();
        self.line(
            GOOD,
            verb,
            message,
            &json!({"reason": "status", "verb": verb, "message": message}),
        );
    }

    /// Says that there was nothing to do, or what comes next; never that something changed.
    pub(crate) fn note(&mut self, verb: &str, message: impl AsRef<str>) {
        let message = message.as_ref();
        self.line(
            DULL,
            verb,
            message,
            &json!({"reason": "note", "verb": verb, "message": message}),
        );
    }

    /// Like [`Shell::note`], for those who asked for more with `-v`.
    pub(crate) fn detail(&mut self, verb: &str, message: impl AsRef<str>) {
        if self.verbosity >= Verbosity::Verbose {
            self.note(verb, message);
        }
    }

    /// Says what became, or would become, of a file.
    pub(crate) fn file(&mut self, verb: &str, change: &str, path: &str, planned: bool) {
        let style = if change == "fresh" { DULL } else { GOOD };
        let twin = json!({"reason": "file", "change": change, "path": path, "planned": planned});
        self.line(style, verb, path, &twin);
    }

    /// Shows the change of one file as a unified diff.
    pub(crate) fn diff(&mut self, path: &str, diff: &str) {
        match self.format {
            Format::Json => self.json(&json!({"reason": "diff", "path": path, "diff": diff})),
            Format::Human => self.print(&paint(diff)),
        }
    }

    /// Says that something is not as it should be, although the command goes on.
    pub(crate) fn warn(&mut self, message: &str) {
        match self.format {
            Format::Json => self.json(&json!({"reason": "warning", "message": message})),
            Format::Human if self.verbosity == Verbosity::Quiet => {}
            Format::Human => self.say(&format!("{WARN}warning{WARN:#}: {message}")),
        }
    }

    /// Passes on a line that another program wrote.
    pub(crate) fn line_of(&mut self, program: &str, line: &str) {
        match self.format {
            Format::Json => self.json(&json!({"reason": "log", "program": program, "line": line})),
            Format::Human if self.verbosity == Verbosity::Quiet => {}
            Format::Human => self.say(&format!("{DULL}{program:>12}{DULL:#} {line}")),
        }
    }

    /// Prints data: `text` for people, `twin` for programs.
    pub(crate) fn data(&mut self, text: &str, twin: &impl Serialize) {
        match self.format {
            Format::Json => self.json(twin),
            Format::Human => self.print(text),
        }
    }

    pub(crate) fn error(&mut self, error: &Error) {
        match self.format {
            Format::Json => self.json(&twin_of(error)),
            Format::Human => self.say(&text_of(error)),
        }
    }

    fn line(&mut self, style: Style, verb: &str, message: &str, twin: &serde_json::Value) {
        match self.format {
            Format::Json => self.json(twin),
            Format::Human if self.verbosity == Verbosity::Quiet => {}
            Format::Human => self.say(&format!("{style}{verb:>12}{style:#} {message}")),
        }
    }

    fn json(&mut self, value: &impl Serialize) {
        let text = serde_json::to_string(value).expect("messages have string keys");
        self.print(&format!("{text}\n"));
    }

    // A reader that went away (`| head`) is no reason to fail after the work was done.
    fn say(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    fn print(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }
}

fn text_of(error: &Error) -> String {
    let mut lines = vec![format!("{BAD}error{BAD:#}: {}", error.message)];
    lines.extend(
        error
            .place
            .iter()
            .map(|place| format!("  {DULL}-->{DULL:#} {place}")),
    );
    let causes = error.causes();
    if !causes.is_empty() {
        lines.push("\nCaused by:".to_owned());
        lines.extend(
            causes
                .iter()
                .map(|cause| format!("  {}", cause.replace('\n', "\n  "))),
        );
    }
    if let Some(snippet) = &error.snippet {
        lines.push(String::new());
        lines.extend(
            snippet
                .lines()
                .map(|line| format!("    {line}").trim_end().to_owned()),
        );
    }
    if !error.help.is_empty() {
        lines.push(String::new());
        lines.extend(
            error
                .help
                .iter()
                .map(|help| format!("{DULL}help{DULL:#}: {help}")),
        );
    }
    lines.join("\n")
}

fn twin_of(error: &Error) -> serde_json::Value {
    json!({
        "reason": "error",
        "class": error.class.word(),
        "code": error.class as u8,
        "message": error.message,
        "file": error.place.as_ref().map(|place| &place.file),
        "line": error.place.as_ref().and_then(|place| place.line),
        "causes": error.causes(),
        "snippet": error.snippet,
        "help": error.help,
    })
}

fn paint(diff: &str) -> String {
    let paint_line = |line: &str| match line.as_bytes().first() {
        Some(b'+') => format!("{GOOD}{line}{GOOD:#}\n"),
        Some(b'-') => format!("{BAD}{line}{BAD:#}\n"),
        Some(b'@') => format!("{DULL}{line}{DULL:#}\n"),
        _ => format!("{line}\n"),
    };
    diff.lines().map(paint_line).collect()
}

/// Returns `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_and_what_to_do() {
        let error = Error::project("unknown key `domian`")
            .at("krate.toml", Some(3))
            .because("a cause")
            .snippet("domain = \"\"")
            .help("write `domain`");
        let text = anstream::adapter::strip_str(&text_of(&error)).to_string();
        let expected = "error: unknown key `domian`\n  --> krate.toml:3\n\nCaused by:\n  a cause\n\n    domain = \"\"\n\nhelp: write `domain`";
        assert_eq!(text, expected);
    }

    #[test]
    fn the_json_twin_of_an_error_has_all_of_it() {
        let error = Error::usage("no").at("krate.toml", Some(3)).help("yes");
        let twin = twin_of(&error);
        assert_eq!(
            (&twin["code"], &twin["line"], &twin["help"][0]),
            (&json!(2), &json!(3), &json!("yes"))
        );
    }

    #[test]
    fn nouns_are_counted() {
        assert_eq!(
            (count(1, "file"), count(0, "file")),
            ("1 file".into(), "0 files".into())
        );
    }
}
