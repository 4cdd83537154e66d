//! Without the runtime nothing is requested, so no error is one of a request.

use std::error::Error as StdError;

use kube::core::Status;

use super::ErrorKind;

/// Returns nothing.
pub(super) fn kind(_: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    None
}

/// Returns nothing.
pub(super) fn status<'a>(_: &'a (dyn StdError + 'static)) -> Option<&'a Status> {
    None
}

/// Turns an error into a box.
pub(super) fn boxed(error: impl StdError + Send + Sync + 'static) -> Box<dyn StdError + Send + Sync> {
    Box::new(error)
}

/// Returns nothing.
pub(super) fn inside<'a, E: 'static>(_: &'a (dyn StdError + Send + Sync + 'static)) -> Option<&'a E> {
    None
}
