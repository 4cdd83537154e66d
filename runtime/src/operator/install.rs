//! What has to be installed for an operator.

use crate::crd::{CustomResource, Definition};
use crate::manifest::{Declaration, Manifests, PeopleRoles};
use crate::webhook::Installed;
use crate::{Operator, Result};

impl Operator {
    /// Brings along a kind that no controller of this operator reconciles, or another version of one.
    ///
    /// All versions of a kind become one definition. Where their fields are the same, nothing has to convert them; where
    /// they are not, say how with [`Webhook::conversion`](crate::webhook::Webhook::conversion), which brings its versions
    /// along by itself.
    ///
    /// ```
    /// use krate::prelude::*;
    ///
    /// mod v1 {
    ///     # use krate::prelude::*;
    ///     #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    ///     #[kube(group = "example.com", version = "v1", kind = "Zoo", namespaced)]
    ///     pub struct ZooSpec {
    ///         pub animals: i32,
    ///     }
    /// }
    ///
    /// mod v1beta1 {
    ///     # use krate::prelude::*;
    ///     #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    ///     #[kube(group = "example.com", version = "v1beta1", kind = "Zoo", namespaced, storage = false)]
    ///     pub struct ZooSpec {
    ///         pub animals: i32,
    ///     }
    /// }
    ///
    /// let operator = Operator::new().definition::<v1::Zoo>().definition::<v1beta1::Zoo>();
    /// let manifests = operator.manifests()?;
    /// assert_eq!(manifests.crds()[0]["spec"]["conversion"]["strategy"], "None");
    /// # Ok::<(), krate::Error>(())
    /// ```
    #[must_use]
    pub fn definition<K: CustomResource>(mut self) -> Self {
        // A version that is skipped is left out of whatever definition it would be part of.
        if !K::DECLARATION.skip {
            self.definitions.push(Definition::of::<K>);
        }
        self
    }

    /// Says which roles for people [`manifests`](Self::manifests) has; at first those that are added to the cluster's.
    ///
    /// ```
    /// use krate::Operator;
    /// use krate::manifest::PeopleRoles;
    ///
    /// let operator = Operator::new().people_roles(PeopleRoles::None);
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn people_roles(mut self, which: PeopleRoles) -> Self {
        self.people_roles = which;
        self
    }

    /// Returns what has to be installed for the operator to work: definitions, roles and webhook configurations,
    /// from the types that run.
    ///
    /// # Errors
    ///
    /// If a kind has a schema that no API server would take, its versions do not fit together, or webhooks cannot be
    /// together.
    pub fn manifests(&self) -> Result<Manifests> {
        let declarations: Result<Vec<_>> = self
            .controllers
            .iter()
            .map(|controller| controller.declaration())
            .collect();
        let mut declarations = declarations?;
        let mut permissions = self.permissions.clone();
        let mut webhooks = Installed::default();
        if let Some(hall) = self.hall {
            webhooks = (hall.install)(self)?;
            permissions.extend((hall.permissions)(self));
        }
        let definitions: Result<Vec<_>, _> = self.definitions.iter().map(|of| of()).collect();
        declarations.push(Declaration {
            permissions,
            definitions: definitions?,
        });
        let prefix = &self.webhook_serving.prefix;
        Manifests::new(
            &declarations,
            webhooks,
            &self.namespaces,
            self.people_roles,
            prefix,
        )
    }
}
