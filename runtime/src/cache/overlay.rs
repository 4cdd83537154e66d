//! What this process wrote and the watch has not shown yet: a pure structure laid over the table for reads.
//!
//! Without it a reconciler that runs right after its own write reads the state before it, and creates its children
//! twice. An entry lives until the watch has passed its version, and no longer than `patience`: then the key counts
//! as uncertain and is read live, so a lost entry costs one request and never a wrong answer. Nothing here waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::selection::Partition;
use super::{Cached, ObjectKey, ResourceVersion};

pub(super) struct Overlay<K> {
    own: BTreeMap<ObjectKey, Own<K>>,
    patience: Duration,
    expired: u64,
}

struct Own<K> {
    state: State<K>,
    /// The version of the write, unknown for most deletes and for writes without a response.
    version: ResourceVersion,
    until: Instant,
    counted: bool,
}

enum State<K> {
    Wrote(Arc<K>),
    Deleted { uid: Option<String> },
    Uncertain,
}

/// What the overlay says of a key, in place of the table.
pub(super) enum View<K> {
    Present(Arc<K>),
    Absent,
    Uncertain,
}

impl<K: Cached> Overlay<K> {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            own: BTreeMap::new(),
            patience,
            expired: 0,
        }
    }

    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Returns true if there is an entry for a key.
    pub(super) fn has(&self, key: &ObjectKey) -> bool {
        self.own.contains_key(key)
    }

    /// Returns how many entries the watch did not confirm in time, since the start.
    pub(super) fn expired(&self) -> u64 {
        self.expired
    }

    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    pub(super) fn get(&self, key: &ObjectKey, now: Instant) -> Option<View<K>> {
        self.own.get(key).and_then(|own| own.view(now))
    }

    /// Returns what this process wrote last under a key, if the watch has not shown it.
    pub(super) fn written(&self, key: &ObjectKey) -> Option<&Arc<K>> {
        self.own.get(key).and_then(|own| match &own.state {
            State::Wrote(object) => Some(object),
            State::Deleted { .. } | State::Uncertain => None,
        })
    }

    /// Iterates over every key the overlay has a say in, in order.
    pub(super) fn iter(&self, now: Instant) -> impl Iterator<Item = (&ObjectKey, View<K>)> {
        self.own
            .iter()
            .filter_map(move |(key, own)| Some((key, own.view(now)?)))
    }

    /// Notes the response of a write; returns false if something later is already noted.
    pub(super) fn wrote(&mut self, object: Arc<K>, now: Instant) -> bool {
        let key = ObjectKey::of(object.as_ref());
        let version = ResourceVersion::of(object.as_ref());
        if self
            .own
            .get(&key)
            .is_some_and(|own| own.outdates(&object, version))
        {
            return false;
        }
        self.note(key, State::Wrote(object), version, now);
        true
    }

    /// Notes that the object with this uid is gone.
    pub(super) fn deleted(
        &mut self,
        key: ObjectKey,
        uid: Option<String>,
        version: ResourceVersion,
        now: Instant,
    ) {
        self.note(key, State::Deleted { uid }, version, now);
    }

    /// Notes that a write may or may not have happened.
    pub(super) fn lost(&mut self, key: ObjectKey, now: Instant) {
        self.note(key, State::Uncertain, ResourceVersion::UNKNOWN, now);
    }

    /// Takes the response of a write that the watch has already shown: what is not later than it is forgotten.
    pub(super) fn overtaken(&mut self, key: &ObjectKey, object: &K) {
        let version = ResourceVersion::of(object);
        if self
            .own
            .get(key)
            .is_some_and(|own| !own.outdates(object, version))
        {
            self.own.remove(key);
        }
    }

    pub(super) fn forget(&mut self, key: &ObjectKey) {
        self.own.remove(key);
    }

    /// Drops everything known about a partition.
    pub(super) fn drop_in(&mut self, partition: &Partition) {
        self.own.retain(|key, _| !partition.holds(key.namespace()));
    }

    fn note(&mut self, key: ObjectKey, state: State<K>, version: ResourceVersion, now: Instant) {
        let until = now + self.patience;
        self.own.insert(
            key,
            Own {
                state,
                version,
                until,
                counted: false,
            },
        );
    }

    /// Takes an object the watch showed: another object of the same name ends a delete of the old one.
    pub(super) fn saw(&mut self, object: &K) {
        if self.own.is_empty() {
            return;
        }
        let key = ObjectKey::of(object);
        let replaced = self.own.get(&key).is_some_and(|own| match &own.state {
            State::Deleted { uid: Some(uid) } => object.meta().uid.as_ref() != Some(uid),
            State::Wrote(wrote) => {
                ResourceVersion::of(object).includes(own.version) || same_version(wrote.as_ref(), object)
            }
            State::Deleted { uid: None } | State::Uncertain => false,
        });
        if replaced {
            self.own.remove(&key);
        }
    }

    /// Takes the key of an object the watch showed to be gone.
    pub(super) fn saw_delete(&mut self, key: &ObjectKey, gone: Option<&str>) {
        let confirmed = self.own.get(key).is_some_and(|own| match &own.state {
            State::Deleted { uid } => uid.is_none() || gone.is_none() || uid.as_deref() == gone,
            State::Wrote(object) => gone.is_some() && object.meta().uid.as_deref() == gone,
            State::Uncertain => false,
        });
        if confirmed {
            self.own.remove(key);
        }
    }

    /// Takes the version the watch of a partition has reached: everything up to it has been shown.
    pub(super) fn reached(&mut self, partition: &Partition, version: ResourceVersion, now: Instant) {
        let Self { own, expired, .. } = self;
        own.retain(|key, own| {
            if !partition.holds(key.namespace()) {
                return true;
            }
            if own.until <= now && !own.counted {
                own.counted = true;
                *expired += 1;
            }
            !version.includes(own.version) && own.view(now).is_some()
        });
    }
}

impl<K: Cached> Own<K> {
    fn view(&self, now: Instant) -> Option<View<K>> {
        if self.until <= now {
            // A known version will be reached one day, so the truth is still ahead of the watch.
            return (self.version != ResourceVersion::UNKNOWN).then_some(View::Uncertain);
        }
        Some(match &self.state {
            State::Wrote(object) => View::Present(Arc::clone(object)),
            State::Deleted { .. } => View::Absent,
            State::Uncertain => View::Uncertain,
        })
    }

    /// Returns true if this entry is later than the response of a write.
    fn outdates(&self, object: &K, version: ResourceVersion) -> bool {
        match &self.state {
            State::Wrote(own) => own.meta().uid == object.meta().uid && version.is_before(self.version),
            State::Deleted { uid } => uid.is_some() && *uid == object.meta().uid,
            State::Uncertain => false,
        }
    }
}

fn same_version<K: Cached>(one: &K, other: &K) -> bool {
    one.meta().resource_version == other.meta().resource_version
}
