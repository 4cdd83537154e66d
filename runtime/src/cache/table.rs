//! The state of a store as the watch tells it: a pure structure, filled by informers, read by everyone.
//!
//! Two rules keep it honest. It never goes back to an older version of the same object (same uid), whatever order
//! things arrive in. And a list is applied in place: what was there before and is not in the list is swept out at
//! its end, with a [`Change::Deleted`] each, so that no second copy of the store ever exists.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::index::{Filled, by_owner};
use super::selection::Partition;
use super::{Cached, Change, Index, ObjectKey, ResourceVersion};

pub(super) struct Table<K> {
    slots: BTreeMap<ObjectKey, Slot<K>>,
    indexes: Vec<Filled<K>>,
    round: u32,
}

struct Slot<K> {
    object: Arc<K>,
    /// The list that saw the object last; a sweep removes what an older round saw last.
    round: u32,
}

/// One list in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    number: u32,
    /// True if versions older than the stored ones are to be believed.
    again: bool,
}

impl<K: Cached> Table<K> {
    pub(super) fn new() -> Self {
        Self {
            slots: BTreeMap::new(),
            indexes: vec![Filled::new(by_owner())],
            round: 0,
        }
    }

    /// Adds an index and fills it; a second index of the same name is the same index.
    pub(super) fn add_index(&mut self, index: Index<K>) {
        if self.indexes.iter().any(|known| known.name() == index.name()) {
            return;
        }
        let mut filled = Filled::new(index);
        for (key, slot) in &self.slots {
            filled.insert(key, &slot.object);
        }
        self.indexes.push(filled);
    }

    pub(super) fn get(&self, key: &ObjectKey) -> Option<&Arc<K>> {
        self.slots.get(key).map(|slot| &slot.object)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Iterates in order of keys, over one namespace or all.
    pub(super) fn iter<'a>(
        &'a self,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a Arc<K>)> {
        let first = ObjectKey::new(namespace, "");
        self.slots
            .range(first..)
            .take_while(move |(key, _)| namespace.is_none() || key.namespace() == namespace)
            .map(|(key, slot)| (key, &slot.object))
    }

    /// Iterates over what an index holds under a value, in order of keys; `None` if there is no such index.
    pub(super) fn find<'a>(
        &'a self,
        index: &str,
        value: &'a str,
    ) -> Option<impl Iterator<Item = (&'a ObjectKey, &'a Arc<K>)>> {
        let filled = self.indexes.iter().find(|known| known.name() == index)?;
        Some(filled.find(value).filter_map(|key| Some((key, self.get(key)?))))
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
    pub(super) fn list_item(&mut self, round: Round, object: K, initial: bool) -> Vec<Change<K>> {
        self.put(object, Some(round), initial)
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
        vanished
            .iter()
            .filter_map(|key| self.take(key))
            .map(|old| Change::Deleted { old })
            .collect()
    }

    /// Takes an object the watch says was added or changed.
    pub(super) fn apply(&mut self, object: K) -> Vec<Change<K>> {
        self.put(object, None, false)
    }

    /// Takes an object the watch says is gone, in its last state.
    pub(super) fn delete(&mut self, last: K) -> Option<Change<K>> {
        let key = ObjectKey::of(&last);
        let stored = self.get(&key)?;
        if stored.meta().uid != last.meta().uid {
            return None; // A newer object of the same name is already here.
        }
        self.take(&key);
        Some(Change::Deleted { old: Arc::new(last) })
    }

    /// Takes the key of an object the watch says is gone, when its last state cannot be read.
    pub(super) fn delete_key(&mut self, key: &ObjectKey) -> Option<Change<K>> {
        self.take(key).map(|old| Change::Deleted { old })
    }

    fn put(&mut self, object: K, round: Option<Round>, initial: bool) -> Vec<Change<K>> {
        let key = ObjectKey::of(&object);
        let Some(slot) = self.slots.get_mut(&key) else {
            let new = self.insert(key, object, round);
            return vec![Change::Added { new, initial }];
        };
        slot.round = round.map_or(slot.round, |round| round.number);
        let again = round.is_some_and(|round| round.again);
        let news = compare(slot.object.as_ref(), &object, again);
        if news == News::Nothing {
            return Vec::new();
        }
        let Some(old) = self.take(&key) else {
            return Vec::new();
        };
        let new = self.insert(key, object, round);
        match news {
            News::Another => vec![Change::Deleted { old }, Change::Added { new, initial: false }],
            News::Later | News::Nothing => vec![Change::Updated { old, new }],
        }
    }

    fn insert(&mut self, key: ObjectKey, object: K, round: Option<Round>) -> Arc<K> {
        let object = Arc::new(object);
        for index in &mut self.indexes {
            index.insert(&key, &object);
        }
        let round = round.map_or(self.round, |round| round.number);
        self.slots.insert(
            key,
            Slot {
                object: Arc::clone(&object),
                round,
            },
        );
        object
    }

    fn take(&mut self, key: &ObjectKey) -> Option<Arc<K>> {
        let slot = self.slots.remove(key)?;
        for index in &mut self.indexes {
            index.remove(key, &slot.object);
        }
        Some(slot.object)
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

fn compare<K: Cached>(stored: &K, arrived: &K, again: bool) -> News {
    let (stored_meta, arrived_meta) = (stored.meta(), arrived.meta());
    let older = ResourceVersion::of(arrived).is_before(ResourceVersion::of(stored)) && !again;
    let same_version = arrived_meta.resource_version == stored_meta.resource_version;
    match stored_meta.uid == arrived_meta.uid {
        _ if older => News::Nothing,
        true if same_version => News::Nothing,
        true => News::Later,
        false => News::Another,
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
