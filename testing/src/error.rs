//! What went wrong in a test environment.

use std::error::Error as StdError;
use std::fmt;

/// The result of setting up or asking a test environment.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of a test environment, or of an expectation in it.
///
/// A test returns it; trying again does not help.
pub struct Error {
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// Returns a function that says what failed.
    pub(crate) fn in_the_act<E>(act: impl Into<String>) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        let act = act.into();
        move |source| Self {
            message: format!("failed to {act}"),
            source: Some(source.into()),
        }
    }
}

/// A test that returns an error prints it this way, so it reads like the message.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        // A test prints only the error itself, so the cause belongs into its text.
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<kube::Error> for Error {
    fn from(source: kube::Error) -> Self {
        Self::in_the_act("ask the API server")(source)
    }
}
