//! The decoded objects a store has at hand: those that were read or changed last.
//!
//! A reconcile reads a handful of objects, and most often the one that just changed: those come from here. What is
//! read once and never again, as by a list over a whole kind, passes by.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ObjectKey;

/// How many bytes of text the objects at hand stand for: some eighty objects of ordinary size.
const ROOM: usize = 128 * 1024;

/// What a large object counts for at most, so that one alone does not drive out all others.
const LARGE: usize = ROOM / 8;

/// The objects at hand.
///
/// One that comes drives out about one: what it was decoded into is free again when the next is decoded.
pub(super) struct Hot<K> {
    objects: BTreeMap<ObjectKey, Held<K>>,
    /// In which order they go, unless they are read meanwhile.
    line: BTreeMap<u64, ObjectKey>,
    next_ticket: u64,
    weight: usize,
}

struct Held<K> {
    object: Arc<K>,
    weight: usize,
    ticket: u64,
    /// True if it was read since it got in line: then it may line up once more.
    is_read: bool,
}

impl<K> Hot<K> {
    pub(super) fn new() -> Self {
        Self {
            objects: BTreeMap::new(),
            line: BTreeMap::new(),
            next_ticket: 0,
            weight: 0,
        }
    }

    /// Returns an object that is at hand; it stays so a little longer.
    pub(super) fn get(&mut self, key: &ObjectKey) -> Option<Arc<K>> {
        let held = self.objects.get_mut(key)?;
        held.is_read = true;
        Some(Arc::clone(&held.object))
    }

    /// Returns an object that is at hand, without a change to how long it stays.
    pub(super) fn peek(&self, key: &ObjectKey) -> Option<&Arc<K>> {
        self.objects.get(key).map(|held| &held.object)
    }

    /// Keeps an object at hand that has so many bytes of text, in place of what was there of it.
    pub(super) fn keep(&mut self, key: ObjectKey, object: Arc<K>, weight: usize) {
        self.forget(&key);
        let weight = weight.min(LARGE);
        while self.weight + weight > ROOM && self.pass_first() {}
        let ticket = self.line_up(key.clone());
        self.weight += weight;
        let held = Held {
            object,
            weight,
            ticket,
            is_read: false,
        };
        self.objects.insert(key, held);
    }

    /// Drops what is at hand of an object that changed or went, and returns it.
    pub(super) fn forget(&mut self, key: &ObjectKey) -> Option<Arc<K>> {
        let held = self.objects.remove(key)?;
        self.line.remove(&held.ticket);
        self.weight -= held.weight;
        Some(held.object)
    }

    /// Returns true if objects with so many bytes of text are few enough to be kept together.
    pub(super) fn takes(weight: usize) -> bool {
        weight <= ROOM / 2
    }

    /// Drops the first in line, or sends it to the end if it was read meanwhile; returns false if there is none.
    fn pass_first(&mut self) -> bool {
        let Some((_, key)) = self.line.pop_first() else {
            return false;
        };
        let ticket = self.next_ticket;
        match self.objects.get_mut(&key) {
            Some(held) if held.is_read => {
                (held.is_read, held.ticket) = (false, ticket);
                self.line_up(key);
            }
            _ => {
                self.forget(&key);
            }
        }
        true
    }

    fn line_up(&mut self, key: ObjectKey) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.line.insert(ticket, key);
        ticket
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEIGHT: usize = 1024;
    const MOST: usize = ROOM / WEIGHT;

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
        for number in 0..10 * MOST {
            keep(&mut hot, number, WEIGHT);
            // Read again and again, so it stays.
            assert!(hot.get(&key(0)).is_some(), "after {number}");
        }
        assert_eq!(held(&hot, 0..10 * MOST), MOST);
        assert_eq!(held(&hot, 9 * MOST + 1..10 * MOST), MOST - 1);
    }

    #[test]
    fn one_that_comes_drives_out_one() {
        let mut hot = Hot::new();
        for number in 0..3 * MOST {
            keep(&mut hot, number, WEIGHT);
            assert_eq!(held(&hot, 0..3 * MOST), MOST.min(number + 1));
        }
    }

    #[test]
    fn a_change_replaces_what_is_at_hand() {
        let mut hot = Hot::new();
        for number in 1..=MOST {
            keep(&mut hot, number, WEIGHT);
        }
        hot.keep(key(1), Arc::new(100), WEIGHT);
        assert_eq!(hot.get(&key(1)).as_deref(), Some(&100));
        assert_eq!(hot.forget(&key(1)).as_deref(), Some(&100));
        assert!(hot.peek(&key(1)).is_none());
        assert_eq!(held(&hot, 1..MOST + 1), MOST - 1);
    }

    #[test]
    fn one_that_changes_all_the_time_takes_its_room_once() {
        let mut hot = Hot::new();
        keep(&mut hot, 0, WEIGHT);
        for _ in 0..10 * MOST {
            keep(&mut hot, 1, WEIGHT);
        }
        assert_eq!(held(&hot, 0..2), 2);
        assert_eq!((hot.line.len(), hot.weight), (2, 2 * WEIGHT));
    }

    #[test]
    fn an_object_larger_than_the_room_stays_while_it_is_read_and_drives_out_few() {
        let mut hot = Hot::new();
        keep(&mut hot, 0, 10 * ROOM);
        for number in 1..=MOST {
            keep(&mut hot, number, WEIGHT);
            assert!(hot.get(&key(0)).is_some(), "after {number}");
        }
        assert!(held(&hot, 1..MOST + 1) >= MOST * 3 / 4);
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
