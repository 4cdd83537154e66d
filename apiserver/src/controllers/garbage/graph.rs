//! Who owns whom, by uid, kept up to date change by change.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::object::Meta;

/// What the collector knows of the objects of a server.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: BTreeMap<String, Node>,
    /// Dependents by the uid of their owner, whether or not the owner exists.
    dependents: BTreeMap<String, BTreeSet<String>>,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Where it is read, patched and deleted.
    pub(super) path: String,
    pub(super) namespace: String,
    pub(super) owners: Vec<Owner>,
    pub(super) deletion: Deletion,
}

/// One owner reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) api_version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) uid: String,
    /// The owner's foreground deletion waits for this dependent.
    pub(super) blocks: bool,
}

/// Whether an object is being deleted, and what becomes of its dependents first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deletion {
    /// It is not.
    None,
    /// It is; its dependents are looked at when it is gone.
    Background,
    /// It stays until its dependents are gone.
    Foreground,
    /// It stays until its dependents have forgotten it.
    Orphan,
}

impl Graph {
    /// Takes in the state of an object; returns the uids to look at because of it.
    pub(super) fn observe(&mut self, path: String, object: &Value) -> Vec<String> {
        let uid = object.uid();
        let node = Node {
            path,
            namespace: object.namespace().to_owned(),
            owners: object.owner_references().iter().map(Owner::read).collect(),
            deletion: Deletion::of(object),
        };
        let old = self.nodes.insert(uid.to_owned(), node.clone());
        let old_owners = old.as_ref().map(|old| old.owners.as_slice()).unwrap_or_default();
        self.unlink(uid, old_owners);
        self.link(uid, &node.owners);
        let mut due = Vec::new();
        let owners_changed = old_owners != node.owners;
        if owners_changed && !node.owners.is_empty() {
            due.push(uid.to_owned());
        }
        let deletion_changed = old.as_ref().map(|old| old.deletion) != Some(node.deletion);
        match node.deletion {
            Deletion::Foreground if deletion_changed => {
                due.extend(self.dependents(uid));
                due.push(uid.to_owned());
            }
            Deletion::Orphan if deletion_changed => due.push(uid.to_owned()),
            _ => {}
        }
        if owners_changed {
            due.extend(self.waiting_owners(old_owners));
        }
        due
    }

    /// Takes in that an object is gone; returns the uids to look at because of it.
    pub(super) fn forget(&mut self, uid: &str) -> Vec<String> {
        let Some(node) = self.nodes.remove(uid) else {
            return Vec::new();
        };
        self.unlink(uid, &node.owners);
        let mut due = self.dependents(uid);
        due.extend(self.waiting_owners(&node.owners));
        due
    }

    pub(super) fn node(&self, uid: &str) -> Option<&Node> {
        self.nodes.get(uid)
    }

    /// Returns the uids of an object's dependents.
    pub(super) fn dependents(&self, uid: &str) -> Vec<String> {
        self.dependents.get(uid).into_iter().flatten().cloned().collect()
    }

    /// Returns the uids of the dependents that keep `uid` from going in the foreground.
    pub(super) fn blockers(&self, uid: &str) -> Vec<String> {
        let blocks = |dependent: &String| {
            let node = self.nodes.get(dependent);
            node.is_some_and(|node| node.owners.iter().any(|owner| owner.uid == uid && owner.blocks))
        };
        self.dependents(uid).into_iter().filter(blocks).collect()
    }

    /// Owners that wait in the foreground for one of these references to end.
    fn waiting_owners(&self, owners: &[Owner]) -> Vec<String> {
        let waits = |uid: &str| {
            self.nodes
                .get(uid)
                .is_some_and(|node| node.deletion == Deletion::Foreground)
        };
        let uids = owners.iter().map(|owner| owner.uid.clone());
        uids.filter(|uid| waits(uid)).collect()
    }

    fn link(&mut self, uid: &str, owners: &[Owner]) {
        for owner in owners {
            let list = self.dependents.entry(owner.uid.clone()).or_default();
            list.insert(uid.to_owned());
        }
    }

    fn unlink(&mut self, uid: &str, owners: &[Owner]) {
        for owner in owners {
            if let Some(list) = self.dependents.get_mut(&owner.uid) {
                list.remove(uid);
                if list.is_empty() {
                    self.dependents.remove(&owner.uid);
                }
            }
        }
    }
}

impl Owner {
    pub(super) fn read(value: &Value) -> Self {
        let text = |field: &str| {
            value
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        Self {
            api_version: text("apiVersion"),
            kind: text("kind"),
            name: text("name"),
            uid: text("uid"),
            blocks: value.get("blockOwnerDeletion") == Some(&Value::Bool(true)),
        }
    }
}

impl Deletion {
    pub(super) fn of(object: &Value) -> Self {
        if !object.is_deleting() {
            return Self::None;
        }
        let finalizers = object.finalizers();
        if finalizers.contains(&"foregroundDeletion") {
            Self::Foreground
        } else if finalizers.contains(&"orphan") {
            Self::Orphan
        } else {
            Self::Background
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(uid: &str, owners: &[&str], finalizers: &[&str]) -> Value {
        let owners: Vec<Value> = owners
            .iter()
            .map(|uid| json!({"apiVersion": "v1", "kind": "ConfigMap", "name": uid, "uid": uid, "blockOwnerDeletion": true}))
            .collect();
        let mut object =
            json!({"metadata": {"uid": uid, "ownerReferences": owners, "finalizers": finalizers}});
        if !finalizers.is_empty() {
            object["metadata"]["deletionTimestamp"] = json!("now");
        }
        object
    }

    fn observe(graph: &mut Graph, uid: &str, owners: &[&str], finalizers: &[&str]) -> Vec<String> {
        graph.observe(format!("/{uid}"), &object(uid, owners, finalizers))
    }

    #[test]
    fn a_new_dependent_is_looked_at_once() {
        let mut graph = Graph::default();
        assert!(observe(&mut graph, "p", &[], &[]).is_empty());
        assert_eq!(observe(&mut graph, "c", &["p"], &[]), ["c"]);
        assert!(observe(&mut graph, "c", &["p"], &[]).is_empty());
        assert_eq!(observe(&mut graph, "c", &["p", "q"], &[]), ["c"]);
    }

    #[test]
    fn dependents_are_looked_at_when_the_owner_goes() {
        let mut graph = Graph::default();
        observe(&mut graph, "c2", &["p"], &[]);
        observe(&mut graph, "c1", &["p"], &[]);
        observe(&mut graph, "p", &[], &[]);
        assert_eq!(graph.forget("p"), ["c1", "c2"]);
        assert!(graph.forget("p").is_empty());
    }

    #[test]
    fn a_foreground_deletion_looks_at_dependents_and_waits_for_them() {
        let mut graph = Graph::default();
        observe(&mut graph, "p", &[], &[]);
        observe(&mut graph, "c", &["p"], &[]);
        assert_eq!(observe(&mut graph, "p", &[], &["foregroundDeletion"]), ["c", "p"]);
        assert_eq!(graph.blockers("p"), ["c"]);
        assert_eq!(graph.forget("c"), ["p"]);
        assert!(graph.blockers("p").is_empty());
    }

    #[test]
    fn a_waiting_owner_is_looked_at_when_a_dependent_lets_go() {
        let mut graph = Graph::default();
        observe(&mut graph, "p", &[], &["foregroundDeletion"]);
        observe(&mut graph, "c", &["p"], &[]);
        assert_eq!(observe(&mut graph, "c", &[], &[]), ["p"]);
    }

    #[test]
    fn an_orphaning_owner_is_looked_at_itself() {
        let mut graph = Graph::default();
        observe(&mut graph, "p", &[], &[]);
        observe(&mut graph, "c", &["p"], &[]);
        assert_eq!(observe(&mut graph, "p", &[], &["orphan"]), ["p"]);
    }
}
