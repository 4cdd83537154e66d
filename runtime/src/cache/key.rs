//! The key of an object within its kind: namespace and name, nothing that changes.

use std::fmt;
use std::sync::Arc;

use kube::Resource;

/// The namespace and name of an object; one shared string, so that a clone costs a counter.
///
/// The key of a cluster-scoped object has no namespace. Keys order by namespace, then by name.
///
/// ```
/// use krate::cache::ObjectKey;
///
/// let key = ObjectKey::namespaced("default", "web");
/// assert_eq!(key.namespace(), Some("default"));
/// assert_eq!(key.to_string(), "default/web");
/// assert_eq!(ObjectKey::cluster("node-1").namespace(), None);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    // Namespace, a null character, name: plain comparison of the text then orders by namespace first.
    text: Arc<str>,
}

const SEPARATOR: char = '\0';

impl ObjectKey {
    /// Returns the key of an object in a namespace.
    #[must_use]
    pub fn namespaced(namespace: &str, name: &str) -> Self {
        Self {
            text: format!("{namespace}{SEPARATOR}{name}").into(),
        }
    }

    /// Returns the key of a cluster-scoped object.
    #[must_use]
    pub fn cluster(name: &str) -> Self {
        Self::namespaced("", name)
    }

    /// Returns the key of a name in a namespace, if there is one.
    #[must_use]
    pub fn new(namespace: Option<&str>, name: &str) -> Self {
        Self::namespaced(namespace.unwrap_or_default(), name)
    }

    /// Returns the key of an object; one that was never sent to a server may have an empty name.
    #[must_use]
    pub fn of<K: Resource>(object: &K) -> Self {
        let meta = object.meta();
        Self::new(
            meta.namespace.as_deref(),
            meta.name.as_deref().unwrap_or_default(),
        )
    }

    /// Returns the namespace, `None` if the object is cluster-scoped.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        Some(self.parts().0).filter(|namespace| !namespace.is_empty())
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.text
            .split_once(SEPARATOR)
            .expect("every constructor writes the separator")
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            ("", name) => f.write_str(name),
            (namespace, name) => write!(f, "{namespace}/{name}"),
        }
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_order_before_names() {
        let mut keys = [
            ObjectKey::namespaced("a-b", "c"),
            ObjectKey::namespaced("a", "z"),
            ObjectKey::cluster("m"),
            ObjectKey::namespaced("a", "b"),
        ];
        keys.sort();
        let shown: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["m", "a/b", "a/z", "a-b/c"]);
    }

    #[test]
    fn a_cluster_scoped_key_differs_from_every_namespaced_one() {
        assert_ne!(ObjectKey::cluster("a"), ObjectKey::namespaced("a", "a"));
        assert_eq!(ObjectKey::new(None, "a"), ObjectKey::cluster("a"));
    }
}
