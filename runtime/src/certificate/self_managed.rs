//! An authority and a certificate of the operator's own, shared by its replicas through a Secret.

use super::certificates::Keep;
use super::custody::Custody;
use super::{Lifetimes, Target};
use crate::Result;
use crate::operator::Scope;
use crate::permission::{Permission, Verb};

/// A certificate of the operator's own: made once among all replicas, kept in a Secret, exchanged before it ends.
///
/// The Secret is a `kubernetes.io/tls` with `tls.crt`, `tls.key` and `ca.crt`, the authorities to trust; beside them
/// `authority.crt` and `authority.key`, which sign the next certificate. Every replica watches it, serves with what it
/// holds, and sees to it that the `caBundle` of each [`Target`] is what `ca.crt` says – also after somebody has
/// overwritten it. Nothing of it needs a leader.
///
/// What is broken in a Secret of the operator's own is made anew; to start over, as when a key has leaked, delete the
/// Secret: calls fail for the moment that API servers take to hear of the new authority. A Secret somebody else made is
/// left alone and is an error, unless it is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfManaged {
    prefix: String,
    service: String,
    secret: String,
    pub(super) namespace: Option<String>,
    domain: String,
    names: Vec<String>,
    targets: Vec<Target>,
    pub(super) lifetimes: Lifetimes,
}

impl SelfManaged {
    /// Returns a certificate for a Service in the operator's namespace, kept in the Secret `<service>-cert`.
    #[must_use]
    pub fn new(service: impl Into<String>) -> Self {
        let service = service.into();
        Self {
            prefix: String::new(),
            secret: format!("{service}-cert"),
            service,
            namespace: None,
            domain: "cluster.local".to_owned(),
            names: Vec::new(),
            targets: Vec::new(),
            lifetimes: Lifetimes::default(),
        }
    }

    /// Keeps it in a Secret of this name.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>) -> Self {
        self.secret = name.into();
        self
    }

    /// Puts this before the names of the Service, the Secret and the configurations, as kustomize's `namePrefix` does.
    ///
    /// Definitions keep their names; kustomize leaves them alone too.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Says where the Service and the Secret are; at first the namespace of the pod.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Sets the domain of the cluster; `cluster.local` at first.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = domain.into();
        self
    }

    /// Adds a DNS name or address beyond those of the Service, as when webhooks are reached from outside the cluster.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Adds an object that has to know whom to trust; it need not exist yet.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Sets how long the authority and its certificates live; a year and 90 days at first.
    #[must_use]
    pub fn lifetimes(mut self, lifetimes: Lifetimes) -> Self {
        self.lifetimes = lifetimes;
        self
    }

    /// Returns what a role has to permit: the one Secret, and the targets by name.
    #[must_use]
    pub fn permissions(&self) -> Vec<Permission> {
        // Nothing can be created by name: what is created has none yet.
        let create = Permission::namespaced("", "secrets", [Verb::Create]);
        let keep = Permission::namespaced("", "secrets", [Verb::Get, Verb::List, Verb::Watch, Verb::Update]);
        let secret = [
            create.in_own_namespace(),
            keep.named(self.secret_name()).in_own_namespace(),
        ];
        let targets = self.all_targets().into_iter().map(|target| {
            let verbs = [Verb::Get, Verb::List, Verb::Watch, Verb::Patch];
            Permission::cluster(target.group(), target.resource(), verbs).named(target.name())
        });
        secret.into_iter().chain(targets).collect()
    }

    /// Adds the targets that are not there, and the prefix if there is none.
    pub(super) fn told_to(mut self, prefix: &str, targets: &[Target]) -> Self {
        if self.prefix.is_empty() {
            prefix.clone_into(&mut self.prefix);
        }
        for target in targets {
            if !self.targets.contains(target) {
                self.targets.push(target.clone());
            }
        }
        self
    }

    pub(super) fn secret_name(&self) -> String {
        format!("{}{}", self.prefix, self.secret)
    }

    /// Returns the targets as they are named in the cluster.
    pub(super) fn all_targets(&self) -> Vec<Target> {
        let prefixed = |name: &String| format!("{}{name}", self.prefix);
        let named = |target: &Target| match target {
            Target::Mutating(name) => Target::Mutating(prefixed(name)),
            Target::Validating(name) => Target::Validating(prefixed(name)),
            Target::Definition(name) => Target::Definition(name.clone()),
        };
        self.targets.iter().map(named).collect()
    }

    /// Returns what the certificate is for: every name of the Service, and those given.
    pub(super) fn all_names(&self, namespace: &str) -> Vec<String> {
        let service = format!("{}{}", self.prefix, self.service);
        let mut names = vec![
            format!("{service}.{namespace}.svc"),
            format!("{service}.{namespace}.svc.{}", self.domain),
            format!("{service}.{namespace}"),
            service,
        ];
        names.extend(self.names.iter().cloned());
        names
    }

    pub(super) async fn keep(&self, scope: &Scope, keep: Keep) -> Result<()> {
        Custody::new(self, scope.site(), keep).run(scope).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_goes_before_what_kustomize_puts_it_before() {
        let managed = SelfManaged::new("webhook-service")
            .target(Target::Mutating("mutating".into()))
            .target(Target::Definition("sites.example.com".into()))
            .prefix("shop-");
        assert_eq!(managed.secret_name(), "shop-webhook-service-cert");
        assert_eq!(managed.all_names("system")[0], "shop-webhook-service.system.svc");
        let targets = [
            Target::Mutating("shop-mutating".into()),
            Target::Definition("sites.example.com".into()),
        ];
        assert_eq!(managed.all_targets(), targets);
    }
}
