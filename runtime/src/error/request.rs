//! Reading errors of requests: those of the client, and those of what it passes through.

use std::error::Error as StdError;

use kube::core::Status;

use super::{ErrorKind, classify};
use crate::client::{NotLeader, Unanswered};

/// Returns the kind of an error, if it is one of a request.
pub(super) fn kind(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    if let Some(error) = error.downcast_ref::<kube::Error>() {
        return client(error);
    }
    if error.is::<NotLeader>() {
        return Some(ErrorKind::NotLeader);
    }
    let is_unanswered = error.is::<tokio::time::error::Elapsed>() || error.is::<Unanswered>();
    is_unanswered.then_some(ErrorKind::Timeout)
}

/// Returns the API server's answer, if the client reports one.
pub(super) fn status<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Status> {
    match error.downcast_ref::<kube::Error>() {
        Some(kube::Error::Api(status)) => Some(status),
        _ => None,
    }
}

/// Returns `None` where the sources of the error know better.
fn client(error: &kube::Error) -> Option<ErrorKind> {
    match error {
        kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => Some(ErrorKind::Decode),
        kube::Error::HyperError(_) | kube::Error::ReadEvents(_) => Some(ErrorKind::Transport),
        kube::Error::Service(source) => Some(match classify::kind(source.as_ref()) {
            ErrorKind::Other => ErrorKind::Transport,
            known => known,
        }),
        _ => None,
    }
}
