//! The objects of one kind and what happened to them lately.

use std::collections::{BTreeMap, VecDeque};
use std::iter;
use std::ops::Bound;
use std::sync::Arc;

use tokio::sync::watch;

use super::Compacted;
use super::event::{Change, Event};
use super::range::{Page, Range};
use crate::object::ObjectRef;

/// Invariant: `history` holds every change with a revision above `floor`, in order.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    objects: BTreeMap<Arc<str>, ObjectRef>,
    history: VecDeque<Arc<Event>>,
    floor: u64,
    changed: u64,
    wake: watch::Sender<u64>,
    closed: Closed,
}

/// How often the bucket was closed, and at which revision last.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Closed {
    pub(super) times: u64,
    pub(super) at: u64,
}

impl Bucket {
    pub(super) fn changed(&self) -> u64 {
        self.changed
    }

    pub(super) fn closed(&self) -> Closed {
        self.closed
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }

    pub(super) fn get(&self, key: &str) -> Option<&ObjectRef> {
        self.objects.get(key)
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &ObjectRef> {
        self.objects.values()
    }

    /// Makes the change and returns what fell out of the history.
    pub(super) fn record(
        &mut self,
        key: &str,
        object: ObjectRef,
        change: Change,
        window: usize,
    ) -> Option<Arc<Event>> {
        let (key, old) = match self.objects.remove_entry(key) {
            Some((key, old)) => (key, Some(old)),
            None => (Arc::from(key), None),
        };
        if change == Change::Stored {
            self.objects.insert(Arc::clone(&key), Arc::clone(&object));
        }
        self.changed = object.revision();
        self.history
            .push_back(Arc::new(Event::new(key, old, object, change)));
        self.wake.send_replace(self.changed);
        self.forget(window)
    }

    pub(super) fn close(&mut self, revision: u64) {
        self.closed = Closed {
            times: self.closed.times + 1,
            at: revision,
        };
        self.wake.send_replace(revision);
    }

    /// Returns up to `limit` changes after revision `after`.
    pub(super) fn since(&self, after: u64, limit: usize) -> Result<Vec<Arc<Event>>, Compacted> {
        if after < self.floor {
            return Err(Compacted { floor: self.floor });
        }
        let first = self.history.partition_point(|event| event.revision <= after);
        Ok(self.history.range(first..).take(limit).cloned().collect())
    }

    /// Returns the range as it was at `revision`: the present with later changes undone.
    pub(super) fn page(&self, range: &Range<'_>, revision: u64) -> Result<Page, Compacted> {
        if revision < self.floor {
            return Err(Compacted { floor: self.floor });
        }
        let undone = self.undo(range, revision);
        let mut snapshot = self.snapshot(range, &undone);
        let mut page = Page::empty(revision);
        for (key, object) in snapshot.by_ref().take(range.limit) {
            page.objects.push(Arc::clone(object));
            page.last = Some(key.to_owned());
        }
        page.remaining = snapshot.count();
        Ok(page)
    }

    /// Returns what was stored at `revision` under the keys of the range that have changed since.
    fn undo(&self, range: &Range<'_>, revision: u64) -> BTreeMap<&str, Option<&ObjectRef>> {
        let mut undone = BTreeMap::new();
        let first = self.history.partition_point(|event| event.revision <= revision);
        for event in self.history.range(first..) {
            if range.covers(&event.key) {
                undone.entry(&*event.key).or_insert(event.old.as_ref());
            }
        }
        undone
    }

    /// Merges present objects with `undone` ones, which win, in key order.
    fn snapshot<'a>(
        &'a self,
        range: &Range<'a>,
        undone: &'a BTreeMap<&'a str, Option<&'a ObjectRef>>,
    ) -> impl Iterator<Item = (&'a str, &'a ObjectRef)> {
        let prefix = range.prefix;
        let mut present = self
            .objects
            .range::<str, _>((range.lower(), Bound::Unbounded))
            .map(|(key, object)| (&**key, object))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .filter(|(key, _)| !undone.contains_key(key))
            .peekable();
        let mut past = undone
            .iter()
            .filter_map(|(key, object)| Some((*key, (*object)?)))
            .peekable();
        iter::from_fn(move || match (present.peek(), past.peek()) {
            (Some((now, _)), Some((then, _))) if then < now => past.next(),
            (None, _) => past.next(),
            _ => present.next(),
        })
    }

    fn forget(&mut self, window: usize) -> Option<Arc<Event>> {
        if self.history.len() <= window {
            return None;
        }
        let oldest = self.history.pop_front()?;
        self.floor = oldest.revision;
        Some(oldest)
    }
}
