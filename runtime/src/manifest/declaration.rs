//! What the controllers of an operator declare, put together.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde::Serialize;
use serde_json::{Value, json};

use super::Format;
use super::role::roles;
use super::text::stream;
use crate::cache::Namespaces;
use crate::error::{Error, Result};
use crate::permission::{Permission, Verb};
use crate::reconcile::Reconciler;
use crate::webhook::Installed;

/// What one controller declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declaration {
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The definitions it brings along.
    pub crds: Vec<CustomResourceDefinition>,
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
        Ok(Self {
            permissions,
            crds: R::crds()?,
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
    webhooks: Vec<Value>,
}

impl Manifests {
    /// Puts together what controllers declare and what webhooks need, for an operator that works in these namespaces.
    ///
    /// # Errors
    ///
    /// If two controllers bring different definitions of one kind, or one of a version that is not converted where
    /// others are.
    pub(crate) fn new(
        declarations: &[Declaration],
        webhooks: Installed,
        namespaces: &Namespaces,
    ) -> Result<Self> {
        let permissions: Vec<&Permission> = declarations
            .iter()
            .flat_map(|declaration| &declaration.permissions)
            .chain(&webhooks.permissions)
            .collect();
        Ok(Self {
            crds: crds(declarations, &webhooks)?,
            roles: roles(&permissions, namespaces),
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

    /// Returns the roles: one `ClusterRole`, or for an operator of some namespaces a `Role` for each.
    #[must_use]
    pub fn roles(&self) -> &[Value] {
        &self.roles
    }

    /// Returns the configurations of admission webhooks, and the service that leads to webhooks; all are in or name
    /// the namespace `system`, which is to be replaced with the operator's.
    #[must_use]
    pub fn webhooks(&self) -> &[Value] {
        &self.webhooks
    }

    /// Returns all objects: definitions, then roles, then what webhooks need.
    pub fn all(&self) -> impl Iterator<Item = &Value> {
        self.crds.iter().chain(&self.roles).chain(&self.webhooks)
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
            ..self
        }
    }
}

/// Two controllers may reconcile the same kind, and bring the same definition; a kind that is converted has all its
/// versions in the definition its conversion brings.
fn crds(declarations: &[Declaration], webhooks: &Installed) -> Result<Vec<Value>> {
    let mut by_name: BTreeMap<String, Value> = BTreeMap::new();
    for (name, crd) in &webhooks.definitions {
        let mut value = without_status(crd)?;
        value["spec"]["conversion"] = webhooks.conversion.clone();
        by_name.insert(name.clone(), value);
    }
    for crd in declarations.iter().flat_map(|declaration| &declaration.crds) {
        let name = crd.metadata.name.clone().unwrap_or_default();
        if let Some(converted) = webhooks.definitions.get(&name) {
            has_versions_of(converted, crd)?;
            continue;
        }
        let value = without_status(crd)?;
        if by_name
            .insert(name.clone(), value.clone())
            .is_some_and(|known| known != value)
        {
            return Err(Error::new(format!(
                "two controllers bring different definitions of `{name}`"
            )));
        }
    }
    Ok(by_name.into_values().collect())
}

fn has_versions_of(converted: &CustomResourceDefinition, crd: &CustomResourceDefinition) -> Result<()> {
    let known = &converted.spec.versions;
    let missing = crd.spec.versions.iter().find(|version| !known.contains(version));
    missing.map_or(Ok(()), |version| {
        Err(Error::new(format!(
            "a controller brings version {} of `{}`, which is not among the versions that are converted: add it with `spoke::<..>()`",
            version.name,
            crd.metadata.name.as_deref().unwrap_or_default(),
        )))
    })
}

fn without_status(object: &impl Serialize) -> Result<Value> {
    let mut value = serde_json::to_value(object)?;
    if let Some(fields) = value.as_object_mut() {
        fields.remove("status");
        let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.retain(|_, value| !value.is_null());
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crd(name: &str, group: &str) -> CustomResourceDefinition {
        let mut crd = CustomResourceDefinition::default();
        crd.metadata.name = Some(name.into());
        crd.spec.group = group.into();
        crd
    }

    fn declaration(crds: Vec<CustomResourceDefinition>) -> Declaration {
        Declaration {
            permissions: Vec::new(),
            crds,
        }
    }

    #[test]
    fn definitions_are_sorted_and_each_is_there_once() {
        let declarations = [
            declaration(vec![crd("b", "g"), crd("a", "g")]),
            declaration(vec![crd("b", "g")]),
        ];
        let manifests = Manifests::new(&declarations, Installed::default(), &Namespaces::All).unwrap();
        let names: Vec<&Value> = manifests
            .crds()
            .iter()
            .map(|crd| &crd["metadata"]["name"])
            .collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn two_definitions_of_one_kind_are_refused() {
        let declarations = [declaration(vec![crd("a", "g")]), declaration(vec![crd("a", "h")])];
        let error = Manifests::new(&declarations, Installed::default(), &Namespaces::All).unwrap_err();
        assert_eq!(
            error.to_string(),
            "two controllers bring different definitions of `a`"
        );
    }
}
