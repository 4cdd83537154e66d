//! Which objects of a kind a store holds.

use std::collections::BTreeSet;

/// The namespaces a store looks into; says nothing about cluster-scoped kinds, which have none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Namespaces {
    /// Every namespace, with one watch; needs permission for the whole cluster.
    #[default]
    All,
    /// These namespaces, with one watch each; an empty set holds nothing.
    Only(BTreeSet<String>),
}

/// Which objects of a kind a store holds: namespaces, label selector, field selector.
///
/// Two stores of one kind with the same selection are the same store.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selection {
    /// The namespaces.
    pub namespaces: Namespaces,
    /// A label selector in the server's syntax, such as `app=web,tier!=cache`.
    pub labels: Option<String>,
    /// A field selector in the server's syntax, such as `metadata.name=web`.
    pub fields: Option<String>,
}

/// The part of a selection one informer watches: a namespace, or everything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Partition(Option<String>);

impl Partition {
    pub(crate) const WHOLE: Self = Self(None);

    pub(crate) fn namespace(&self) -> Option<&str> {
        self.0.as_deref()
    }

    pub(crate) fn holds(&self, namespace: Option<&str>) -> bool {
        self.0.is_none() || self.namespace() == namespace
    }
}

impl Selection {
    /// Returns one partition per watch that this selection needs.
    pub(crate) fn partitions(&self, cluster_scoped: bool) -> Vec<Partition> {
        match &self.namespaces {
            Namespaces::Only(names) if !cluster_scoped => {
                names.iter().cloned().map(Some).map(Partition).collect()
            }
            Namespaces::All | Namespaces::Only(_) => vec![Partition::WHOLE],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_scoped_kind_ignores_namespaces() {
        let namespaces = Namespaces::Only(["a", "b"].map(String::from).into());
        let selection = Selection {
            namespaces,
            ..Selection::default()
        };
        assert_eq!(selection.partitions(false).len(), 2);
        assert_eq!(selection.partitions(true), [Partition::WHOLE]);
    }
}
