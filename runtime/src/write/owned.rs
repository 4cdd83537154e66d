//! The kinds a reconciler owns, as values, so that children of any of them can be found and pruned.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use kube::core::{DynamicObject, ObjectMeta, PartialObjectMeta};

use super::direct::delete_any_version;
use super::owner::controller_of;
use crate::Kind;
use crate::cache::ObjectKey;
use crate::context::{Filter, Run, list};
use crate::error::Result;
use crate::reconcile::{Object, Subject};

/// The kinds a reconciler owns; filled by `#[derive(Reconciler)]` from `owns(..)`.
#[derive(Clone, Default)]
pub struct OwnedKinds(Vec<OwnedKind>);

#[derive(Clone)]
struct OwnedKind {
    kind: Kind,
    prune: for<'a> fn(&'a Run, &'a Kind, &'a Family) -> Pruning<'a>,
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
    pub(super) keep: BTreeSet<(Kind, ObjectKey)>,
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
            kind: Kind::of::<K>(),
            prune: |run, kind, family| Box::pin(prune::<K>(run, kind, family)),
        });
        self
    }

    /// Adds a kind that is known at run time only.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.0.push(OwnedKind {
            kind,
            prune: |run, kind, family| Box::pin(prune::<DynamicObject>(run, kind, family)),
        });
        self
    }

    /// Returns true if a kind is among them.
    pub(super) fn contains(&self, kind: &Kind) -> bool {
        self.0.iter().any(|owned| owned.kind == *kind)
    }

    /// Deletes every child that is not to be kept.
    pub(super) async fn prune(&self, run: &Run, family: &Family) -> Result<()> {
        for owned in &self.0 {
            (owned.prune)(run, &owned.kind, family).await?;
        }
        Ok(())
    }
}

impl fmt::Debug for OwnedKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|owned| owned.kind.kind()))
            .finish()
    }
}

async fn prune<K: Subject>(run: &Run, kind: &Kind, family: &Family) -> Result<()> {
    if let Some(store) = run.store::<K>(kind) {
        return delete_orphans(run, kind, family, store.owned_by(&family.uid)).await;
    }
    // The metadata is all it takes.
    if let Some(store) = run.store::<PartialObjectMeta<K>>(kind) {
        return delete_orphans(run, kind, family, store.owned_by(&family.uid)).await;
    }
    let everywhere = Filter::all();
    let filter = match &family.namespace {
        Some(namespace) => everywhere.in_namespace(namespace),
        None => everywhere,
    };
    let children = list::<PartialObjectMeta<K>>(run, kind, &filter).await?;
    delete_orphans(run, kind, family, children).await
}

async fn delete_orphans<K: Subject>(
    run: &Run,
    kind: &Kind,
    family: &Family,
    children: Vec<Arc<K>>,
) -> Result<()> {
    for child in children {
        if is_orphaned(kind, child.meta(), family) {
            delete_any_version(run, kind, child.as_ref()).await?;
        }
    }
    Ok(())
}

/// Returns true if an object is controlled by the owner, not to be kept, and not on its way out already.
fn is_orphaned(kind: &Kind, child: &ObjectMeta, family: &Family) -> bool {
    let is_ours = controller_of(child).is_some_and(|controller| controller.uid == family.uid);
    let name = child.name.as_deref().unwrap_or_default();
    let key = ObjectKey::new(child.namespace.as_deref(), name);
    let is_kept = family.keep.contains(&(kind.clone(), key));
    is_ours && !is_kept && child.deletion_timestamp.is_none()
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
        let kind = Kind::of::<ConfigMap>();
        let kept = (kind.clone(), ObjectKey::namespaced("default", "kept"));
        let other_kind = (Kind::of::<Secret>(), ObjectKey::namespaced("default", "dropped"));
        let family = Family {
            uid: "u1".into(),
            namespace: None,
            keep: [kept, other_kind].into(),
        };
        let check = |object: ConfigMap, expected: bool| {
            assert_eq!(is_orphaned(&kind, &object.metadata, &family), expected);
        };
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
