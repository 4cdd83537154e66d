//! How a reconciler names the object it wants to read.

use crate::Kind;
use crate::cache::ObjectKey;
use crate::error::{Error, Result};

/// A name, with or without a namespace.
///
/// A bare name means the namespace of the object that is being reconciled, which is where almost everything is.
///
/// ```
/// use krate::context::ObjectName;
///
/// let beside: ObjectName = "credentials".into();
/// let elsewhere: ObjectName = ("kube-system", "credentials").into();
/// assert_ne!(beside, elsewhere);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    namespace: Option<String>,
    name: String,
}

impl ObjectName {
    /// Returns the key of an object of a kind, with `home` for a namespace that was left out.
    pub(super) fn resolve(self, kind: &Kind, home: Option<&str>) -> Result<ObjectKey> {
        if kind.is_cluster_scoped() {
            return Ok(ObjectKey::cluster(&self.name));
        }
        match self.namespace.as_deref().or(home) {
            Some(namespace) => Ok(ObjectKey::namespaced(namespace, &self.name)),
            None => Err(Error::terminal(Error::new(format!(
                "{kind} `{}` needs a namespace, as in `(\"default\", \"{}\")`: what is reconciled has none",
                self.name, self.name
            )))),
        }
    }
}

impl From<&str> for ObjectName {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

impl From<String> for ObjectName {
    fn from(name: String) -> Self {
        Self {
            namespace: None,
            name,
        }
    }
}

impl From<&String> for ObjectName {
    fn from(name: &String) -> Self {
        name.as_str().into()
    }
}

impl<N: Into<String>, M: Into<String>> From<(N, M)> for ObjectName {
    fn from((namespace, name): (N, M)) -> Self {
        Self {
            namespace: Some(namespace.into()),
            name: name.into(),
        }
    }
}

impl From<ObjectKey> for ObjectName {
    fn from(key: ObjectKey) -> Self {
        Self {
            namespace: key.namespace().map(str::to_owned),
            name: key.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Namespace, Secret};

    use super::*;

    #[test]
    fn a_bare_name_is_in_the_namespace_of_the_reconciled_object() {
        let check = |name: ObjectName, home: Option<&str>, expected: Option<&str>| {
            let key = name
                .resolve(&Kind::of::<Secret>(), home)
                .ok()
                .map(|key| key.to_string());
            assert_eq!(key.as_deref(), expected);
        };
        check("a".into(), Some("home"), Some("home/a"));
        check(("away", "a").into(), Some("home"), Some("away/a"));
        check(("away", "a").into(), None, Some("away/a"));
        check("a".into(), None, None);
    }

    #[test]
    fn a_cluster_scoped_object_has_its_name_alone() {
        let key = ObjectName::from("a")
            .resolve(&Kind::of::<Namespace>(), Some("home"))
            .unwrap();
        assert_eq!(key, ObjectKey::cluster("a"));
    }
}
