//! Errors as a user meets them: what is wrong, where, why, and what to do next.
//!
//! Not for matching on: inside the tool an error only travels upwards, gaining help on the way, until the shell prints it.

use std::error::Error as StdError;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::process::ExitCode;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// Whose turn it is after a failure, which is also the exit code.
///
/// The numbers are documented in `cargo krate --help`; they never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The machine refused: a disk, a process, the user's build.
    Machine = 1,
    /// The command line asks for something that cannot be.
    Usage = 2,
    /// The project is not in a state the command can work on.
    Project = 3,
    /// A check found that files differ from what they should be.
    Drift = 4,
}

impl Class {
    /// Returns the word for this class in JSON.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Class::Machine => "machine",
            Class::Usage => "usage",
            Class::Project => "project",
            Class::Drift => "drift",
        }
    }
}

/// A failed command; boxed, so that results stay small.
#[derive(Debug)]
pub(crate) struct Error(Box<Details>);

/// What an [`Error`] says.
#[derive(Debug)]
pub(crate) struct Details {
    pub(crate) class: Class,
    pub(crate) message: String,
    pub(crate) place: Option<Place>,
    pub(crate) snippet: Option<String>,
    pub(crate) help: Vec<String>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

/// A line of a file, both as an editor shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: Option<usize>,
}

impl Error {
    fn new(class: Class, message: impl Into<String>) -> Error {
        let message = message.into();
        Error(Box::new(Details {
            class,
            message,
            place: None,
            snippet: None,
            help: Vec::new(),
            cause: None,
        }))
    }

    pub(crate) fn machine(message: impl Into<String>) -> Error {
        Error::new(Class::Machine, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Error {
        Error::new(Class::Usage, message)
    }

    pub(crate) fn project(message: impl Into<String>) -> Error {
        Error::new(Class::Project, message)
    }

    pub(crate) fn drift(message: impl Into<String>) -> Error {
        Error::new(Class::Drift, message)
    }

    /// Adds a next step.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Error {
        self.help.push(help.into());
        self
    }

    /// Says where in the user's files the mistake is.
    pub(crate) fn at(mut self, file: impl Into<String>, line: Option<usize>) -> Error {
        self.place = Some(Place {
            file: file.into(),
            line,
        });
        self
    }

    /// Adds text to paste.
    pub(crate) fn snippet(mut self, snippet: impl Into<String>) -> Error {
        self.snippet = Some(snippet.into());
        self
    }

    /// Keeps the failure below this one.
    pub(crate) fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        self.cause = Some(cause.into());
        self
    }

    /// Returns the causes, nearest first.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            // Some libraries print their source inside themselves; saying it twice helps nobody.
            if !causes.last().is_some_and(|last: &String| last.contains(&text)) {
                causes.push(text);
            }
            next = cause.source();
        }
        causes
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.class as u8)
    }
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause
            .as_deref()
            .map(|cause| cause as &(dyn StdError + 'static))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// Returns the candidate that `word` was probably meant to be.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let score = |candidate: &&'a str| strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase());
    let best = candidates.iter().max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) > 0.8).then_some(*best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_only_if_it_is_near() {
        let check = |word, expected| assert_eq!(nearest(word, &["domain", "name", "namespaced"]), expected);
        check("domian", Some("domain"));
        check("nmae", Some("name"));
        check("Namespace", Some("namespaced"));
        check("colour", None);
    }

    #[test]
    fn causes_are_told_once_and_nearest_first() {
        let error = Error::machine("failed to write").because(Error::machine("disk").because("full"));
        assert_eq!(error.causes(), ["disk", "full"]);
    }
}
