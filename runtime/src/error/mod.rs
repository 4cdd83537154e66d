//! The one error of the runtime: what failed, of which kind, and whether trying again helps.
//!
//! Every standard error converts into [`Error`] with `?`; errors of the API server keep their status.
//! Start with [`Error::kind`].

mod classify;
#[cfg(feature = "runtime")]
mod failure;
mod kind;
#[cfg_attr(not(feature = "runtime"), path = "no_request.rs")]
mod request;

pub use kind::ErrorKind;

#[cfg(feature = "runtime")]
pub(crate) use failure::{Failure, passed};

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use kube::core::Status;

/// A result with the runtime's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a reconcile run.
///
/// It is opaque: ask for its [`kind`](Self::kind), its API [`status`](Self::status), or its source.
/// Returned from a reconcile run it is retried with back-off; [`terminal`](Self::terminal) and
/// [`retry_after`](Self::retry_after) say otherwise.
///
/// ```
/// use krate::{Error, ErrorKind, Result};
///
/// fn parse(text: &str) -> Result<u16> {
///     Ok(text.parse::<u16>()?)
/// }
///
/// let error = parse("many").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Other);
/// assert!(!error.is_terminal());
/// assert!(Error::terminal(error).is_terminal());
/// ```
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    retry: Retry,
    context: Vec<String>,
    source: Box<dyn StdError + Send + Sync>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    BackOff,
    After(Duration),
    Never,
}

impl Error {
    /// Makes an error from a message.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self::boxed(Box::new(Message(message.into())))
    }

    /// Makes an error from one that is already boxed.
    #[must_use]
    pub fn boxed(source: Box<dyn StdError + Send + Sync>) -> Self {
        let kind = classify::kind(source.as_ref());
        let retry = classify::retry_after(source.as_ref()).map_or(Retry::BackOff, Retry::After);
        Self::from_parts(kind, retry, source)
    }

    /// Marks an error as not worth retrying: the object is left alone until it changes.
    ///
    /// For what only a change of the object can mend, such as an invalid spec. The failures before are forgotten: the
    /// run after the change starts over with the shortest back-off.
    #[must_use]
    pub fn terminal(error: impl Into<Self>) -> Self {
        let mut error = error.into();
        error.inner.retry = Retry::Never;
        error
    }

    /// Ends the run and starts the next after `after`, without counting up the back-off.
    ///
    /// For what is known to take a while. Use [`after`](Self::after) to keep the error that led to it.
    #[must_use]
    pub fn retry_after(after: Duration) -> Self {
        let message = Message(format!("not ready, trying again in {after:?}"));
        Self::from_parts(ErrorKind::NotReady, Retry::After(after), Box::new(message))
    }

    /// Sets when to try again, in place of the back-off.
    #[must_use]
    pub fn after(mut self, after: Duration) -> Self {
        self.inner.retry = Retry::After(after);
        self
    }

    /// Adds what was being done, as in "failed to …".
    ///
    /// ```
    /// let error = krate::Error::new("no such host").context("resolve `db`");
    /// assert_eq!(error.to_string(), "failed to resolve `db`: no such host");
    /// ```
    #[must_use]
    pub fn context(mut self, doing: impl Into<String>) -> Self {
        self.inner.context.push(doing.into());
        self
    }

    /// Returns what kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Returns whether the object is to be left alone until it changes.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.inner.retry == Retry::Never
    }

    /// Returns when to try again, if the error or the API server said so.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        match self.inner.retry {
            Retry::After(after) => Some(after),
            Retry::BackOff | Retry::Never => None,
        }
    }

    /// Returns the answer of the API server, if it refused.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        classify::status(self.inner.source.as_ref())
    }

    /// Returns the error this one was made from, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        let source = self.inner.source.as_ref();
        source.downcast_ref().or_else(|| request::inside(source))
    }

    fn from_parts(kind: ErrorKind, retry: Retry, source: Box<dyn StdError + Send + Sync>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                retry,
                context: Vec::new(),
                source,
            }),
        }
    }
}

#[cfg(feature = "runtime")]
impl Error {
    /// Says that an object is not there.
    pub(crate) fn not_found(kind: &str, name: &str) -> Self {
        Self::of_kind(ErrorKind::NotFound, Message(format!("{kind} `{name}` not found")))
    }

    /// Makes an error of a given kind; for the runtime's own errors.
    pub(crate) fn of_kind(kind: ErrorKind, source: impl StdError + Send + Sync + 'static) -> Self {
        Self::from_parts(kind, Retry::BackOff, Box::new(source))
    }

    /// Sharpens the kind, where the caller knows more than the answer says.
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.inner.kind = kind;
        self
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        Self::boxed(request::boxed(error))
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Reported(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for doing in self.inner.context.iter().rev() {
            write!(f, "failed to {doing}: ")?;
        }
        classify::write_chain(f, self.inner.source.as_ref())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:?})", self.inner.kind)
    }
}

/// An error that is only a message.
#[derive(Debug)]
struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Message {}

/// An [`Error`] as a standard error; `Error` itself cannot be one and convert from all of them.
#[derive(Debug)]
struct Reported(Error);

impl fmt::Display for Reported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Reported {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.inner.source.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(code: u16, reason: &str) -> Error {
        let status = Status::failure("it says no", reason).with_code(code);
        Error::from(kube::Error::Api(status.boxed()))
    }

    #[test]
    fn the_kind_follows_from_the_status() {
        let check = |code, reason, expected| assert_eq!(api(code, reason).kind(), expected);
        check(404, "NotFound", ErrorKind::NotFound);
        check(409, "Conflict", ErrorKind::Conflict);
        check(409, "AlreadyExists", ErrorKind::AlreadyExists);
        check(403, "Forbidden", ErrorKind::Forbidden);
        check(422, "Invalid", ErrorKind::Invalid);
        check(504, "Timeout", ErrorKind::Timeout);
        check(429, "TooManyRequests", ErrorKind::Throttled);
        check(500, "InternalError", ErrorKind::Api);
    }

    #[test]
    fn the_status_survives_being_made_terminal() {
        let error = Error::terminal(api(422, "Invalid"));
        assert!(error.is_terminal());
        assert_eq!(error.status().map(|status| status.code), Some(422));
    }

    #[test]
    fn the_server_may_say_when_to_come_back() {
        let mut status = Status::failure("slow down", "TooManyRequests").with_code(429);
        status.details = Some(kube::core::response::StatusDetails {
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            uid: String::new(),
            causes: Vec::new(),
            retry_after_seconds: 7,
        });
        let error = Error::from(kube::Error::Api(status.boxed()));
        assert_eq!(error.delay(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn context_reads_from_the_outside_in() {
        let error = api(404, "NotFound")
            .context("get Secret `a`")
            .context("reconcile");
        assert_eq!(
            error.to_string(),
            "failed to reconcile: failed to get Secret `a`: it says no"
        );
    }

    #[test]
    fn a_deadline_that_passed_is_a_timeout() {
        let inner = std::io::Error::from(std::io::ErrorKind::TimedOut);
        assert_eq!(Error::from(inner).kind(), ErrorKind::Timeout);
    }

    #[test]
    fn an_error_goes_through_a_box_and_back() {
        let boxed: Box<dyn StdError + Send + Sync> = api(409, "Conflict").into();
        assert_eq!(boxed.to_string(), "it says no");
        assert_eq!(Error::boxed(boxed).kind(), ErrorKind::Conflict);
    }
}
