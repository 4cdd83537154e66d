//! The kinds a reconciler owns, as values, so that children of any of them can be found and pruned.

use std::any::TypeId;
use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::direct::delete_any_version;
use super::owner::controller_of;
use crate::cache::ObjectKey;
use crate::context::{Filter, Run, list};
use crate::error::Result;
use crate::reconcile::Object;

/// The kinds a reconciler owns; filled by `#[derive(Reconciler)]` from `owns(..)`.
#[derive(Clone, Default)]
pub struct OwnedKinds(Vec<OwnedKind>);

#[derive(Clone, Copy)]
struct OwnedKind {
    kind: fn() -> String,
    prune: for<'a> fn(&'a Run, &'a Family) -> Pruning<'a>,
}

type Pruning<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// The children an owner shall have.
#[derive(Debug)]
pub(super) struct Family {
    /// The owner's uid.
    pub(super) uid: String,
    /// The namespace to look for children in; `None` is everywhere, for an owner without a namespace.
    pub(super) namespace: Option<String>,
    /// Those that were just applied.
    pub(super) keep: BTreeSet<(TypeId, ObjectKey)>,
}

impl OwnedKinds {
    /// Returns no kinds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a kind.
    #[must_use]
    pub fn with<K: Object>(mut self) -> Self {
        self.0.push(OwnedKind {
            kind: || K::kind(&()).into_owned(),
            prune: |run, family| Box::pin(prune::<K>(run, family)),
        });
        self
    }

    /// Deletes every child that is not to be kept.
    pub(super) async fn prune(&self, run: &Run, family: &Family) -> Result<()> {
        for owned in &self.0 {
            (owned.prune)(run, family).await?;
        }
        Ok(())
    }
}

impl fmt::Debug for OwnedKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|owned| (owned.kind)()))
            .finish()
    }
}

async fn prune<K: Object>(run: &Run, family: &Family) -> Result<()> {
    for child in children::<K>(run, family).await? {
        if is_orphaned(child.as_ref(), family) {
            delete_any_version(run, child.as_ref()).await?;
        }
    }
    Ok(())
}

/// Returns objects that may be children: by the owner index of the cache, or else all there are.
async fn children<K: Object>(run: &Run, family: &Family) -> Result<Vec<Arc<K>>> {
    if let Some(store) = run.store::<K>() {
        return Ok(store.owned_by(&family.uid));
    }
    let everywhere = Filter::all();
    let filter = match &family.namespace {
        Some(namespace) => everywhere.in_namespace(namespace),
        None => everywhere,
    };
    list(run, &filter).await
}

/// Returns true if an object is controlled by the owner, not to be kept, and not on its way out already.
fn is_orphaned<K: Object>(child: &K, family: &Family) -> bool {
    let is_ours = controller_of(child.meta()).is_some_and(|controller| controller.uid == family.uid);
    let is_kept = family.keep.contains(&(TypeId::of::<K>(), ObjectKey::of(child)));
    is_ours && !is_kept && child.meta().deletion_timestamp.is_none()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Secret};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::{OwnerReference, Time};
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    fn child(name: &str, owner: &str, controller: bool) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.name = Some(name.into());
        object.metadata.namespace = Some("default".into());
        object.metadata.owner_references = Some(vec![OwnerReference {
            uid: owner.into(),
            controller: Some(controller),
            ..OwnerReference::default()
        }]);
        object
    }

    #[test]
    fn only_own_children_that_are_not_kept_are_pruned() {
        let kept = (
            TypeId::of::<ConfigMap>(),
            ObjectKey::namespaced("default", "kept"),
        );
        let other_kind = (
            TypeId::of::<Secret>(),
            ObjectKey::namespaced("default", "dropped"),
        );
        let family = Family {
            uid: "u1".into(),
            namespace: None,
            keep: [kept, other_kind].into(),
        };
        let check = |object: ConfigMap, expected: bool| assert_eq!(is_orphaned(&object, &family), expected);
        check(child("dropped", "u1", true), true);
        check(child("kept", "u1", true), false);
        check(child("dropped", "u2", true), false);
        check(child("dropped", "u1", false), false);
        let mut leaving = child("dropped", "u1", true);
        leaving.metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
        check(leaving, false);
    }

    #[test]
    fn owned_kinds_show_their_names() {
        let kinds = OwnedKinds::new().with::<ConfigMap>().with::<Secret>();
        assert_eq!(format!("{kinds:?}"), r#"["ConfigMap", "Secret"]"#);
    }
}
