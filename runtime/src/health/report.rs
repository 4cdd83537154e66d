//! What a probe is told, in the words Kubernetes uses.

use std::fmt::Write;

/// One check and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok { note: Option<String> },
    Failed { reason: String },
    Excluded,
}

impl Line {
    pub(super) fn has_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { .. })
    }
}

/// Writes a line per check, warnings for exclusions that match nothing, and the result.
pub(super) fn verbose(probe: &str, lines: &[Line], unmatched: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        // Writing to a string cannot fail, here and below.
        let _ = match &line.outcome {
            Outcome::Ok { note: None } => writeln!(text, "[+]{} ok", line.name),
            Outcome::Ok { note: Some(note) } => writeln!(text, "[+]{} ok: {}", line.name, one_line(note)),
            Outcome::Failed { reason } => writeln!(text, "[-]{} failed: {}", line.name, one_line(reason)),
            Outcome::Excluded => writeln!(text, "[+]{} excluded: ok", line.name),
        };
    }
    if !unmatched.is_empty() {
        let names: Vec<String> = unmatched.iter().map(|name| format!("{name:?}")).collect();
        let _ = writeln!(
            text,
            "warn: some health checks cannot be excluded: no matches for {}",
            names.join(",")
        );
    }
    let result = match lines.iter().any(Line::has_failed) {
        true => "failed",
        false => "passed",
    };
    let _ = writeln!(text, "{probe} check {result}");
    text
}

/// Errors have lines of help; a check has one line.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
