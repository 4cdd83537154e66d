//! Reads: what is known of a key, of a namespace, of everything.

use std::sync::Arc;

use tokio::time::Instant;
use tracing::warn;

use super::Store;
use crate::cache::body::Body;
use crate::cache::hot::Hot;
use crate::cache::index::by_owner;
use crate::cache::overlay::View;
use crate::cache::packed::Packed;
use crate::cache::{Cached, Index, ObjectKey};

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
    /// Returns an object as far as it is known: where the store is uncertain, as the watch showed it last.
    ///
    /// Use [`read`](Self::read) where the difference matters, as before creating something.
    #[must_use]
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<K>> {
        match self.read(key) {
            Read::Found(object) => Some(object),
            Read::Absent => None,
            Read::Uncertain => self.shown(key),
        }
    }

    /// Returns what is known about a key.
    #[must_use]
    pub fn read(&self, key: &ObjectKey) -> Read<K> {
        let body = {
            let state = self.state();
            match state.overlay_view(key) {
                Some(View::Present(object)) => return Read::Found(object),
                Some(View::Absent) => return Read::Absent,
                Some(View::Uncertain) => return Read::Uncertain,
                None => state.table.get(key),
            }
        };
        match body {
            // What cannot be decoded again is there all the same.
            Some(body) => self.open(key, body).map_or(Read::Uncertain, Read::Found),
            None if self.covers(key) => Read::Absent,
            None => Read::Uncertain,
        }
    }

    /// Returns true if there is an object, as far as it is known; nothing is decoded for that.
    pub(in crate::cache) fn knows(&self, key: &ObjectKey) -> bool {
        self.identify(key, |_| ()).is_some()
    }

    /// Returns true if there is an object with this very uid, as far as it is known; nothing is decoded for that.
    pub(crate) fn is_here(&self, key: &ObjectKey, uid: &str) -> bool {
        self.identify(key, |known| known == Some(uid)).unwrap_or(false)
    }

    /// Asks about the uid of an object, which is known without decoding it; `None` if there is no such object.
    fn identify<T>(&self, key: &ObjectKey, ask: impl Fn(Option<&str>) -> T) -> Option<T> {
        let state = self.state();
        match state.overlay_view(key) {
            Some(View::Present(object)) => Some(ask(object.meta().uid.as_deref())),
            Some(View::Absent) => None,
            Some(View::Uncertain) | None => state.table.uid(key).map(ask),
        }
    }

    /// Returns an object as the watch showed it last.
    fn shown(&self, key: &ObjectKey) -> Option<Arc<K>> {
        let body = self.state().table.get(key)?;
        self.open(key, body)
    }

    /// Returns every object.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<K>> {
        self.list_where(None, |_| true)
    }

    /// Returns every object, each decoded when its turn comes.
    pub(in crate::cache) fn each(&self) -> impl Iterator<Item = Arc<K>> {
        let found = self.found().into_iter();
        found.filter_map(|(_, body)| body.open(self.kind()))
    }

    /// Returns the key of every object.
    pub(crate) fn keys(&self) -> Vec<ObjectKey> {
        self.found().into_iter().map(|(key, _)| key).collect()
    }

    fn found(&self) -> Vec<(ObjectKey, Body<K>)> {
        let state = self.state();
        state.merge(state.table.iter(None), |_, _| true)
    }

    /// Returns every object of a namespace.
    #[must_use]
    pub fn list_in(&self, namespace: &str) -> Vec<Arc<K>> {
        self.list_where(Some(namespace), |_| true)
    }

    /// Returns the objects of a namespace, or of all, that a test takes; of the others none is held for long.
    pub(crate) fn list_where(&self, namespace: Option<&str>, takes: impl Fn(&K) -> bool) -> Vec<Arc<K>> {
        let found = {
            let state = self.state();
            let is_in = |key: &ObjectKey, _: &K| namespace.is_none() || key.namespace() == namespace;
            state.merge(state.table.iter(namespace), is_in)
        };
        self.open_all(found, takes)
    }

    /// Returns every object that names this uid among its owners.
    #[must_use]
    pub fn owned_by(&self, uid: &str) -> Vec<Arc<K>> {
        self.indexed(&by_owner(), uid)
    }

    /// Returns every object an index holds under a value; finds nothing if the index was not registered.
    #[must_use]
    pub fn indexed(&self, index: &Index<K>, value: &str) -> Vec<Arc<K>> {
        let found = {
            let state = self.state();
            match state.table.find(index.name(), value) {
                Some(found) => state.merge(found, |_, object| index.matches(object, value)),
                None => Vec::new(),
            }
        };
        self.open_all(found, |_| true)
    }

    /// Decodes an object that was found, after the lock under which it was found is given back.
    fn open(&self, key: &ObjectKey, body: Body<K>) -> Option<Arc<K>> {
        self.open_all(vec![(key.clone(), body)], |_| true).pop()
    }

    /// Decodes what was found, after the lock under which it was found is given back: a long list delays nobody.
    fn open_all(&self, found: Vec<(ObjectKey, Body<K>)>, takes: impl Fn(&K) -> bool) -> Vec<Arc<K>> {
        let (mut objects, mut opened) = (Vec::new(), Opened::new());
        for (key, body) in found {
            let Some(object) = body.open(self.kind()) else {
                continue;
            };
            if takes(&object) {
                objects.push(Arc::clone(&object));
            }
            if let Body::Packed(packed) = body {
                opened.add(key, packed, object);
            }
        }
        if opened.count > 0 {
            self.count_decoded(opened.count);
            self.state().table.have_at_hand(opened.few);
        }
        objects
    }

    fn count_decoded(&self, objects: usize) {
        self.counters().count_decoded(objects);
        if self.shared.strain.grew(objects) {
            warn!(
                kind = %self.kind(),
                "objects are read so often that decoding them takes a twentieth of a core or more: \
                 Operator::keep_decoded keeps this kind decoded, for about twice the memory",
            );
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

    /// Returns true if the store looks into a namespace.
    #[must_use]
    pub fn looks_into(&self, namespace: &str) -> bool {
        let progress = self.shared.status.borrow();
        progress.keys().any(|partition| partition.holds(Some(namespace)))
    }

    /// Returns true if the absence of a key from the table means something.
    fn covers(&self, key: &ObjectKey) -> bool {
        let progress = self.shared.status.borrow();
        progress
            .iter()
            .any(|(partition, status)| partition.holds(key.namespace()) && status.synced)
    }
}

/// What was decoded for one read.
struct Opened<K> {
    count: usize,
    weight: usize,
    /// The objects, as long as they are few enough to be kept at hand.
    few: Vec<(ObjectKey, Packed, Arc<K>)>,
}

impl<K> Opened<K> {
    fn new() -> Self {
        Self {
            count: 0,
            weight: 0,
            few: Vec::new(),
        }
    }

    fn add(&mut self, key: ObjectKey, packed: Packed, object: Arc<K>) {
        self.count += 1;
        self.weight += packed.text().len();
        match Hot::<K>::takes(self.weight) {
            true => self.few.push((key, packed, object)),
            false => self.few = Vec::new(),
        }
    }
}
