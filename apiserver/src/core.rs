//! What every request of one server shares.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::admission::{self, Hooks};
use crate::authn::{Authenticator, Identity};
use crate::authz::{Attributes, Decision, Policy, Rbac, Snapshot, Target};
use crate::environment::Environment;
use crate::handler::Served;
use crate::object::ObjectRef;
use crate::registry::{Registry, Resource};
use crate::request::{Query, RequestInfo};
use crate::serve::RequestLog;
use crate::status::Result;
use crate::store::Store;
use crate::webhook::Caller;

/// The state behind a server.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) environment: Environment,
    pub(crate) store: Arc<Store>,
    pub(crate) registry: Registry,
    pub(crate) authenticator: Authenticator,
    pub(crate) policy: Policy,
    pub(crate) log: RequestLog,
    /// The webhooks of the stored configurations.
    pub(crate) hooks: admission::Cache,
    /// How webhooks are called.
    pub(crate) webhooks: Caller,
    /// What is served for each CRD.
    pub(crate) served: Mutex<Served>,
    /// Held while a service is given addresses and stored.
    pub(crate) addresses: Mutex<()>,
    /// Cancelled once the server stops: ends watches and controllers.
    pub(crate) stop: CancellationToken,
}

/// The kinds authorization is made of, by bucket.
const RBAC: [&str; 4] = [
    "rbac.authorization.k8s.io/roles",
    "rbac.authorization.k8s.io/clusterroles",
    "rbac.authorization.k8s.io/rolebindings",
    "rbac.authorization.k8s.io/clusterrolebindings",
];

/// The kinds webhooks are configured by, by bucket.
const HOOKS: [&str; 2] = [
    "admissionregistration.k8s.io/mutatingwebhookconfigurations",
    "admissionregistration.k8s.io/validatingwebhookconfigurations",
];

/// Returns the store's name for the objects of a resource, the same in all its versions.
pub(crate) fn bucket(resource: &Resource) -> String {
    bucket_of(&resource.storage_group, &resource.plural)
}

/// Returns the store's name for objects of a group and plural.
pub(crate) fn bucket_of(group: &str, plural: &str) -> String {
    if group.is_empty() {
        plural.to_owned()
    } else {
        format!("{group}/{plural}")
    }
}

/// Returns the store's name for one object.
pub(crate) fn key(namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}/{name}")
    }
}

impl Core {
    /// Returns the current roles and bindings, compiled.
    pub(crate) fn rbac(&self) -> Arc<Rbac> {
        let changed = RBAC.iter().map(|bucket| self.store.changed(bucket)).max();
        self.policy.at(changed.unwrap_or_default(), || {
            let [roles, cluster_roles, role_bindings, cluster_role_bindings] =
                RBAC.map(|bucket| self.store.all(bucket));
            Rbac::compile(&Snapshot {
                roles: values(&roles),
                cluster_roles: values(&cluster_roles),
                role_bindings: values(&role_bindings),
                cluster_role_bindings: values(&cluster_role_bindings),
            })
        })
    }

    /// Returns the current admission webhooks.
    pub(crate) fn hooks(&self) -> Arc<Hooks> {
        let changed = HOOKS.iter().map(|bucket| self.store.changed(bucket)).max();
        self.hooks.at(changed.unwrap_or_default(), || {
            let [mutating, validating] = HOOKS.map(|bucket| self.store.all(bucket));
            Hooks::compile(&mutating, &validating)
        })
    }

    /// Returns a stored object of the core group.
    pub(crate) fn core_object(&self, plural: &str, namespace: &str, name: &str) -> Option<ObjectRef> {
        self.store.get(plural, &key(namespace, name))
    }

    /// Refuses what the identity may not do.
    pub(crate) fn authorize(&self, identity: &Identity, info: &RequestInfo, query: &Query) -> Result<()> {
        if identity.is_master() {
            return Ok(());
        }
        let name = info.authorized_name(query);
        let (verb, target) = match &info.resource {
            None => (info.method.as_str(), Target::Path(&info.path)),
            Some(resource) => (
                info.verb.as_str(),
                Target::Resource {
                    group: &resource.group,
                    resource: &resource.plural,
                    subresource: &resource.subresource,
                    namespace: &resource.namespace,
                    name: &name,
                },
            ),
        };
        let attributes = Attributes {
            user: identity,
            verb,
            target,
        };
        match self.rbac().decide(&attributes) {
            Decision::Denied(reason) => Err(attributes.refusal(&reason)),
            Decision::Allowed(_) => Ok(()),
        }
    }
}

fn values(objects: &[ObjectRef]) -> Vec<&Value> {
    objects.iter().map(|object| object.value()).collect()
}
