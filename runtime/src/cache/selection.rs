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
    /// The namespaces that a label selector picks, with one watch each that comes and goes with the namespace.
    Labelled(String),
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
pub(crate) enum Partition {
    /// Everything.
    Whole,
    /// What is in a namespace.
    Namespace(String),
    /// Nothing by itself: which namespaces there are to watch, as a part of the store that is complete or not.
    Choice,
}

impl Partition {
    #[cfg(test)]
    pub(crate) const WHOLE: Self = Self::Whole;

    pub(crate) fn namespace(&self) -> Option<&str> {
        match self {
            Self::Namespace(namespace) => Some(namespace),
            Self::Whole | Self::Choice => None,
        }
    }

    pub(crate) fn holds(&self, namespace: Option<&str>) -> bool {
        match self {
            Self::Whole => true,
            Self::Namespace(own) => Some(own.as_str()) == namespace,
            Self::Choice => false,
        }
    }
}

impl Selection {
    /// Returns the partitions that this selection has from the start: one per watch, or the choice of them.
    pub(crate) fn partitions(&self, cluster_scoped: bool) -> Vec<Partition> {
        match &self.namespaces {
            Namespaces::Only(names) if !cluster_scoped => {
                names.iter().cloned().map(Partition::Namespace).collect()
            }
            Namespaces::Labelled(_) if !cluster_scoped => vec![Partition::Choice],
            Namespaces::All | Namespaces::Only(_) | Namespaces::Labelled(_) => vec![Partition::Whole],
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
        assert_eq!(selection.partitions(true), [Partition::Whole]);
    }
}
