//! The decoded objects a store has at hand: those that were read or changed last.
//!
//! A reconcile reads a handful of objects, and most often the one that just changed: those come from here. What is
//! read once and never again, as by a list over a whole kind, passes by.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ObjectKey;

/// How many bytes of text the objects of a generation stand for. Two generations are kept: some eighty objects of
/// ordinary size.
const ROOM: usize = 64 * 1024;

/// What a large object counts for at most, so that one alone does not drive out all others.
const LARGE: usize = ROOM / 4;

/// The objects at hand.
pub(super) struct Hot<K> {
    young: Generation<K>,
    old: Generation<K>,
}

struct Generation<K> {
    objects: BTreeMap<ObjectKey, (Arc<K>, usize)>,
    weight: usize,
}

impl<K> Hot<K> {
    pub(super) fn new() -> Self {
        Self {
            young: Generation::new(),
            old: Generation::new(),
        }
    }

    /// Returns an object that is at hand; it stays so a little longer.
    pub(super) fn get(&mut self, key: &ObjectKey) -> Option<Arc<K>> {
        if let Some((object, _)) = self.young.objects.get(key) {
            return Some(Arc::clone(object));
        }
        let (object, weight) = self.old.remove(key)?;
        self.keep(key.clone(), Arc::clone(&object), weight);
        Some(object)
    }

    /// Returns an object that is at hand, without a change to how long it stays.
    pub(super) fn peek(&self, key: &ObjectKey) -> Option<&Arc<K>> {
        let found = self.young.objects.get(key).or_else(|| self.old.objects.get(key));
        found.map(|(object, _)| object)
    }

    /// Keeps an object at hand that has so many bytes of text, in place of what was there of it.
    pub(super) fn keep(&mut self, key: ObjectKey, object: Arc<K>, weight: usize) {
        self.forget(&key);
        let weight = weight.min(LARGE);
        if self.young.weight + weight > ROOM {
            self.old = std::mem::replace(&mut self.young, Generation::new());
        }
        self.young.weight += weight;
        self.young.objects.insert(key, (object, weight));
    }

    /// Drops what is at hand of an object that changed or went, and returns it.
    pub(super) fn forget(&mut self, key: &ObjectKey) -> Option<Arc<K>> {
        let found = self.young.remove(key).or_else(|| self.old.remove(key));
        found.map(|(object, _)| object)
    }

    /// Returns true if objects with so many bytes of text are few enough to be kept together.
    pub(super) fn takes(weight: usize) -> bool {
        weight <= ROOM
    }
}

impl<K> Generation<K> {
    fn new() -> Self {
        Self {
            objects: BTreeMap::new(),
            weight: 0,
        }
    }

    fn remove(&mut self, key: &ObjectKey) -> Option<(Arc<K>, usize)> {
        let found = self.objects.remove(key)?;
        self.weight -= found.1;
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHT: usize = 1024;
    const GENERATION: usize = ROOM / WEIGHT;

    fn key(number: usize) -> ObjectKey {
        ObjectKey::cluster(&number.to_string())
    }

    fn keep(hot: &mut Hot<usize>, number: usize, weight: usize) {
        hot.keep(key(number), Arc::new(number), weight);
    }

    fn held(hot: &Hot<usize>, numbers: std::ops::Range<usize>) -> usize {
        numbers.filter(|number| hot.peek(&key(*number)).is_some()).count()
    }

    #[test]
    fn what_was_read_last_is_at_hand_and_the_rest_is_not() {
        let mut hot = Hot::new();
        for number in 0..10 * GENERATION {
            keep(&mut hot, number, WEIGHT);
            // Read again and again, so it stays.
            assert!(hot.get(&key(0)).is_some(), "after {number}");
        }
        assert!(held(&hot, 0..10 * GENERATION) <= 2 * GENERATION);
        assert_eq!(held(&hot, 9 * GENERATION + 1..10 * GENERATION), GENERATION - 1);
    }

    #[test]
    fn a_change_replaces_what_is_at_hand_in_either_generation() {
        let mut hot = Hot::new();
        for number in 1..=GENERATION + 1 {
            keep(&mut hot, number, WEIGHT);
        }
        hot.keep(key(1), Arc::new(100), WEIGHT);
        assert_eq!(hot.get(&key(1)).as_deref(), Some(&100));
        assert_eq!(hot.forget(&key(1)).as_deref(), Some(&100));
        assert!(hot.peek(&key(1)).is_none());
    }

    #[test]
    fn an_object_larger_than_the_room_stays_while_it_is_read_and_drives_out_few() {
        let mut hot = Hot::new();
        keep(&mut hot, 0, 10 * ROOM);
        for number in 1..=GENERATION {
            keep(&mut hot, number, WEIGHT);
            assert!(hot.get(&key(0)).is_some(), "after {number}");
        }
        assert!(held(&hot, 1..GENERATION + 1) >= GENERATION * 3 / 4);
    }

    #[test]
    fn few_large_objects_are_kept() {
        let mut hot = Hot::new();
        for number in 0..100 {
            keep(&mut hot, number, 10 * ROOM);
        }
        assert_eq!(held(&hot, 0..100), 8);
    }
}
