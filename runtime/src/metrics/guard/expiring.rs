//! A small map whose entries are valid for a time.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// At most so many entries, each until its time; the one that would go first makes room.
#[derive(Debug)]
pub(super) struct Expiring<K, V> {
    entries: BTreeMap<K, (Instant, V)>,
    limit: usize,
}

impl<K: Clone + Ord, V: Clone> Expiring<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            entries: BTreeMap::new(),
            limit,
        }
    }

    pub(super) fn get(&self, key: &K, now: Instant) -> Option<V> {
        let (until, value) = self.entries.get(key)?;
        (*until > now).then(|| value.clone())
    }

    pub(super) fn insert(&mut self, key: K, value: V, lifetime: Duration, now: Instant) {
        if self.entries.len() >= self.limit && !self.entries.contains_key(&key) {
            self.entries.retain(|_, (until, _)| *until > now);
            self.make_room();
        }
        self.entries.insert(key, (now + lifetime, value));
    }

    fn make_room(&mut self) {
        if self.entries.len() < self.limit {
            return;
        }
        let first = self.entries.iter().min_by_key(|(_, (until, _))| *until);
        if let Some(first) = first.map(|(key, _)| key.clone()) {
            self.entries.remove(&first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_entry_is_valid_for_its_time() {
        let now = Instant::now();
        let mut map = Expiring::new(4);
        map.insert("a", 1, SECOND, now);
        assert_eq!(map.get(&"a", now + SECOND / 2), Some(1));
        assert_eq!(map.get(&"a", now + SECOND), None);
        assert_eq!(map.get(&"b", now), None);
    }

    #[test]
    fn what_is_over_makes_room_before_what_would_go_first() {
        let now = Instant::now();
        let mut map = Expiring::new(2);
        map.insert("a", 1, SECOND * 9, now);
        map.insert("b", 2, SECOND, now);
        map.insert("c", 3, SECOND * 5, now + SECOND);
        assert_eq!(map.entries.keys().copied().collect::<Vec<_>>(), ["a", "c"]);
        map.insert("d", 4, SECOND * 9, now + SECOND);
        assert_eq!(map.entries.keys().copied().collect::<Vec<_>>(), ["a", "d"]);
        map.insert("d", 5, SECOND * 9, now + SECOND);
        assert_eq!(
            map.get(&"a", now + SECOND),
            Some(1),
            "no room is needed for what is there"
        );
    }
}
