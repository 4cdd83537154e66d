//! What manifests change for those who use older ones.

use std::fmt;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

use super::Manifests;
use crate::crd::{Change, Impact, evolve};
use crate::error::Result;

/// A difference between an older definition and that of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evolved {
    /// The name of the definition.
    pub definition: String,
    /// The difference.
    pub change: Change,
}

impl fmt::Display for Evolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.definition, self.change)
    }
}

impl Manifests {
    /// Returns what changes for those who use these older definitions, in their order; see [`evolve()`].
    ///
    /// In a test, compare with the definitions of the last release:
    ///
    /// ```
    /// use krate::Operator;
    /// use krate::crd::Impact;
    ///
    /// let released = []; // Read from a file that is kept.
    /// let changes = Operator::new().manifests()?.evolve(&released)?;
    /// assert!(changes.iter().all(|evolved| evolved.change.impact < Impact::Breaking));
    /// # Ok::<(), krate::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a definition of the operator cannot be read, which is a mistake in krate.
    pub fn evolve(&self, old: &[CustomResourceDefinition]) -> Result<Vec<Evolved>> {
        let mut all = Vec::new();
        for old in old {
            let definition = old.metadata.name.clone().unwrap_or_default();
            let new = self
                .crds()
                .iter()
                .find(|crd| crd["metadata"]["name"] == *definition);
            let changes = match new {
                Some(new) => evolve(old, &serde_json::from_value(new.clone())?),
                None => vec![gone()],
            };
            all.extend(changes.into_iter().map(|change| Evolved {
                definition: definition.clone(),
                change,
            }));
        }
        Ok(all)
    }
}

fn gone() -> Change {
    Change {
        version: None,
        path: String::new(),
        impact: Impact::Breaking,
        message: "the operator has no such kind: if its definition is deleted, all its objects are. Keep the kind with `Operator::definition`, or delete it where nobody has objects of it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::Operator;
    use crate::prelude::*;

    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Zoo",
        namespaced,
        crate = "crate"
    )]
    struct ZooSpec {
        size: i32,
    }

    #[test]
    fn older_definitions_are_found_by_name() {
        let manifests = Operator::new().definition::<Zoo>().manifests().unwrap();
        let mut old = Zoo::try_crd().unwrap();
        assert_eq!(manifests.evolve(&[old.clone()]).unwrap(), []);
        old.spec.scope = "Cluster".to_owned();
        let mut other = old.clone();
        other.metadata.name = Some("apes.example.com".to_owned());
        let changes = manifests.evolve(&[other, old]).unwrap();
        let shown: Vec<String> = changes.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "apes.example.com: breaking: the operator has no such kind: if its definition is deleted, all its objects are. Keep the kind with `Operator::definition`, or delete it where nobody has objects of it",
                "zoos.example.com: breaking: the scope changes from `Cluster` to `Namespaced`: that is another resource. Change it back, or make another kind",
            ]
        );
    }
}
