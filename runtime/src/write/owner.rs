//! Owner references: who a child belongs to, and who may not touch it.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::core::ObjectMeta;

use crate::Kind;
use crate::cache::ObjectKey;
use crate::error::{Error, ErrorKind, Result};
use crate::reconcile::{Object, Subject};

/// Returns the reference that makes `owner` the controller of a child.
///
/// It blocks the owner's foreground deletion until the child is gone, as every controller's does.
///
/// Fails if `owner` was never stored: a reference without a uid would not name one object for certain.
pub fn owner_reference<K: Object>(owner: &K) -> Result<OwnerReference> {
    reference_to(&Kind::of::<K>(), owner)
}

/// Returns the reference that makes an owner of a kind the controller of a child.
pub(super) fn reference_to<K: Subject>(kind: &Kind, owner: &K) -> Result<OwnerReference> {
    let meta = owner.meta();
    let (Some(name), Some(uid)) = (meta.name.clone(), meta.uid.clone()) else {
        return Err(Error::terminal(Error::new(format!(
            "{kind} has no uid: only an object read from the API server can own others"
        ))));
    };
    Ok(OwnerReference {
        api_version: kind.api_version(),
        kind: kind.kind().to_owned(),
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

/// An object of the name of a child is there and belongs to nobody, so it was left alone; the kind of the error is
/// [`ErrorKind::Unowned`].
///
/// It may be somebody's, made by hand: taken over it would be changed now, and deleted with its owner. Say so with
/// `cx.apply(..).adopt()` if that is what should happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BelongsToNobody {
    /// The kind of the object.
    pub kind: String,
    /// The object.
    pub object: ObjectKey,
}

impl fmt::Display for BelongsToNobody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} `{}` is there already and belongs to nobody, so it was left alone; help: delete it, or take it over \
             with `.adopt()`",
            self.kind, self.object
        )
    }
}

impl std::error::Error for BelongsToNobody {}

/// An owner's claim on its children.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) uid: String,
    /// True if an object that belongs to nobody is taken over.
    pub(super) adopt: bool,
}

impl Claim {
    /// Refuses an object that belongs to another, or to nobody.
    pub(super) fn check(&self, kind: &Kind, key: &ObjectKey, meta: &ObjectMeta) -> Result<()> {
        let is_ours = meta
            .owner_references
            .iter()
            .flatten()
            .any(|reference| reference.uid == self.uid);
        match controller_of(meta) {
            Some(other) if other.uid != self.uid => Err(Error::of_kind(
                ErrorKind::Controlled,
                ControlledByAnother {
                    kind: kind.kind().to_owned(),
                    object: key.clone(),
                    controller_kind: other.kind.clone(),
                    controller_name: other.name.clone(),
                },
            )),
            None if !is_ours && !self.adopt => Err(Error::of_kind(
                ErrorKind::Unowned,
                BelongsToNobody {
                    kind: kind.kind().to_owned(),
                    object: key.clone(),
                },
            )),
            _ => Ok(()),
        }
    }
}

/// Gives a child its place beside its owner: the owner's namespace, unless it names one itself.
///
/// Fails where Kubernetes would take the child for an orphan and collect it: an owner in a namespace cannot own
/// what is cluster-scoped or in another namespace.
pub(super) fn place(
    (owner_kind, owner): (&Kind, &ObjectMeta),
    (kind, child): (&Kind, &mut ObjectMeta),
) -> Result<()> {
    let misplaced = |child: &ObjectMeta, why: &str| {
        Err(Error::terminal(Error::new(format!(
            "{kind} `{}` cannot be owned by a {owner_kind}: it {why}",
            child.name.as_deref().unwrap_or_default(),
        ))))
    };
    let home = owner.namespace.clone();
    if kind.is_cluster_scoped() {
        return match home {
            Some(_) => misplaced(child, "is cluster-scoped"),
            None => Ok(()),
        };
    }
    match (home, &child.namespace) {
        (Some(home), None) => child.namespace = Some(home),
        (Some(home), Some(named)) if home != *named => return misplaced(child, "is in another namespace"),
        (None, None) => return misplaced(child, "names no namespace"),
        (Some(_) | None, Some(_)) => {}
    }
    Ok(())
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

    /// Places a child under an owner, both of kinds known at compile time.
    fn place<O: Object, K: Object>(owner: &O, child: &mut K) -> Result<()> {
        let kinds = (Kind::of::<O>(), Kind::of::<K>());
        super::place((&kinds.0, owner.meta()), (&kinds.1, child.meta_mut()))
    }

    fn check(child: &ConfigMap, uid: &str, adopt: bool) -> Result<()> {
        let claim = Claim {
            uid: uid.into(),
            adopt,
        };
        claim.check(&Kind::of::<ConfigMap>(), &ObjectKey::of(child), &child.metadata)
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
        assert!(check(&child, "u1", false).is_ok());
        let error = check(&child, "u9", true).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Controlled);
        assert_eq!(
            error.to_string(),
            "ConfigMap `here/child` is controlled by Secret `owner`"
        );
        assert!(error.downcast_ref::<ControlledByAnother>().is_some());
    }

    #[test]
    fn an_object_that_belongs_to_nobody_is_taken_over_on_request_only() {
        let mut child = config_map(Some("here"));
        let error = check(&child, "u1", false).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unowned);
        assert!(error.to_string().contains("`.adopt()`"), "{error}");
        assert!(check(&child, "u1", true).is_ok());
        let mut reference = owner_reference(&secret()).unwrap();
        reference.controller = None;
        child.metadata.owner_references = Some(vec![reference]);
        assert!(
            check(&child, "u1", false).is_ok(),
            "it is ours, if not as its controller"
        );
        assert!(check(&child, "u2", false).is_err());
    }
}
