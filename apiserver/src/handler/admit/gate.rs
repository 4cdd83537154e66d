//! Who is in charge of admission, and what a failure of it means.

use std::sync::Arc;

use serde_json::Value;

use super::act::Act;
use super::mutate::mutate_any;
use super::validate::validate;
use crate::admission::{Hooks, OnFailure, is_exempt};
use crate::handler::call::Call;
use crate::status::{Error, Result};

/// Who sees to it that a write is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::handler) enum Admits {
    /// Whoever stores it.
    Store,
    /// The caller, who knows what the client sent.
    Caller,
}

/// Lets webhooks refuse a removal.
pub(in crate::handler) async fn remove(call: &mut Call<'_>, act: &Act, old: &Value) -> Result<()> {
    if !hooks_of(call).mutating.is_empty() {
        mutate_any(call, act, None, Some(old)).await?;
    }
    validate(call, act, None, Some(old)).await
}

/// The webhooks that may concern the request; none for what decides about admission itself.
pub(super) fn hooks_of(call: &Call<'_>) -> Arc<Hooks> {
    if is_exempt(&call.resource.group, &call.resource.plural) {
        return Arc::default();
    }
    call.core.hooks()
}

/// Why a webhook gave no verdict.
#[derive(Debug)]
pub(super) enum Failure {
    /// It could not be asked, or did not answer as it should: its configuration says what that means.
    Unreachable(String),
    /// The write fails.
    Fatal(Error),
}

impl Failure {
    pub(super) fn is_ignored(&self, on_failure: OnFailure) -> bool {
        matches!((self, on_failure), (Self::Unreachable(_), OnFailure::Ignore))
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Unreachable(why) => Error::internal(why),
            Self::Fatal(error) => error,
        }
    }
}
