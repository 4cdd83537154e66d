//! The store of one kind: cheap handles to shared state.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use kube::core::ObjectMeta;
use tokio::sync::watch;
use tokio::time::Instant;

use super::blind::{Blind, BlindSpot};
use super::index::by_owner;
use super::informer::Counters;
use super::overlay::{Overlay, View};
use super::selection::Partition;
use super::table::Table;
use super::{
    Cached, Change, Index, InformerReport, ObjectKey, Phase, Report, ResourceVersion, Selection, Status, Tie,
};
use crate::Kind;

/// How long a write of this process is trusted over a watch that has not shown it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Everything an operator knows about the objects of one kind; clones share it.
///
/// Reads see this process's own writes at once, never block on the server, and hand out the shared object: to change
/// one, clone it. `managedFields` is dropped by default. Lists are in order of namespace and name.
pub struct Store<K> {
    shared: Arc<Shared<K>>,
}

struct Shared<K> {
    kind: Kind,
    selection: Selection,
    state: RwLock<State<K>>,
    handlers: RwLock<Handlers<K>>,
    status: watch::Sender<Progress>,
    counters: Arc<Counters>,
}

pub(super) struct State<K> {
    pub(super) table: Table<K>,
    pub(super) overlay: Overlay<K>,
    blind: Blind,
    /// How far the watch of each partition has got.
    reached: BTreeMap<Partition, Reached>,
}

/// The version a watch has reached, and when it was told so.
#[derive(Clone, Copy)]
struct Reached {
    version: ResourceVersion,
    at: Instant,
}

/// Takes the changes of a store; must not block.
pub(crate) type Handler<K> = Arc<dyn Fn(&Change<K>) + Send + Sync>;

/// The handlers of a store, by the number each is unregistered with.
struct Handlers<K> {
    all: BTreeMap<u64, Handler<K>>,
    next: u64,
}

/// The state of each partition's informer.
pub(super) type Progress = BTreeMap<Partition, Status>;

/// How a partition starts.
const SYNCING: Status = Status {
    phase: Phase::Syncing,
    synced: false,
    error: None,
};

/// The answer of [`Store::read`].
#[derive(Clone, Debug)]
pub enum Read<K> {
    /// The object.
    Found(Arc<K>),
    /// There is no such object.
    Absent,
    /// The store cannot know: a write of this process is unconfirmed, or the first list is not complete.
    /// Ask the server, and tell the store with [`Store::observed`].
    Uncertain,
}

impl<K: Cached> Store<K> {
    /// Returns a store of a selection of a kind, to be filled by the informers of its partitions.
    pub(crate) fn of(kind: Kind, selection: Selection) -> Self {
        let partitions = selection.partitions(kind.is_cluster_scoped()).into_iter();
        let progress = partitions.map(|partition| (partition, SYNCING)).collect();
        let state = State {
            table: Table::new(),
            overlay: Overlay::new(PATIENCE),
            blind: Blind::default(),
            reached: BTreeMap::new(),
        };
        let handlers = Handlers {
            all: BTreeMap::new(),
            next: 0,
        };
        let shared = Shared {
            kind,
            selection,
            state: RwLock::new(state),
            handlers: RwLock::new(handlers),
            status: watch::Sender::new(progress),
            counters: Arc::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Returns the kind of the objects.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.shared.kind
    }

    /// Returns which objects the store holds.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.shared.selection
    }

    /// Returns an object as far as it is known: where the store is uncertain, as the watch showed it last.
    ///
    /// Use [`read`](Self::read) where the difference matters, as before creating something.
    #[must_use]
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<K>> {
        match self.read(key) {
            Read::Found(object) => Some(object),
            Read::Absent => None,
            Read::Uncertain => self.state().table.get(key).cloned(),
        }
    }

    /// Returns what is known about a key.
    #[must_use]
    pub fn read(&self, key: &ObjectKey) -> Read<K> {
        let state = self.state();
        match state.overlay_view(key) {
            Some(View::Present(object)) => Read::Found(object),
            Some(View::Absent) => Read::Absent,
            Some(View::Uncertain) => Read::Uncertain,
            None => match state.table.get(key) {
                Some(object) => Read::Found(Arc::clone(object)),
                None if self.covers(key) => Read::Absent,
                None => Read::Uncertain,
            },
        }
    }

    /// Returns every object.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<K>> {
        let state = self.state();
        state.merge(state.table.iter(None), |_, _| true)
    }

    /// Returns every object of a namespace.
    #[must_use]
    pub fn list_in(&self, namespace: &str) -> Vec<Arc<K>> {
        let state = self.state();
        state.merge(state.table.iter(Some(namespace)), |key, _| {
            key.namespace() == Some(namespace)
        })
    }

    /// Returns every object that names this uid among its owners.
    #[must_use]
    pub fn owned_by(&self, uid: &str) -> Vec<Arc<K>> {
        self.indexed(&by_owner(), uid)
    }

    /// Returns every object an index holds under a value; finds nothing if the index was not registered.
    #[must_use]
    pub fn indexed(&self, index: &Index<K>, value: &str) -> Vec<Arc<K>> {
        let state = self.state();
        match state.table.find(index.name(), value) {
            Some(found) => state.merge(found, |_, object| index.matches(object, value)),
            None => Vec::new(),
        }
    }

    /// Returns the keys about which the store knows too little: read them live before trusting a list.
    #[must_use]
    pub fn uncertain(&self) -> Vec<ObjectKey> {
        let state = self.state();
        let uncertain = state
            .overlay
            .iter(Instant::now())
            .filter(|(_, view)| matches!(view, View::Uncertain));
        uncertain.map(|(key, _)| key.clone()).collect()
    }

    /// Returns the number of objects the watch has shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state().table.len()
    }

    /// Returns true if the watch has shown no object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Notes what a write answered: every later read sees it, until the watch has caught up.
    ///
    /// An object with a deletion timestamp is noted as gone if neither finalizers nor a time of grace keep it.
    pub fn wrote(&self, object: K) -> Arc<K> {
        let object = Arc::new(object);
        let key = ObjectKey::of(object.as_ref());
        let mut state = self.state_mut();
        let meta = object.meta();
        if is_gone(meta) {
            let version = ResourceVersion::of(object.as_ref());
            state.note_deleted(key, meta.uid.clone(), version);
        } else if state.is_ahead_of(&key, &object) {
            state.overlay.overtaken(&key, &object);
        } else {
            state.overlay.wrote(Arc::clone(&object), Instant::now());
        }
        object
    }

    /// Notes that a delete was answered: later reads do not see the object any more.
    ///
    /// With a uid, a newer object of the same name is seen as soon as the watch shows it.
    pub fn deleted(&self, key: ObjectKey, uid: Option<String>) {
        self.state_mut().note_deleted(key, uid, ResourceVersion::UNKNOWN);
    }

    /// Notes that a write of this key got no answer: the next read goes to the server.
    ///
    /// A key without a name stands for an object the server was to name: then the next list goes to the server.
    pub fn lost(&self, key: ObjectKey) {
        let mut state = self.state_mut();
        if key.name().is_empty() {
            let patience = state.overlay.patience();
            state.blind.lost(key.namespace(), patience, Instant::now());
        } else {
            state.overlay.lost(key, Instant::now());
        }
    }

    /// Returns where objects may be that only the server knows of, within a namespace or everywhere.
    pub(crate) fn blind_spots(&self, within: Option<&str>) -> Vec<BlindSpot> {
        self.state().blind.spots(within, Instant::now())
    }

    /// Takes what the server listed for a blind spot, and adds what was not known.
    pub(crate) fn listed(&self, spot: &BlindSpot, objects: Vec<Arc<K>>) {
        let now = Instant::now();
        let mut state = self.state_mut();
        for object in objects {
            let key = ObjectKey::of(object.as_ref());
            let is_known = state.overlay.has(&key) || state.table.get(&key).is_some();
            if !is_known && !state.is_ahead_of(&key, &object) {
                state.overlay.wrote(object, now);
            }
        }
        state.blind.listed(spot, now);
    }

    /// Notes what the server itself answered for a key, which ends its uncertainty.
    pub fn observed(&self, key: &ObjectKey, answer: Option<K>) {
        self.shared.counters.live_reads.fetch_add(1, Ordering::Relaxed);
        self.state_mut().overlay.forget(key);
        match answer {
            Some(object) => {
                self.wrote(object);
            }
            None => {
                let uid = self
                    .state()
                    .table
                    .get(key)
                    .and_then(|object| object.meta().uid.clone());
                if uid.is_some() {
                    self.deleted(key.clone(), uid);
                }
            }
        }
    }

    /// Returns how the store is doing.
    #[must_use]
    pub fn report(&self) -> Report {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.shared.counters;
        let progress = self.shared.status.borrow().clone();
        let (objects, unconfirmed_writes, informers) = {
            let state = self.state();
            let informers = progress.into_iter().map(|(partition, status)| InformerReport {
                namespace: partition.namespace().map(str::to_owned),
                lag: state.reached.get(&partition).map(|reached| reached.at.elapsed()),
                status,
            });
            (state.table.len(), state.overlay.expired(), informers.collect())
        };
        Report {
            group: self.kind().group().to_owned(),
            kind: self.kind().kind().to_owned(),
            form: form::<K>(self.kind()),
            selection: self.selection().clone(),
            status: self.status(),
            informers,
            objects,
            unreadable: read(&counters.unreadable),
            lists: read(&counters.lists),
            watches: read(&counters.watches),
            failures: read(&counters.failures),
            panics: read(&counters.panics),
            unconfirmed_writes,
            live_reads: read(&counters.live_reads),
        }
    }

    /// Sets how long a write of this process is trusted over a watch that has not shown it; 30 seconds at first.
    pub fn set_patience(&self, patience: Duration) {
        self.state_mut().overlay.set_patience(patience);
    }

    /// Returns how the informers of this store are doing.
    #[must_use]
    pub fn status(&self) -> Status {
        summary(&self.shared.status.borrow())
    }

    /// Returns a view of the status that tells when it changes.
    pub(super) fn statuses(&self) -> watch::Receiver<Progress> {
        self.shared.status.subscribe()
    }

    /// Waits until every informer of this store has had a complete list; any number of tasks may wait.
    pub async fn synced(&self) {
        let mut status = self.shared.status.subscribe();
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = status.wait_for(|progress| summary(progress).synced).await;
    }

    /// Waits until the status is what the caller is looking for, and returns it.
    pub async fn wait_for(&self, wanted: impl Fn(&Status) -> bool) -> Status {
        let mut status = self.shared.status.subscribe();
        let _ = status.wait_for(|progress| wanted(&summary(progress))).await;
        self.status()
    }

    /// Registers an index; call it while building the operator.
    pub(crate) fn add_index(&self, index: Index<K>) {
        self.state_mut().table.add_index(index);
    }

    /// Registers a handler that is called, in order, for every change from now on, until the tie is dropped.
    pub(crate) fn subscribe(&self, handler: Handler<K>) -> Tie {
        let number = {
            let mut handlers = self.handlers_mut();
            handlers.next += 1;
            let number = handlers.next;
            handlers.all.insert(number, handler);
            number
        };
        let shared = Arc::downgrade(&self.shared);
        Tie::new(move || {
            if let Some(shared) = shared.upgrade() {
                Self { shared }.handlers_mut().all.remove(&number);
            }
        })
    }

    pub(super) fn handlers(&self) -> Vec<Handler<K>> {
        let handlers = self
            .shared
            .handlers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        handlers.all.values().cloned().collect()
    }

    fn handlers_mut(&self) -> RwLockWriteGuard<'_, Handlers<K>> {
        self.shared
            .handlers
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn partitions(&self) -> Vec<Partition> {
        self.shared.status.borrow().keys().cloned().collect()
    }

    /// Adds a partition that nothing is known of yet; returns false if it is there already.
    pub(super) fn add_partition(&self, partition: &Partition) -> bool {
        self.shared.status.send_if_modified(|progress| {
            let is_new = !progress.contains_key(partition);
            progress.entry(partition.clone()).or_insert(SYNCING);
            is_new
        })
    }

    /// Drops a partition and what is known of it, and tells everyone that it is gone.
    pub(super) fn remove_partition(&self, partition: &Partition) {
        self.shared
            .status
            .send_if_modified(|progress| progress.remove(partition).is_some());
        let changes = {
            let mut state = self.state_mut();
            state.set_back(partition);
            // A list that shows nothing sweeps out everything.
            let round = state.table.begin();
            state.table.end(round, partition)
        };
        let handlers = self.handlers();
        for change in &changes {
            handlers.iter().for_each(|handler| self.tell(handler, change));
        }
    }

    /// Returns true if the store looks into a namespace.
    #[must_use]
    pub fn looks_into(&self, namespace: &str) -> bool {
        let progress = self.shared.status.borrow();
        progress.keys().any(|partition| partition.holds(Some(namespace)))
    }

    /// Changes the status of a partition; returns what the change says about itself.
    pub(super) fn set_status(&self, partition: &Partition, change: impl FnOnce(&mut Status) -> bool) -> bool {
        let mut turned = false;
        self.shared
            .status
            .send_modify(|progress| turned = progress.get_mut(partition).is_some_and(change));
        turned
    }

    pub(super) fn is_synced(&self, partition: &Partition) -> bool {
        let progress = self.shared.status.borrow();
        progress.get(partition).is_some_and(|status| status.synced)
    }

    pub(super) fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.shared.counters)
    }

    /// Drops every handler; what they hold may hold this store.
    pub(super) fn unsubscribe(&self) {
        self.handlers_mut().all.clear();
    }

    /// Returns true if the absence of a key from the table means something.
    fn covers(&self, key: &ObjectKey) -> bool {
        let progress = self.shared.status.borrow();
        progress
            .iter()
            .any(|(partition, status)| partition.holds(key.namespace()) && status.synced)
    }

    fn state(&self) -> RwLockReadGuard<'_, State<K>> {
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state_mut(&self) -> RwLockWriteGuard<'_, State<K>> {
        self.shared.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Cached> State<K> {
    pub(super) fn reached(&self, partition: &Partition) -> ResourceVersion {
        self.reached
            .get(partition)
            .map_or(ResourceVersion::UNKNOWN, |reached| reached.version)
    }

    /// Notes that the watch of a partition has shown everything up to a version.
    pub(super) fn reach(&mut self, partition: &Partition, version: ResourceVersion) {
        let (version, at) = (self.reached(partition).max(version), Instant::now());
        self.reached.insert(partition.clone(), Reached { version, at });
        if !self.overlay.is_empty() {
            self.overlay.reached(partition, version, at);
        }
    }

    /// Forgets how far the watch of a partition got.
    pub(super) fn set_back(&mut self, partition: &Partition) {
        self.reached.remove(partition);
        self.overlay.drop_in(partition);
    }

    fn overlay_view(&self, key: &ObjectKey) -> Option<View<K>> {
        if self.overlay.is_empty() {
            return None;
        }
        self.overlay.get(key, Instant::now())
    }

    /// Lays own writes over what the table found.
    fn merge<'a>(
        &'a self,
        found: impl Iterator<Item = (&'a ObjectKey, &'a Arc<K>)>,
        belongs: impl Fn(&ObjectKey, &K) -> bool,
    ) -> Vec<Arc<K>> {
        if self.overlay.is_empty() {
            return found.map(|(_, object)| Arc::clone(object)).collect();
        }
        let mut merged: BTreeMap<&ObjectKey, Arc<K>> =
            found.map(|(key, object)| (key, Arc::clone(object))).collect();
        for (key, view) in self.overlay.iter(Instant::now()) {
            match view {
                View::Present(object) if belongs(key, &object) => {
                    merged.insert(key, object);
                }
                View::Present(_) | View::Absent => {
                    merged.remove(key);
                }
                View::Uncertain => {}
            }
        }
        merged.into_values().collect()
    }

    /// Returns true if the watch has already shown the state a write answered, or a later one.
    fn is_ahead_of(&self, key: &ObjectKey, object: &K) -> bool {
        let version = ResourceVersion::of(object);
        let passed = |(partition, reached): (&Partition, &Reached)| {
            partition.holds(key.namespace()) && reached.version.includes(version)
        };
        let shown = self
            .table
            .get(key)
            .is_some_and(|stored| stored.meta().resource_version == object.meta().resource_version);
        shown || self.reached.iter().any(passed)
    }

    fn note_deleted(&mut self, key: ObjectKey, uid: Option<String>, version: ResourceVersion) {
        let is_it = |object: &Arc<K>| uid.is_none() || object.meta().uid == uid;
        if self.table.get(&key).is_some_and(is_it) || self.overlay.written(&key).is_some_and(is_it) {
            self.overlay.deleted(key, uid, version, Instant::now());
        }
        // Otherwise the watch is ahead: it has shown the delete, or the next object of that name.
    }
}

/// Returns what a type keeps of the objects of a kind, as reports call it.
fn form<K: Cached>(kind: &Kind) -> String {
    if K::metadata_api() {
        return "metadata".to_owned();
    }
    let name = std::any::type_name::<K>();
    // Of a generic type, what it is about.
    let inner = name.split(['<', '>']).rfind(|part| !part.is_empty());
    let short = inner.unwrap_or(name).rsplit("::").next().unwrap_or(name);
    if short == kind.kind() || short == "DynamicObject" {
        String::new()
    } else {
        short.to_owned()
    }
}

/// Returns true if nothing keeps a deleted object.
fn is_gone(meta: &ObjectMeta) -> bool {
    meta.deletion_timestamp.is_some()
        && meta.finalizers.iter().flatten().next().is_none()
        && meta
            .deletion_grace_period_seconds
            .is_none_or(|seconds| seconds == 0)
}

/// The worst of all partitions; an empty selection is complete as it is.
fn summary(progress: &Progress) -> Status {
    let badness = |phase: Phase| match phase {
        Phase::Live => 0,
        Phase::Syncing => 1,
        Phase::Failing => 2,
        Phase::Missing => 3,
        Phase::Forbidden => 4,
    };
    let worst = progress.values().max_by_key(|status| badness(status.phase));
    let synced = progress.values().all(|status| status.synced);
    worst.map_or(
        Status {
            phase: Phase::Live,
            synced,
            error: None,
        },
        |worst| Status {
            synced,
            ..worst.clone()
        },
    )
}

impl<K> Clone for Store<K> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<K: Cached> fmt::Debug for Store<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("kind", self.kind())
            .field("selection", &self.shared.selection)
            .field("len", &self.len())
            .field("status", &self.status())
            .finish()
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
