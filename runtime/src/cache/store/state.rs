//! What a store knows: what the watch has shown, what this process wrote, and how far both are apart.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::Kind;
use crate::cache::blind::Blind;
use crate::cache::body::Body;
use crate::cache::overlay::{Overlay, View};
use crate::cache::selection::Partition;
use crate::cache::table::{Slot, Table};
use crate::cache::{Cached, ObjectKey, ResourceVersion};

/// How long a write of this process is trusted over a watch that has not shown it.
const PATIENCE: Duration = Duration::from_secs(30);

pub(in crate::cache) struct State<K> {
    pub(in crate::cache) table: Table<K>,
    pub(in crate::cache) overlay: Overlay<K>,
    pub(super) blind: Blind,
    /// How far the watch of each partition has got.
    pub(super) reached: BTreeMap<Partition, Reached>,
}

/// The version a watch has reached, and when it was told so.
#[derive(Clone, Copy)]
pub(super) struct Reached {
    pub(super) version: ResourceVersion,
    pub(super) at: Instant,
}

impl<K: Cached> State<K> {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            table: Table::new(kind),
            overlay: Overlay::new(PATIENCE),
            blind: Blind::default(),
            reached: BTreeMap::new(),
        }
    }

    pub(in crate::cache) fn reached(&self, partition: &Partition) -> ResourceVersion {
        self.reached
            .get(partition)
            .map_or(ResourceVersion::UNKNOWN, |reached| reached.version)
    }

    /// Notes that the watch of a partition has shown everything up to a version.
    pub(in crate::cache) fn reach(&mut self, partition: &Partition, version: ResourceVersion) {
        let (version, at) = (self.reached(partition).max(version), Instant::now());
        self.reached.insert(partition.clone(), Reached { version, at });
        if !self.overlay.is_empty() {
            self.overlay.reached(partition, version, at);
        }
    }

    /// Forgets how far the watch of a partition got.
    pub(in crate::cache) fn set_back(&mut self, partition: &Partition) {
        self.reached.remove(partition);
        self.overlay.drop_in(partition);
    }

    pub(super) fn overlay_view(&self, key: &ObjectKey) -> Option<View<K>> {
        if self.overlay.is_empty() {
            return None;
        }
        self.overlay.get(key, Instant::now())
    }

    /// Lays own writes over what the table found.
    pub(super) fn merge<'a>(
        &'a self,
        found: impl Iterator<Item = (&'a ObjectKey, &'a Slot<K>)>,
        belongs: impl Fn(&ObjectKey, &K) -> bool,
    ) -> Vec<(ObjectKey, Body<K>)> {
        let found = self.table.bodies(found);
        if self.overlay.is_empty() {
            return found;
        }
        let mut merged: BTreeMap<ObjectKey, Body<K>> = BTreeMap::new();
        // `collect` would sort first: a lot of code for each kind.
        merged.extend(found);
        for (key, view) in self.overlay.iter(Instant::now()) {
            match view {
                View::Present(object) if belongs(key, &object) => {
                    merged.insert(key.clone(), Body::Decoded(object));
                }
                View::Present(_) | View::Absent => {
                    merged.remove(key);
                }
                View::Uncertain => {}
            }
        }
        merged.into_iter().collect()
    }

    /// Returns true if the watch has already shown the state a write answered, or a later one.
    pub(super) fn is_ahead_of(&self, key: &ObjectKey, object: &K) -> bool {
        let version = ResourceVersion::of(object);
        let passed = |(partition, reached): (&Partition, &Reached)| {
            partition.holds(key.namespace()) && reached.version.includes(version)
        };
        let shown = self
            .table
            .has_version(key, object.meta().resource_version.as_deref());
        shown || self.reached.iter().any(passed)
    }

    pub(super) fn note_deleted(&mut self, key: ObjectKey, uid: Option<String>, version: ResourceVersion) {
        let is_it = |known: Option<&str>| uid.is_none() || known == uid.as_deref();
        let written = self.overlay.written(&key);
        let is_written = written.is_some_and(|object| is_it(object.meta().uid.as_deref()));
        if is_written || self.table.uid(&key).is_some_and(is_it) {
            self.overlay.deleted(key, uid, version, Instant::now());
        }
        // Otherwise the watch is ahead: it has shown the delete, or the next object of that name.
    }
}
