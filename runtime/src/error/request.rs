//! Reading errors of requests: those of the client, and those of what it passes through.

use std::any::Any;
use std::error::Error as StdError;

use kube::core::Status;

pub(super) use super::failure::boxed;
use super::{ErrorKind, Failure, classify};
use crate::client::{NotLeader, Unanswered};

/// Returns the kind of an error, if it is one of a request.
pub(super) fn kind(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    if let Some(error) = of_client(error) {
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
    match of_client(error) {
        Some(kube::Error::Api(status)) => Some(status),
        _ => None,
    }
}

/// Returns what an error is around, if it is an `E`.
pub(super) fn inside<'a, E: 'static>(error: &'a (dyn StdError + Send + Sync + 'static)) -> Option<&'a E> {
    let inside: &'a dyn Any = &error.downcast_ref::<Failure>()?.0;
    inside.downcast_ref()
}

/// Returns the client's error, if it is one: by itself where others made the box.
fn of_client<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a kube::Error> {
    let ours = error.downcast_ref().map(|Failure(error)| error);
    ours.or_else(|| error.downcast_ref())
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
