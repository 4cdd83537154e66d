//! What the controllers of an operator declare, put together.

use serde_json::Value;

use super::Format;
use super::definition::crds;
use super::people::{PeopleRoles, people_roles};
use super::role::roles;
use super::text::stream;
use crate::cache::Namespaces;
use crate::crd::Definition;
use crate::error::Result;
use crate::permission::{Permission, Verb};
use crate::reconcile::Reconciler;
use crate::webhook::Installed;

/// What one controller declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declaration {
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The definitions it brings along, each of one version.
    pub definitions: Vec<Definition>,
}

impl Declaration {
    /// Returns what a reconciler declares, and what every controller does: send events.
    ///
    /// # Errors
    ///
    /// If a kind has a schema that no API server would take.
    pub fn of<R: Reconciler>() -> Result<Self> {
        let mut permissions = R::permissions();
        permissions.push(Permission::namespaced(
            "events.k8s.io",
            "events",
            [Verb::Create, Verb::Patch],
        ));
        let of = std::any::type_name::<R::Object>();
        let definitions = R::crds()?.into_iter().map(|crd| Definition::new(of, crd));
        Ok(Self {
            permissions,
            definitions: definitions.collect(),
        })
    }
}

/// What has to be installed for an operator to work, in the order it has to be installed.
///
/// ```
/// use krate::Operator;
/// use krate::manifest::Format;
///
/// let manifests = Operator::new().manifests()?;
/// assert!(manifests.crds().is_empty());
/// assert!(manifests.to_text(Format::Yaml)?.contains("manager-role"));
/// # Ok::<(), krate::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Manifests {
    crds: Vec<Value>,
    roles: Vec<Value>,
    people: Vec<Value>,
    webhooks: Vec<Value>,
}

impl Manifests {
    /// Puts together what controllers declare and what webhooks need, for an operator that works in these namespaces,
    /// and roles for people; `prefix` is what kustomize puts before names.
    ///
    /// # Errors
    ///
    /// If definitions are not versions of one kind, or one is of a version that is not converted where others are.
    pub(crate) fn new(
        declarations: &[Declaration],
        webhooks: Installed,
        namespaces: &Namespaces,
        people: PeopleRoles,
        prefix: &str,
    ) -> Result<Self> {
        let permissions: Vec<&Permission> = declarations
            .iter()
            .flat_map(|declaration| &declaration.permissions)
            .chain(&webhooks.permissions)
            .collect();
        let declared = declarations
            .iter()
            .flat_map(|declaration| declaration.definitions.iter().cloned());
        let crds = crds(declared, &webhooks)?;
        Ok(Self {
            roles: roles(&permissions, namespaces, prefix),
            people: people_roles(&crds, people),
            crds,
            webhooks: webhooks
                .configurations
                .into_iter()
                .chain(webhooks.service)
                .collect(),
        })
    }

    /// Returns the definitions of custom resources, in order of their names.
    #[must_use]
    pub fn crds(&self) -> &[Value] {
        &self.crds
    }

    /// Returns the roles of the operator: a `ClusterRole`, for an operator of some namespaces a `Role` in each, and a
    /// `Role` in `system`, which is to be replaced with the operator's namespace, for what it needs there itself.
    #[must_use]
    pub fn roles(&self) -> &[Value] {
        &self.roles
    }

    /// Returns the roles for people who work with the kinds of the operator, see [`PeopleRoles`].
    ///
    /// The operator itself needs none of them.
    #[must_use]
    pub fn people_roles(&self) -> &[Value] {
        &self.people
    }

    /// Returns the configurations of admission webhooks, and the service that leads to webhooks; all are in or name
    /// the namespace `system`, which is to be replaced with the operator's.
    #[must_use]
    pub fn webhooks(&self) -> &[Value] {
        &self.webhooks
    }

    /// Returns all objects: definitions, then roles of the operator and of people, then what webhooks need.
    pub fn all(&self) -> impl Iterator<Item = &Value> {
        let roles = self.roles.iter().chain(&self.people);
        self.crds.iter().chain(roles).chain(&self.webhooks)
    }

    /// Returns all objects as text: a stream of YAML documents, or a JSON `List`.
    ///
    /// # Errors
    ///
    /// If an object cannot be written in the format.
    pub fn to_text(&self, format: Format) -> Result<String> {
        stream(self.all(), format)
    }

    /// Leaves out all but the definitions.
    #[must_use]
    pub fn only_crds(self) -> Self {
        Self {
            roles: Vec::new(),
            people: Vec::new(),
            webhooks: Vec::new(),
            ..self
        }
    }

    /// Leaves out all but the roles.
    #[must_use]
    pub fn only_roles(self) -> Self {
        Self {
            crds: Vec::new(),
            webhooks: Vec::new(),
            ..self
        }
    }

    /// Leaves out all but what webhooks need.
    #[must_use]
    pub fn only_webhooks(self) -> Self {
        Self {
            crds: Vec::new(),
            roles: Vec::new(),
            people: Vec::new(),
            ..self
        }
    }
}
