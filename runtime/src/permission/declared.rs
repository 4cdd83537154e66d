//! A permission as a value: one resource and the verbs on it.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::BTreeSet;

use kube::core::ClusterResourceScope;

use super::verb::Verb;
use crate::reconcile::Object;

/// A permission a reconciler declares: verbs on one resource.
///
/// ```
/// use krate::k8s_openapi::api::apps::v1::Deployment;
/// use krate::permission::{Permission, Verb};
///
/// let permission = Permission::of::<Deployment>([Verb::Get, Verb::List]);
/// assert_eq!(permission.group(), "apps");
/// assert_eq!(permission.resource(), "deployments");
/// assert!(!permission.is_cluster_scoped());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    group: Cow<'static, str>,
    resource: Cow<'static, str>,
    cluster_scoped: bool,
    verbs: BTreeSet<Verb>,
    names: BTreeSet<String>,
    own_namespace: bool,
}

impl Permission {
    /// Permits `verbs` on objects of kind `K`.
    #[must_use]
    pub fn of<K: Object>(verbs: impl IntoIterator<Item = Verb>) -> Self {
        Self {
            group: Cow::Owned(K::group(&()).into_owned()),
            resource: Cow::Owned(K::plural(&()).into_owned()),
            cluster_scoped: is_cluster_scoped::<K>(),
            verbs: verbs.into_iter().collect(),
            names: BTreeSet::new(),
            own_namespace: false,
        }
    }

    /// Permits `verbs` on a subresource of the kind `K`, such as `status`.
    #[must_use]
    pub fn of_subresource<K: Object>(subresource: &str, verbs: impl IntoIterator<Item = Verb>) -> Self {
        let parent = Self::of::<K>(verbs);
        Self {
            resource: Cow::Owned(format!("{}/{subresource}", parent.resource)),
            ..parent
        }
    }

    /// Permits `verbs` on a namespaced resource without a Rust type at hand.
    #[must_use]
    pub fn namespaced(
        group: &'static str,
        resource: &'static str,
        verbs: impl IntoIterator<Item = Verb>,
    ) -> Self {
        Self {
            group: Cow::Borrowed(group),
            resource: Cow::Borrowed(resource),
            cluster_scoped: false,
            verbs: verbs.into_iter().collect(),
            names: BTreeSet::new(),
            own_namespace: false,
        }
    }

    /// Permits `verbs` on a cluster-scoped resource without a Rust type at hand.
    #[must_use]
    pub fn cluster(
        group: &'static str,
        resource: &'static str,
        verbs: impl IntoIterator<Item = Verb>,
    ) -> Self {
        Self {
            cluster_scoped: true,
            ..Self::namespaced(group, resource, verbs)
        }
    }

    /// Narrows it to the object of this name, beside those named already.
    ///
    /// Lists and watches are permitted as far as they ask for that name. Nothing can be created by name.
    ///
    /// ```
    /// use krate::k8s_openapi::api::core::v1::Secret;
    /// use krate::permission::{Permission, Verb};
    ///
    /// let permission = Permission::of::<Secret>([Verb::Get]).named("password").in_own_namespace();
    /// assert!(permission.names().contains("password"));
    /// assert!(permission.is_in_own_namespace());
    /// ```
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.names.insert(name.into());
        self
    }

    /// Narrows it to the namespace the operator itself is in, whichever it works in.
    #[must_use]
    pub fn in_own_namespace(mut self) -> Self {
        self.own_namespace = true;
        self
    }

    /// Returns the names it is narrowed to; empty if it is for all objects.
    #[must_use]
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Returns whether it is for the operator's own namespace only.
    #[must_use]
    pub fn is_in_own_namespace(&self) -> bool {
        self.own_namespace
    }

    /// Returns the API group; empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Returns the resource as a role spells it: the plural, with `/` and the subresource if there is one.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Returns whether objects of this resource live outside namespaces, so that only a `ClusterRole` can permit it.
    #[must_use]
    pub fn is_cluster_scoped(&self) -> bool {
        self.cluster_scoped
    }

    /// Returns the verbs permitted.
    #[must_use]
    pub fn verbs(&self) -> &BTreeSet<Verb> {
        &self.verbs
    }
}

/// Returns whether objects of kind `K` live outside namespaces.
fn is_cluster_scoped<K: Object>() -> bool {
    TypeId::of::<K::Scope>() == TypeId::of::<ClusterResourceScope>()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Namespace, Pod};

    use super::*;

    #[test]
    fn a_subresource_is_written_behind_a_slash() {
        let permission = Permission::of_subresource::<Pod>("status", [Verb::Patch]);
        assert_eq!(permission.resource(), "pods/status");
        assert_eq!(permission.group(), "");
    }

    #[test]
    fn the_scope_of_a_kind_is_known() {
        assert!(is_cluster_scoped::<Namespace>());
        assert!(!is_cluster_scoped::<Pod>());
    }
}
