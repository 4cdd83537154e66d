//! What the workload controllers know: the objects they follow, by name and by who controls them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::object::{Meta, ObjectRef};

/// The kinds the workload controllers follow, in the order they are listed at start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Node,
    Service,
    Deployment,
    ReplicaSet,
    StatefulSet,
    DaemonSet,
    Job,
    ControllerRevision,
    EndpointSlice,
    Endpoints,
    Pod,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::Node,
        Self::Service,
        Self::Deployment,
        Self::ReplicaSet,
        Self::StatefulSet,
        Self::DaemonSet,
        Self::Job,
        Self::ControllerRevision,
        Self::EndpointSlice,
        Self::Endpoints,
        Self::Pod,
    ];

    pub(super) fn api_version(self) -> &'static str {
        match self {
            Self::Node | Self::Service | Self::Endpoints | Self::Pod => "v1",
            Self::EndpointSlice => "discovery.k8s.io/v1",
            Self::Job => "batch/v1",
            _ => "apps/v1",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Node => "Node",
            Self::Service => "Service",
            Self::Deployment => "Deployment",
            Self::ReplicaSet => "ReplicaSet",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::Job => "Job",
            Self::ControllerRevision => "ControllerRevision",
            Self::EndpointSlice => "EndpointSlice",
            Self::Endpoints => "Endpoints",
            Self::Pod => "Pod",
        }
    }

    /// Returns the kind of this name, if it is followed.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn plural(self) -> &'static str {
        match self {
            Self::Node => "nodes",
            Self::Service => "services",
            Self::Deployment => "deployments",
            Self::ReplicaSet => "replicasets",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
            Self::Job => "jobs",
            Self::ControllerRevision => "controllerrevisions",
            Self::EndpointSlice => "endpointslices",
            Self::Endpoints => "endpoints",
            Self::Pod => "pods",
        }
    }

    fn root(self) -> String {
        match self.api_version() {
            "v1" => "/api/v1".to_owned(),
            version => format!("/apis/{version}"),
        }
    }

    /// Returns the path of all objects of the kind.
    pub(super) fn everywhere(self) -> String {
        format!("{}/{}", self.root(), self.plural())
    }

    /// Returns the path of the objects in a namespace.
    pub(super) fn inside(self, namespace: &str) -> String {
        format!("{}/namespaces/{namespace}/{}", self.root(), self.plural())
    }
}

/// One object, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn of(kind: Kind, object: &Value) -> Self {
        Self {
            kind,
            namespace: object.namespace().to_owned(),
            name: object.name().to_owned(),
        }
    }

    /// Returns the path of the object.
    pub(super) fn path(&self) -> String {
        if self.namespace.is_empty() {
            format!("{}/{}", self.kind.everywhere(), self.name)
        } else {
            format!("{}/{}", self.kind.inside(&self.namespace), self.name)
        }
    }
}

/// The followed objects.
#[derive(Debug, Default)]
pub(super) struct World {
    objects: BTreeMap<Key, ObjectRef>,
    controlled: BTreeMap<String, BTreeSet<Key>>,
}

impl World {
    /// Takes in the state of an object, unless a newer one is known; returns what was known.
    pub(super) fn put(&mut self, kind: Kind, object: ObjectRef) -> Option<ObjectRef> {
        let key = Key::of(kind, object.value());
        let known = self.objects.get(&key);
        if known.is_some_and(|known| known.revision() >= object.revision()) {
            return known.cloned();
        }
        let old = self.remove(&key);
        if let Some(uid) = controller_uid(object.value()) {
            self.controlled
                .entry(uid.to_owned())
                .or_default()
                .insert(key.clone());
        }
        self.objects.insert(key, object);
        old
    }

    /// Takes in that an object is gone.
    pub(super) fn remove(&mut self, key: &Key) -> Option<ObjectRef> {
        let old = self.objects.remove(key)?;
        if let Some(uid) = controller_uid(old.value())
            && let Some(keys) = self.controlled.get_mut(uid)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.controlled.remove(uid);
            }
        }
        Some(old)
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key).map(|object| object.value())
    }

    /// Returns the objects of `kind` that the object with `uid` controls, in the order of their names.
    pub(super) fn controlled_by(&self, uid: &str, kind: Kind) -> Vec<&Value> {
        let keys = self.controlled.get(uid).into_iter().flatten();
        keys.filter(|key| key.kind == kind)
            .filter_map(|key| self.get(key))
            .collect()
    }

    /// Returns the objects of `kind` in a namespace; in the empty one those of the cluster.
    pub(super) fn inside(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &Value> {
        let first = Key {
            kind,
            namespace: namespace.to_owned(),
            name: String::new(),
        };
        self.objects
            .range(first..)
            .take_while(move |(key, _)| key.kind == kind && key.namespace == namespace)
            .map(|(_, object)| object.value())
    }

    /// Returns the keys of all objects of `kind`.
    pub(super) fn keys(&self, kind: Kind) -> Vec<Key> {
        self.objects
            .keys()
            .filter(|key| key.kind == kind)
            .cloned()
            .collect()
    }
}

/// Returns the uid of the controller an object names.
pub(super) fn controller_uid(object: &Value) -> Option<&str> {
    controller(object)?.get("uid")?.as_str()
}

/// Returns the owner reference of the controller of an object.
pub(super) fn controller(object: &Value) -> Option<&Value> {
    let owners = object.owner_references().iter();
    owners
        .into_iter()
        .find(|owner| owner.get("controller") == Some(&Value::Bool(true)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::object::Object;

    fn pod(name: &str, owner: &str, revision: u64) -> ObjectRef {
        let owner = json!([{"uid": owner, "controller": true}]);
        let value = json!({"metadata": {"name": name, "namespace": "a", "ownerReferences": owner}});
        Arc::new(Object::new(value, revision))
    }

    fn names(world: &World, owner: &str) -> Vec<String> {
        let pods = world.controlled_by(owner, Kind::Pod);
        pods.into_iter().map(|pod| pod.name().to_owned()).collect()
    }

    #[test]
    fn objects_are_found_by_their_controller() {
        let mut world = World::default();
        for (name, owner) in [("b", "u1"), ("a", "u1"), ("c", "u2")] {
            world.put(Kind::Pod, pod(name, owner, 1));
        }
        assert_eq!(names(&world, "u1"), ["a", "b"]);
        world.put(Kind::Pod, pod("a", "u2", 2));
        assert_eq!(names(&world, "u1"), ["b"]);
        world.remove(&Key::of(Kind::Pod, pod("c", "", 0).value()));
        assert_eq!(names(&world, "u2"), ["a"]);
    }

    #[test]
    fn an_older_state_does_not_replace_a_newer_one() {
        let mut world = World::default();
        world.put(Kind::Pod, pod("a", "u1", 5));
        world.put(Kind::Pod, pod("a", "u2", 4));
        assert_eq!(names(&world, "u1"), ["a"]);
    }

    #[test]
    fn paths_follow_group_and_namespace() {
        let check = |kind, namespace: &str, expected: &str| {
            let (namespace, name) = (namespace.to_owned(), "x".to_owned());
            assert_eq!(
                Key {
                    kind,
                    namespace,
                    name
                }
                .path(),
                expected
            );
        };
        check(Kind::Node, "", "/api/v1/nodes/x");
        check(Kind::Deployment, "a", "/apis/apps/v1/namespaces/a/deployments/x");
        check(Kind::Job, "a", "/apis/batch/v1/namespaces/a/jobs/x");
    }
}
