//! A webhook as an operator declares it.

use std::fmt;
use std::sync::Arc;

use super::admission::{AdmissionWebhook, Defaulting, Validating};
use super::conversion::{ConversionWebhook, Converts, Hub};

/// A webhook of an operator: one of three kinds, each with its own options.
///
/// ```
/// use krate::prelude::*;
/// use krate::webhook::{Defaulting, Validating, Webhook};
///
/// # fn example(defaults: impl Defaulting, rules: impl Validating) -> Operator {
/// Operator::new()
///     .webhook(Webhook::defaulting(defaults))
///     .webhook(Webhook::validating(rules))
/// # }
/// ```
pub struct Webhook(pub(super) Kind);

/// What a webhook does.
pub(super) enum Kind {
    Admission(Box<AdmissionWebhook>),
    Conversion(Arc<dyn Converts>),
}

impl Webhook {
    /// Fills in objects before they are stored.
    pub fn defaulting<D: Defaulting>(defaulting: D) -> AdmissionWebhook {
        AdmissionWebhook::defaulting(defaulting)
    }

    /// Refuses objects before they are stored.
    pub fn validating<V: Validating>(validating: V) -> AdmissionWebhook {
        AdmissionWebhook::validating(validating)
    }

    /// Converts the versions of a kind into each other, through the version `H`, which is the one that is stored.
    pub fn conversion<H: Hub>() -> ConversionWebhook<H> {
        ConversionWebhook::new()
    }
}

impl From<AdmissionWebhook> for Webhook {
    fn from(webhook: AdmissionWebhook) -> Self {
        Self(Kind::Admission(Box::new(webhook)))
    }
}

impl<H: Hub> From<ConversionWebhook<H>> for Webhook {
    fn from(webhook: ConversionWebhook<H>) -> Self {
        Self(Kind::Conversion(Arc::new(webhook)))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Admission(webhook) => webhook.fmt(f),
            Kind::Conversion(family) => f.debug_tuple("Conversion").field(&family.crd_name()).finish(),
        }
    }
}
