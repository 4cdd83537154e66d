//! The client's error, as far as an operator can meet it.
//!
//! kube's own error shows mistakes in kubeconfigs by a picture of the text: whoever can print it carries what paints
//! that and reads YAML, and whoever makes a `dyn Error` of it can print it. So it is never made one as it is, but in a
//! [`Failure`], which prints what a program can meet that has no kubeconfig.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;

use kube::Error as Kube;

/// An error of the client that can be printed.
pub(crate) struct Failure(pub(crate) Kube);

type Boxed = Box<dyn StdError + Send + Sync>;

/// Turns an error into a box, and one of the client into one around a [`Failure`].
pub(super) fn boxed<E: StdError + Send + Sync + 'static>(error: E) -> Boxed {
    let mut error = Some(error);
    let any: &mut dyn Any = &mut error;
    let client = any.downcast_mut().and_then(Option::<Kube>::take);
    match (client, error) {
        (Some(client), _) => Failure(client).into(),
        (None, Some(error)) => error.into(),
        (None, None) => Failure(Kube::TlsRequired).into(),
    }
}

/// Returns the error that a client below ended with for the client above it, which puts the same around it again.
pub(crate) fn passed(error: Kube) -> Boxed {
    match error {
        Kube::Service(cause) => cause,
        Kube::HyperError(cause) => cause.into(),
        other => Failure(other).into(),
    }
}

#[cfg(feature = "kubeconfig")]
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(not(feature = "kubeconfig"))]
impl fmt::Display for Failure {
    /// Writes what kube would write, except of its configuration: it has none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kube::Api(status) => write!(f, "ApiError: {status} ({status:?})"),
            Kube::HyperError(cause) => write!(f, "HyperError: {cause}"),
            Kube::Service(cause) => write!(f, "ServiceError: {cause}"),
            Kube::FromUtf8(cause) => write!(f, "UTF-8 Error: {cause}"),
            Kube::ReadEvents(cause) => write!(f, "Error reading events stream: {cause}"),
            Kube::HttpError(cause) => write!(f, "HttpError: {cause}"),
            Kube::SerdeError(cause) => write!(f, "Error deserializing response: {cause}"),
            Kube::BuildRequest(cause) => write!(f, "Failed to build request: {cause}"),
            Kube::Discovery(cause) => write!(f, "Error from discovery: {cause}"),
            _ => f.write_str("the client cannot be configured, and krate was built without `kubeconfig`"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Failure {
    #[cfg(feature = "kubeconfig")]
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }

    #[cfg(not(feature = "kubeconfig"))]
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(match &self.0 {
            Kube::Api(status) => status,
            Kube::HyperError(cause) => cause,
            Kube::Service(cause) => cause.as_ref(),
            Kube::FromUtf8(cause) => cause,
            Kube::ReadEvents(cause) => cause,
            Kube::HttpError(cause) => cause,
            Kube::SerdeError(cause) => cause,
            Kube::BuildRequest(cause) => cause,
            Kube::Discovery(cause) => cause,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn an_error_of_the_client_is_found_in_one_of_the_runtime() {
        let error = Error::from(Kube::TlsRequired);
        assert!(matches!(error.downcast_ref::<Kube>(), Some(Kube::TlsRequired)));
        assert!(error.downcast_ref::<std::io::Error>().is_none());
        let error = Error::from(std::io::Error::from(std::io::ErrorKind::NotFound));
        assert!(error.downcast_ref::<std::io::Error>().is_some());
    }

    #[test]
    fn what_a_client_below_says_is_said_once() {
        let below = Kube::Service("no route".into());
        let above = Kube::Service(passed(below));
        assert_eq!(above.to_string(), "ServiceError: no route");
        assert_eq!(Error::from(above).to_string(), "ServiceError: no route");
    }
}
