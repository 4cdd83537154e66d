//! Webhooks that fill in what a user left out.

use std::future::Future;

use futures::FutureExt;
use futures::future::BoxFuture;
use json_patch::Patch;
use serde_json::Value;

use super::carry;
use super::request::{Admission, Operation};
use super::review::{Admit, Objects};
use crate::error::Result;
use crate::reconcile::Object;

/// Fills in what a user left out, before an object is validated and stored.
///
/// Runs on create and update unless [operations](super::AdmissionWebhook::operations) say otherwise, never on delete.
/// It may be called more than once for one request, so it must leave alone what is already there.
/// A default that is a constant belongs into the type, as `#[serde(default = "..")]`: the API server then fills it in
/// without asking anybody.
///
/// Fields the type does not know are kept as they were sent.
///
/// ```
/// use krate::prelude::*;
/// use krate::k8s_openapi::api::core::v1::ConfigMap;
/// use krate::webhook::{Admission, Defaulting, Webhook};
///
/// struct Owned;
///
/// impl Defaulting for Owned {
///     type Object = ConfigMap;
///
///     async fn apply_defaults(&self, config: &mut ConfigMap, cx: &Admission) -> Result<()> {
///         let labels = config.labels_mut();
///         labels.entry("owner".into()).or_insert_with(|| cx.user().username.clone());
///         Ok(())
///     }
/// }
///
/// let operator = Operator::new().webhook(Webhook::defaulting(Owned));
/// # let _ = operator;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no defaulting webhook",
    label = "does not say how objects are filled in",
    note = "write `impl Defaulting for {Self} {{ type Object = ..; async fn apply_defaults(&self, object: &mut .., cx: &Admission) -> Result<()> {{ .. }} }}`"
)]
pub trait Defaulting: Send + Sync + 'static {
    /// The kind that is filled in: of this project, or any other.
    type Object: Object;

    /// Fills in what is missing.
    ///
    /// An error refuses the object, as one of [`Validating`](super::Validating) does.
    fn apply_defaults(
        &self,
        object: &mut Self::Object,
        cx: &Admission,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// A defaulting webhook whose type is forgotten.
pub(super) struct Defaults<D>(pub(super) D);

impl<D: Defaulting> Admit for Defaults<D> {
    fn admit<'a>(&'a self, objects: &'a Objects, cx: &'a Admission) -> BoxFuture<'a, Result<Patch>> {
        async move {
            if cx.operation() == Operation::Delete {
                return Ok(Patch::default());
            }
            let mut object: D::Object = objects.wanted()?;
            let before = serde_json::to_value(&object)?;
            self.0.apply_defaults(&mut object, cx).await?;
            let after: Value = serde_json::to_value(&object)?;
            Ok(carry::patch(&objects.new, &before, &after))
        }
        .boxed()
    }
}
