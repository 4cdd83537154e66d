//! From a child to its owners.
//!
//! An owner is recognized by group, kind and uid. Not by version: a child written by an older release still names the
//! older version. The owner's namespace is its own – the child's if the kind has namespaces, none if it does not –
//! so that one owner has one key, wherever its children live.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::Kind;
use crate::cache::{Cached, ObjectKey, Store};

/// Returns the owners of a child that exist with the very uid the child names.
///
/// One that is not known is left out: when it appears, that starts a run by itself.
pub(super) fn live_owners<O: Cached, C: Cached>(owners: &Store<O>, child: &C) -> Vec<ObjectKey> {
    let named = named_owners(owners.kind(), child).into_iter();
    let live = named.filter(|(key, uid)| owners.is_here(key, uid));
    live.map(|(key, _)| key).collect()
}

/// Returns the key and uid of every owner of a kind that a child names.
fn named_owners<C: Cached>(kind: &Kind, child: &C) -> Vec<(ObjectKey, String)> {
    let meta = child.meta();
    let namespace = meta.namespace.as_deref().filter(|_| !kind.is_cluster_scoped());
    let owners = meta
        .owner_references
        .iter()
        .flatten()
        .filter(|owner| names_kind(kind, owner));
    owners
        .map(|owner| (ObjectKey::new(namespace, &owner.name), owner.uid.clone()))
        .collect()
}

fn names_kind(kind: &Kind, owner: &OwnerReference) -> bool {
    let group = owner.api_version.split_once('/').map_or("", |(group, _)| group);
    group == kind.group() && owner.kind == kind.kind()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
    use k8s_openapi::api::core::v1::{Node, PersistentVolume, Pod, Secret};
    use serde_json::json;

    use super::*;
    use crate::cache::Known;

    fn child(api_version: &str, kind: &str) -> Secret {
        serde_json::from_value(json!({"metadata": {
            "name": "child", "namespace": "home",
            "ownerReferences": [{"apiVersion": api_version, "kind": kind, "name": "owner", "uid": "u1"}],
        }}))
        .unwrap()
    }

    #[track_caller]
    fn check<O: Known>(api_version: &str, kind: &str, expected: &[&str]) {
        let found = named_owners(&Kind::of::<O>(), &child(api_version, kind));
        let keys: Vec<String> = found.iter().map(|(key, uid)| format!("{key}#{uid}")).collect();
        assert_eq!(keys, expected, "{api_version} {kind}");
    }

    // F13: kube compares the version too, and loses the old children after an upgrade.
    #[test]
    fn an_owner_is_found_under_any_version_of_its_group() {
        check::<Deployment>("apps/v1", "Deployment", &["home/owner#u1"]);
        check::<Deployment>("apps/v1beta1", "Deployment", &["home/owner#u1"]);
    }

    #[test]
    fn another_kind_or_group_is_no_owner() {
        check::<Deployment>("apps/v1", "ReplicaSet", &[]);
        check::<ReplicaSet>("apps/v1", "Deployment", &[]);
        check::<Deployment>("extensions/v1", "Deployment", &[]);
        check::<Deployment>("v1", "Deployment", &[]);
        check::<Pod>("v1", "Pod", &["home/owner#u1"]);
    }

    // F12: with the child's namespace in it, one owner would have as many keys as namespaces.
    #[test]
    fn a_cluster_scoped_owner_has_no_namespace() {
        check::<PersistentVolume>("v1", "PersistentVolume", &["owner#u1"]);
        check::<Node>("v1", "Node", &["owner#u1"]);
    }
}
