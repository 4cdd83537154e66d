//! The state of a store as the watch tells it: a pure structure, filled by informers, read by everyone.
//!
//! Two rules keep it honest. It never goes back to an older version of the same object (same uid), whatever order
//! things arrive in. And a list is applied in place: what was there before and is not in the list is swept out at
//! its end, with a [`Change::Deleted`] each, so that no second copy of the store ever exists.
//!
//! What it hands out is a [`Body`], to be decoded by whoever asked once the store's lock is given back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::body::Body;
use super::decode::Arrived;
use super::hot::Hot;
use super::index::Indexes;
use super::packed::Packed;
use super::selection::Partition;
use super::{Cached, Change, Index, ObjectKey, Past, ResourceVersion};
use crate::Kind;

pub(super) struct Table<K> {
    kind: Kind,
    slots: BTreeMap<ObjectKey, Slot<K>>,
    hot: Mutex<Hot<K>>,
    indexes: Indexes<K>,
    round: u32,
    bytes: u64,
}

pub(super) struct Slot<K> {
    body: Body<K>,
    /// The list that saw the object last; a sweep removes what an older round saw last.
    round: u32,
    /// How many bytes of text the object has.
    weight: u32,
}

/// One list in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    number: u32,
    /// True if versions older than the stored ones are to be believed.
    again: bool,
}

impl<K: Cached> Table<K> {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            slots: BTreeMap::new(),
            hot: Mutex::new(Hot::new()),
            indexes: Indexes::new(),
            round: 0,
            bytes: 0,
        }
    }

    /// Adds an index and fills it; a second index of the same name is the same index.
    pub(super) fn add_index(&mut self, index: Index<K>) {
        let Self { kind, slots, .. } = self;
        let objects = slots
            .iter()
            .filter_map(|(key, slot)| Some((key.clone(), slot.body.open(kind)?)));
        self.indexes.add(index, objects);
    }

    /// Returns an object as it is kept, or decoded if it is at hand.
    pub(super) fn get(&self, key: &ObjectKey) -> Option<Body<K>> {
        let slot = self.slots.get(key)?;
        Some(match &slot.body {
            Body::Packed(_) => self
                .hot()
                .get(key)
                .map_or_else(|| slot.body.clone(), Body::Decoded),
            Body::Decoded(_) => slot.body.clone(),
        })
    }

    /// Returns the objects that were found, each as it is kept, or decoded if it is at hand.
    pub(super) fn bodies<'a>(
        &'a self,
        found: impl Iterator<Item = (&'a ObjectKey, &'a Slot<K>)>,
    ) -> Vec<(ObjectKey, Body<K>)> {
        let hot = self.hot();
        let body = |key: &ObjectKey, slot: &Slot<K>| match hot.peek(key) {
            Some(object) => Body::Decoded(Arc::clone(object)),
            None => slot.body.clone(),
        };
        found.map(|(key, slot)| (key.clone(), body(key, slot))).collect()
    }

    /// Takes objects that were decoded by whoever read them.
    pub(super) fn have_at_hand(&self, objects: Vec<(ObjectKey, Packed, Arc<K>)>) {
        let mut hot = self.hot();
        for (key, packed, object) in objects {
            // It was decoded without the lock, and may be of the past.
            let now = self.slots.get(&key).map(|slot| &slot.body);
            if matches!(now, Some(Body::Packed(now)) if now.is(&packed)) {
                hot.keep(key, object, packed.text().len());
            }
        }
    }

    /// Returns the uid of an object; `None` if there is no such object.
    pub(super) fn uid(&self, key: &ObjectKey) -> Option<Option<&str>> {
        self.slots.get(key).map(|slot| slot.body.uid())
    }

    /// Returns true if an object is there in this very version.
    pub(super) fn has_version(&self, key: &ObjectKey, version: Option<&str>) -> bool {
        self.slots
            .get(key)
            .is_some_and(|slot| slot.body.version() == version)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns how many bytes of text all objects have together.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Iterates in order of keys, over one namespace or all.
    pub(super) fn iter<'a>(
        &'a self,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a Slot<K>)> {
        let first = ObjectKey::new(namespace, "");
        self.slots
            .range(first..)
            .take_while(move |(key, _)| namespace.is_none() || key.namespace() == namespace)
    }

    /// Iterates over what an index holds under a value, in order of keys; `None` if there is no such index.
    pub(super) fn find<'a>(
        &'a self,
        index: &str,
        value: &'a str,
    ) -> Option<impl Iterator<Item = (&'a ObjectKey, &'a Slot<K>)>> {
        let filled = self.indexes.find(index)?;
        Some(filled.find(value).filter_map(|key| self.slots.get_key_value(key)))
    }

    /// Starts a list.
    pub(super) fn begin(&mut self) -> Round {
        self.round = self.round.wrapping_add(1);
        Round {
            number: self.round,
            again: false,
        }
    }

    /// Starts a list that is believed whatever its versions: the server's history was set back.
    pub(super) fn begin_again(&mut self) -> Round {
        Round {
            again: true,
            ..self.begin()
        }
    }

    /// Takes an object from a list.
    pub(super) fn list_item(&mut self, round: Round, arrived: Arrived<K>, initial: bool) -> Vec<Change<K>> {
        self.put(arrived, Some(round), initial)
    }

    /// Marks an object as present in a list although it could not be decoded: what is stored of it stays.
    pub(super) fn list_unreadable(&mut self, round: Round, key: &ObjectKey) {
        if let Some(slot) = self.slots.get_mut(key) {
            slot.round = round.number;
        }
    }

    /// Ends a list: what it did not contain is gone.
    pub(super) fn end(&mut self, round: Round, partition: &Partition) -> Vec<Change<K>> {
        let vanished: Vec<ObjectKey> = self
            .slots
            .iter()
            .filter(|(key, slot)| slot.round != round.number && partition.holds(key.namespace()))
            .map(|(key, _)| key.clone())
            .collect();
        vanished.iter().filter_map(|key| self.delete_key(key)).collect()
    }

    /// Takes an object the watch says was added or changed.
    pub(super) fn apply(&mut self, arrived: Arrived<K>) -> Vec<Change<K>> {
        self.put(arrived, None, false)
    }

    /// Takes an object the watch says is gone, in its last state.
    pub(super) fn delete(&mut self, last: Arrived<K>) -> Option<Change<K>> {
        let last = last.object;
        let key = ObjectKey::of(last.as_ref());
        if self.uid(&key)? != last.meta().uid.as_deref() {
            return None; // A newer object of the same name is already here.
        }
        self.remove(&key);
        Some(Change::Deleted { old: last })
    }

    /// Takes the key of an object the watch says is gone, when its last state cannot be read.
    pub(super) fn delete_key(&mut self, key: &ObjectKey) -> Option<Change<K>> {
        let past = self.remove(key)?;
        let old = past.get().cloned()?;
        Some(Change::Deleted { old })
    }

    fn put(&mut self, arrived: Arrived<K>, round: Option<Round>, initial: bool) -> Vec<Change<K>> {
        let new = Arc::clone(&arrived.object);
        let key = ObjectKey::of(new.as_ref());
        let Some(slot) = self.slots.get_mut(&key) else {
            self.indexes.insert(&key, &new);
            self.insert(key, &arrived, round);
            return vec![Change::Added { new, initial }];
        };
        slot.round = round.map_or(slot.round, |round| round.number);
        let again = round.is_some_and(|round| round.again);
        let news = compare(&slot.body, new.as_ref(), again);
        if news == News::Nothing {
            return Vec::new();
        }
        self.bytes = self.bytes - u64::from(slot.weight) + u64::from(arrived.weight);
        slot.weight = arrived.weight;
        let body = std::mem::replace(&mut slot.body, Body::of(&arrived));
        let old = self.replace(key, body, &arrived, round);
        match news {
            News::Another => {
                let old = old.get().cloned().map(|old| Change::Deleted { old });
                old.into_iter()
                    .chain([Change::Added { new, initial: false }])
                    .collect()
            }
            _ => vec![Change::Updated { old, new }],
        }
    }

    /// Puts an object that is in its slot already in the place of what it was, and returns that.
    fn replace(
        &mut self,
        key: ObjectKey,
        body: Body<K>,
        arrived: &Arrived<K>,
        round: Option<Round>,
    ) -> Past<K> {
        let at_hand = self.hot().forget(&key);
        let mut past = Past::new(body, at_hand, &self.kind);
        self.indexes.replace(&key, &mut past, arrived);
        self.keep_at_hand(key, arrived, round);
        past
    }

    fn remove(&mut self, key: &ObjectKey) -> Option<Past<K>> {
        let Slot { body, weight, .. } = self.slots.remove(key)?;
        self.bytes -= u64::from(weight);
        let at_hand = self.hot().forget(key);
        let past = Past::new(body, at_hand, &self.kind);
        self.indexes.remove(key, &past);
        Some(past)
    }

    /// Puts in an object that was not there.
    fn insert(&mut self, key: ObjectKey, arrived: &Arrived<K>, round: Option<Round>) {
        let slot = Slot {
            body: Body::of(arrived),
            round: round.map_or(self.round, |round| round.number),
            weight: arrived.weight,
        };
        self.bytes += u64::from(arrived.weight);
        self.slots.insert(key.clone(), slot);
        self.keep_at_hand(key, arrived, round);
    }

    /// What changed is read next; of a list, nobody knows what is.
    fn keep_at_hand(&self, key: ObjectKey, arrived: &Arrived<K>, round: Option<Round>) {
        if let (Some(packed), None) = (&arrived.packed, round) {
            let object = Arc::clone(&arrived.object);
            self.hot().keep(key, object, packed.text().len());
        }
    }

    fn hot(&self) -> MutexGuard<'_, Hot<K>> {
        self.hot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    /// The same version again, or an older one.
    Nothing,
    /// A later version of the same object.
    Later,
    /// Another object under the same name: the old one was deleted unseen.
    Another,
}

fn compare<K: Cached>(stored: &Body<K>, arrived: &K, again: bool) -> News {
    let (uid, version) = (stored.uid(), stored.version());
    let stored_version = version.map_or(ResourceVersion::UNKNOWN, ResourceVersion::parse);
    let older = ResourceVersion::of(arrived).is_before(stored_version) && !again;
    let same_version = arrived.meta().resource_version.as_deref() == version;
    match arrived.meta().uid.as_deref() == uid {
        _ if older => News::Nothing,
        true if same_version => News::Nothing,
        true => News::Later,
        false => News::Another,
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
