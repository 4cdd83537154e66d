//! Webhooks that refuse what makes no sense.

use std::future::Future;

use futures::FutureExt;
use futures::future::BoxFuture;
use json_patch::Patch;

use super::request::{Admission, Operation};
use super::review::{Admit, Objects};
use crate::error::Result;
use crate::reconcile::Object;

/// Refuses what makes no sense, before it is stored.
///
/// Asked on create and update; on delete only if [operations](super::AdmissionWebhook::operations) say so.
/// A rule that can be written in CEL belongs into the type, as `#[x_kube(validation = "..")]`: the API server then
/// checks it without asking anybody, and also when the operator is down.
///
/// What an error becomes:
///
/// | Error | Answer |
/// |---|---|
/// | [`FieldError`](crate::webhook::FieldError), [`FieldErrors`](crate::webhook::FieldErrors) | 422 `Invalid` with a cause for each field, as from the API server itself |
/// | an answer of the API server (`kube::Error::Api`) | that answer |
/// | a connection, timeout or decoding that failed | 500 or 504: nothing was decided |
/// | any other, such as `Error::new("..")` | 403 `Forbidden` with its text |
///
/// ```
/// use krate::prelude::*;
/// use krate::k8s_openapi::api::core::v1::ConfigMap;
/// use krate::webhook::{Admission, FieldErrors, Validating, Webhook, field};
///
/// struct Small;
///
/// impl Validating for Small {
///     type Object = ConfigMap;
///
///     async fn validate_create(&self, new: &ConfigMap, _: &Admission) -> Result<()> {
///         let mut errors = FieldErrors::new();
///         for (key, value) in new.data.iter().flatten() {
///             if value.len() > 1024 {
///                 errors.push(field("data").key(key).too_long(1024));
///             }
///         }
///         errors.into_result()
///     }
/// }
///
/// let operator = Operator::new().webhook(Webhook::validating(Small));
/// # let _ = operator;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no validating webhook",
    label = "does not say what is valid",
    note = "write `impl Validating for {Self} {{ type Object = ..; async fn validate_create(&self, new: &.., cx: &Admission) -> Result<()> {{ .. }} }}`"
)]
pub trait Validating: Send + Sync + 'static {
    /// The kind that is looked at: of this project, or any other.
    type Object: Object;

    /// Refuses an object that is to be created, with an error.
    fn validate_create(&self, new: &Self::Object, cx: &Admission) -> impl Future<Output = Result<()>> + Send;

    /// Refuses a change of an object, with an error; if not written, what may not be created is refused.
    ///
    /// An object may be there that a newer rule refuses: look at `old` to let its owner change something else.
    /// Also called when an object that is being deleted loses a finalizer.
    fn validate_update(
        &self,
        old: &Self::Object,
        new: &Self::Object,
        cx: &Admission,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = old;
        self.validate_create(new, cx)
    }

    /// Refuses the deletion of an object, with an error; if not written, it may go.
    fn validate_delete(&self, old: &Self::Object, cx: &Admission) -> impl Future<Output = Result<()>> + Send {
        let _ = (old, cx);
        std::future::ready(Ok(()))
    }
}

/// A validating webhook whose type is forgotten.
pub(super) struct Validates<V>(pub(super) V);

impl<V: Validating> Admit for Validates<V> {
    fn admit<'a>(&'a self, objects: &'a Objects, cx: &'a Admission) -> BoxFuture<'a, Result<Patch>> {
        async move {
            match cx.operation() {
                Operation::Create => self.0.validate_create(&objects.wanted()?, cx).await?,
                Operation::Update => {
                    let (old, new) = (objects.stored()?, objects.wanted()?);
                    self.0.validate_update(&old, &new, cx).await?;
                }
                Operation::Delete => self.0.validate_delete(&objects.stored()?, cx).await?,
            }
            Ok(Patch::default())
        }
        .boxed()
    }
}
