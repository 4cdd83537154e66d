//! Reading foreign errors: their kind, their API status, their text.

use std::error::Error as StdError;
use std::fmt;
use std::iter;
use std::time::Duration;

use kube::core::Status;

use super::{ErrorKind, Reported, request};

type Dyn = dyn StdError + 'static;

/// Returns the kind of a foreign error, looking through its sources.
pub(super) fn kind(error: &(dyn StdError + Send + Sync + 'static)) -> ErrorKind {
    chain(error).find_map(kind_of).unwrap_or(ErrorKind::Other)
}

/// Returns the API server's answer, if the error is one.
pub(super) fn status<'a>(error: &'a (dyn StdError + Send + Sync + 'static)) -> Option<&'a Status> {
    chain(error).find_map(|error| match error.downcast_ref::<Reported>() {
        Some(reported) => reported.0.status(),
        None => api_status(error),
    })
}

/// Returns how long the API server asks to wait.
pub(super) fn retry_after(error: &(dyn StdError + Send + Sync + 'static)) -> Option<Duration> {
    let seconds = status(error)?.details.as_ref()?.retry_after_seconds;
    (seconds > 0).then(|| Duration::from_secs(u64::from(seconds)))
}

/// Writes the error and its sources, leaving out a source that the text above already contains.
pub(super) fn write_chain(
    f: &mut fmt::Formatter<'_>,
    error: &(dyn StdError + Send + Sync + 'static),
) -> fmt::Result {
    // The client prefixes the server's message with its own type names; the message alone says it all.
    if let Some(status) = status(error) {
        return f.write_str(&status.message);
    }
    let mut written = error.to_string();
    f.write_str(&written)?;
    for source in chain(error).skip(1) {
        let text = source.to_string();
        if !written.contains(&text) {
            write!(f, ": {text}")?;
            written = text;
        }
    }
    Ok(())
}

fn chain<'a>(error: &'a (dyn StdError + Send + Sync + 'static)) -> impl Iterator<Item = &'a Dyn> {
    let first: &'a Dyn = error;
    iter::successors(Some(first), |error: &&'a Dyn| (**error).source())
}

fn kind_of(error: &Dyn) -> Option<ErrorKind> {
    if let Some(reported) = error.downcast_ref::<Reported>() {
        return Some(reported.0.kind());
    }
    if let Some(status) = api_status(error) {
        return Some(kind_of_status(status));
    }
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        return kind_of_io_error(error);
    }
    request::kind(error)
}

fn api_status(error: &Dyn) -> Option<&Status> {
    error.downcast_ref::<Status>().or_else(|| request::status(error))
}

fn kind_of_status(status: &Status) -> ErrorKind {
    match status.code {
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        409 if status.is_already_exists() => ErrorKind::AlreadyExists,
        409 => ErrorKind::Conflict,
        422 => ErrorKind::Invalid,
        429 => ErrorKind::Throttled,
        408 | 504 => ErrorKind::Timeout,
        _ => ErrorKind::Api,
    }
}

fn kind_of_io_error(error: &std::io::Error) -> Option<ErrorKind> {
    use std::io::ErrorKind as Io;
    match error.kind() {
        Io::TimedOut => Some(ErrorKind::Timeout),
        Io::ConnectionRefused
        | Io::ConnectionReset
        | Io::ConnectionAborted
        | Io::BrokenPipe
        | Io::UnexpectedEof => Some(ErrorKind::Transport),
        _ => None,
    }
}
