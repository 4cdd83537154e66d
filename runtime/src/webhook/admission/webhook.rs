//! One admission webhook: what it is for, what it does, and its options.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::configuration::{FailurePolicy, MatchPolicy, Reinvocation, SideEffects};
use super::defaulting::{Defaulting, Defaults};
use super::request::Operation;
use super::review::Admit;
use super::validating::{Validates, Validating};
use crate::error::{Error, Result};
use crate::permission::Permission;
use crate::reconcile::Object;
use crate::webhook::call::TIMEOUT;

/// A defaulting or validating webhook, and what the API server is told about when to ask it.
///
/// Made by [`Webhook::defaulting`](crate::webhook::Webhook::defaulting) and
/// [`Webhook::validating`](crate::webhook::Webhook::validating). Without options it is asked on create and update of
/// objects of its kind, in every namespace, within 10 seconds; if it cannot be asked, the request fails.
///
/// ```
/// use krate::prelude::*;
/// use krate::webhook::{FailurePolicy, Operation, Validating, Webhook};
///
/// # fn example(rules: impl Validating) -> Operator {
/// Operator::new().webhook(
///     Webhook::validating(rules)
///         .operations([Operation::Create, Operation::Update, Operation::Delete])
///         .failure_policy(FailurePolicy::Ignore)
///         .match_condition("not-mine", "request.userInfo.username != 'me'"),
/// )
/// # }
/// ```
#[must_use]
pub struct AdmissionWebhook {
    pub(super) act: Act,
    pub(in crate::webhook) target: Target,
    pub(in crate::webhook) admit: Arc<dyn Admit>,
    pub(super) operations: BTreeSet<Operation>,
    pub(super) resources: Vec<String>,
    pub(super) failure_policy: FailurePolicy,
    pub(super) match_policy: MatchPolicy,
    pub(super) side_effects: SideEffects,
    pub(super) reinvocation: Reinvocation,
    pub(in crate::webhook) timeout: Duration,
    pub(super) namespace_selector: Option<LabelSelector>,
    pub(super) object_selector: Option<LabelSelector>,
    pub(super) match_conditions: Vec<(String, String)>,
    pub(super) name: Option<String>,
    path: Option<String>,
    permissions: Vec<Permission>,
}

/// Whether a webhook changes objects or only looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Mutate,
    Validate,
}

/// The kind a webhook is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::webhook) struct Target {
    pub(in crate::webhook) group: String,
    pub(in crate::webhook) version: String,
    pub(in crate::webhook) kind: String,
    pub(in crate::webhook) plural: String,
}

impl Target {
    fn of<K: Object>() -> Self {
        Self {
            group: K::group(&()).into_owned(),
            version: K::version(&()).into_owned(),
            kind: K::kind(&()).into_owned(),
            plural: K::plural(&()).into_owned(),
        }
    }
}

impl AdmissionWebhook {
    pub(in crate::webhook) fn defaulting<D: Defaulting>(defaulting: D) -> Self {
        Self::new(
            Act::Mutate,
            Target::of::<D::Object>(),
            Arc::new(Defaults(defaulting)),
        )
    }

    pub(in crate::webhook) fn validating<V: Validating>(validating: V) -> Self {
        Self::new(
            Act::Validate,
            Target::of::<V::Object>(),
            Arc::new(Validates(validating)),
        )
    }

    fn new(act: Act, target: Target, admit: Arc<dyn Admit>) -> Self {
        Self {
            act,
            resources: vec![target.plural.clone()],
            target,
            admit,
            operations: [Operation::Create, Operation::Update].into(),
            failure_policy: FailurePolicy::default(),
            match_policy: MatchPolicy::default(),
            side_effects: SideEffects::default(),
            reinvocation: Reinvocation::default(),
            timeout: TIMEOUT,
            namespace_selector: None,
            object_selector: None,
            match_conditions: Vec::new(),
            name: None,
            path: None,
            permissions: Vec::new(),
        }
    }

    /// Sets what it is asked about; create and update at first.
    ///
    /// With [`Delete`](Operation::Delete), an operator that is down holds up deletions, those of whole namespaces
    /// among them.
    pub fn operations(mut self, operations: impl IntoIterator<Item = Operation>) -> Self {
        self.operations = operations.into_iter().collect();
        self
    }

    /// Asks it about a subresource as well, such as `status`, whose objects are of the same kind.
    pub fn subresource(mut self, subresource: &str) -> Self {
        self.resources
            .push(format!("{}/{subresource}", self.target.plural));
        self
    }

    /// Sets the resources of its rule, in place of the plural of its kind: `deployments/scale` for a webhook of
    /// `Scale`.
    pub fn resources<R: Into<String>>(mut self, resources: impl IntoIterator<Item = R>) -> Self {
        self.resources = resources.into_iter().map(Into::into).collect();
        self
    }

    /// Sets what happens to a request when the webhook cannot be asked; it fails at first.
    pub fn failure_policy(mut self, policy: FailurePolicy) -> Self {
        self.failure_policy = policy;
        self
    }

    /// Sets whether it is asked about other versions of its kind; it is at first, with the object converted.
    pub fn match_policy(mut self, policy: MatchPolicy) -> Self {
        self.match_policy = policy;
        self
    }

    /// Says what it does beside answering; nothing at first.
    pub fn side_effects(mut self, effects: SideEffects) -> Self {
        self.side_effects = effects;
        self
    }

    /// Sets whether a defaulting webhook is asked again when another changed the object after it; not at first.
    pub fn reinvocation(mut self, reinvocation: Reinvocation) -> Self {
        self.reinvocation = reinvocation;
        self
    }

    /// Sets how long the API server waits, in whole seconds from 1 to 30; 10 at first.
    ///
    /// The call is ended a little earlier, with an answer that says so.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks it only about objects in namespaces with such labels.
    pub fn namespace_selector(mut self, selector: LabelSelector) -> Self {
        self.namespace_selector = Some(selector);
        self
    }

    /// Asks it only about objects with such labels.
    pub fn object_selector(mut self, selector: LabelSelector) -> Self {
        self.object_selector = Some(selector);
        self
    }

    /// Asks it only where a CEL expression holds; all of them, if there are several.
    pub fn match_condition(mut self, name: impl Into<String>, expression: impl Into<String>) -> Self {
        self.match_conditions.push((name.into(), expression.into()));
        self
    }

    /// Names the webhook, in place of `mmemcached-v1.kb.io`; a domain with at least three parts.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Serves it at this path, in place of `/mutate-cache-example-com-v1-memcached`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Declares what it does with the operator's client.
    pub fn permits(mut self, permissions: impl IntoIterator<Item = Permission>) -> Self {
        self.permissions.extend(permissions);
        self
    }

    /// Returns the path it is served at.
    pub(in crate::webhook) fn served_at(&self) -> String {
        self.path.clone().unwrap_or_else(|| {
            let Target {
                group, version, kind, ..
            } = &self.target;
            let verb = match self.act {
                Act::Mutate => "mutate",
                Act::Validate => "validate",
            };
            format!(
                "/{verb}-{}-{version}-{}",
                group.replace('.', "-"),
                kind.to_lowercase()
            )
        })
    }

    pub(in crate::webhook) fn permissions(&self) -> &[Permission] {
        &self.permissions
    }

    /// Refuses what the API server would refuse.
    pub(in crate::webhook) fn check(&self) -> Result<()> {
        let path = self.served_at();
        let problem = if !path.starts_with('/') || path.contains(['?', '#', ' ']) {
            Some("its path is not of the form `/..`: give another with `path(..)`".to_owned())
        } else if !(1..=30).contains(&self.timeout.as_secs()) || self.timeout.subsec_nanos() != 0 {
            Some("its timeout is not from 1 to 30 whole seconds: give another with `timeout(..)`".to_owned())
        } else if self.operations.is_empty() || self.resources.is_empty() {
            Some("it is never asked: give it operations and resources".to_owned())
        } else if self.act == Act::Mutate && self.operations.contains(&Operation::Delete) {
            Some(
                "it fills in objects, and there is none to fill in on delete: leave out `Operation::Delete`"
                    .to_owned(),
            )
        } else if self.name.as_ref().is_some_and(|name| name.split('.').count() < 3) {
            Some(
                "its name is no domain of at least three parts: write one like `size.memcached.example.com`"
                    .to_owned(),
            )
        } else {
            None
        };
        problem.map_or(Ok(()), |problem| {
            Err(Error::new(format!(
                "the webhook at `{path}` cannot be installed: {problem}"
            )))
        })
    }
}

impl fmt::Debug for AdmissionWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdmissionWebhook")
            .field("path", &self.served_at())
            .field("operations", &self.operations)
            .finish_non_exhaustive()
    }
}
