//! Owner references: who a child belongs to, and who may not touch it.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::core::ObjectMeta;

use crate::cache::ObjectKey;
use crate::error::{Error, ErrorKind, Result};
use crate::permission::is_cluster_scoped;
use crate::reconcile::Object;

/// Returns the reference that makes `owner` the controller of a child.
///
/// It blocks the owner's foreground deletion until the child is gone, as every controller's does.
///
/// Fails if `owner` was never stored: a reference without a uid would not name one object for certain.
pub fn owner_reference<K: Object>(owner: &K) -> Result<OwnerReference> {
    let meta = owner.meta();
    let (Some(name), Some(uid)) = (meta.name.clone(), meta.uid.clone()) else {
        return Err(Error::terminal(Error::new(format!(
            "{} has no uid: only an object read from the API server can own others",
            K::kind(&())
        ))));
    };
    Ok(OwnerReference {
        api_version: K::api_version(&()).into_owned(),
        kind: K::kind(&()).into_owned(),
        name,
        uid,
        controller: Some(true),
        block_owner_deletion: Some(true),
    })
}

/// Returns the reference to the controller of an object, if it has one.
#[must_use]
pub fn controller_of(meta: &ObjectMeta) -> Option<&OwnerReference> {
    meta.owner_references
        .iter()
        .flatten()
        .find(|reference| reference.controller == Some(true))
}

/// Another controller owns the object, so it was left alone; the kind of the error is
/// [`ErrorKind::Controlled`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlledByAnother {
    /// The kind of the object.
    pub kind: String,
    /// The object.
    pub object: ObjectKey,
    /// The kind of its controller.
    pub controller_kind: String,
    /// The name of its controller.
    pub controller_name: String,
}

impl fmt::Display for ControlledByAnother {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} `{}` is controlled by {} `{}`",
            self.kind, self.object, self.controller_kind, self.controller_name
        )
    }
}

impl std::error::Error for ControlledByAnother {}

/// Refuses an object that another than the owner with `uid` controls.
pub(super) fn check_controller<K: Object>(object: &K, uid: &str) -> Result<()> {
    match controller_of(object.meta()) {
        Some(other) if other.uid != uid => Err(Error::of_kind(
            ErrorKind::Controlled,
            ControlledByAnother {
                kind: K::kind(&()).into_owned(),
                object: ObjectKey::of(object),
                controller_kind: other.kind.clone(),
                controller_name: other.name.clone(),
            },
        )),
        _ => Ok(()),
    }
}

/// Gives a child its place beside its owner: the owner's namespace, unless it names one itself.
///
/// Fails where Kubernetes would take the child for an orphan and collect it: an owner in a namespace cannot own
/// what is cluster-scoped or in another namespace.
pub(super) fn place<O: Object, K: Object>(owner: &O, child: &mut K) -> Result<()> {
    let home = owner.meta().namespace.clone();
    let meta = child.meta_mut();
    if is_cluster_scoped::<K>() {
        return match home {
            Some(_) => Err(misplaced::<O, K>(meta, "is cluster-scoped")),
            None => Ok(()),
        };
    }
    match (home, &meta.namespace) {
        (Some(home), None) => meta.namespace = Some(home),
        (Some(home), Some(named)) if home != *named => {
            return Err(misplaced::<O, K>(meta, "is in another namespace"));
        }
        (None, None) => return Err(misplaced::<O, K>(meta, "names no namespace")),
        (Some(_) | None, Some(_)) => {}
    }
    Ok(())
}

fn misplaced<O: Object, K: Object>(meta: &ObjectMeta, why: &str) -> Error {
    Error::terminal(Error::new(format!(
        "{} `{}` cannot be owned by a {}: it {why}",
        K::kind(&()),
        meta.name.as_deref().unwrap_or_default(),
        O::kind(&()),
    )))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};

    use super::*;

    fn config_map(namespace: Option<&str>) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.name = Some("child".into());
        object.metadata.namespace = namespace.map(str::to_owned);
        object
    }

    fn secret() -> Secret {
        let mut object = Secret::default();
        object.metadata.name = Some("owner".into());
        object.metadata.namespace = Some("here".into());
        object.metadata.uid = Some("u1".into());
        object
    }

    fn namespace() -> Namespace {
        let mut object = Namespace::default();
        object.metadata.name = Some("owner".into());
        object.metadata.uid = Some("u2".into());
        object
    }

    #[test]
    fn a_child_lives_beside_its_owner() {
        let mut child = config_map(None);
        place(&secret(), &mut child).unwrap();
        assert_eq!(child.metadata.namespace.as_deref(), Some("here"));
    }

    #[test]
    fn a_child_that_would_be_collected_is_refused() {
        let check = |result: Result<()>, expected: &str| {
            let error = result.unwrap_err();
            assert!(error.is_terminal());
            assert_eq!(error.to_string(), expected);
        };
        check(
            place(&secret(), &mut config_map(Some("there"))),
            "ConfigMap `child` cannot be owned by a Secret: it is in another namespace",
        );
        check(
            place(&secret(), &mut namespace()),
            "Namespace `owner` cannot be owned by a Secret: it is cluster-scoped",
        );
        check(
            place(&namespace(), &mut config_map(None)),
            "ConfigMap `child` cannot be owned by a Namespace: it names no namespace",
        );
        assert!(place(&namespace(), &mut config_map(Some("there"))).is_ok());
    }

    #[test]
    fn an_owner_without_a_uid_is_refused() {
        assert!(owner_reference(&config_map(None)).unwrap_err().is_terminal());
        let reference = owner_reference(&secret()).unwrap();
        assert_eq!((reference.uid.as_str(), reference.controller), ("u1", Some(true)));
    }

    #[test]
    fn an_object_under_another_controller_is_left_alone() {
        let mut child = config_map(Some("here"));
        child.metadata.owner_references = Some(vec![owner_reference(&secret()).unwrap()]);
        assert!(check_controller(&child, "u1").is_ok());
        let error = check_controller(&child, "u9").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Controlled);
        assert_eq!(
            error.to_string(),
            "ConfigMap `here/child` is controlled by Secret `owner`"
        );
        assert!(error.downcast_ref::<ControlledByAnother>().is_some());
    }
}
