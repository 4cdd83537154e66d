//! What happened to the objects a controller follows, in the order it happened.
//!
//! A controller reads the store's history as watches do, without asking for JSON: a look is cheap and never waits,
//! so a controller can catch up with its own writes before it goes on.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::object::{Meta, ObjectRef};
use crate::store::{Batch, Change, Range, Store, Watcher};

/// Follows several buckets; `T` says which of them an object is from.
pub(super) struct Feed<T> {
    store: Arc<Store>,
    buckets: BTreeMap<String, Followed<T>>,
    seen: u64,
}

struct Followed<T> {
    tag: T,
    watcher: Watcher,
    /// What is known to exist: when changes were missed, the difference is what happened.
    known: BTreeMap<String, ObjectRef>,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// The object has this state.
    Stored(ObjectRef),
    /// The object is gone; this was its last state.
    Gone(ObjectRef),
}

impl Seen {
    pub(super) fn object(&self) -> &ObjectRef {
        match self {
            Self::Stored(object) | Self::Gone(object) => object,
        }
    }
}

impl<T: Clone> Feed<T> {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self {
            store,
            buckets: BTreeMap::new(),
            seen: 0,
        }
    }

    /// Follows one more bucket; what is in it now happens at the next look.
    pub(super) fn follow(&mut self, bucket: &str, tag: T) {
        if self.buckets.contains_key(bucket) {
            return;
        }
        let watcher = self.store.watch(bucket, 0);
        let known = BTreeMap::new();
        let followed = Followed { tag, watcher, known };
        self.buckets.insert(bucket.to_owned(), followed);
        // Nothing need be written for the next look to find something.
        self.seen = 0;
    }

    /// Returns what happened since the last look.
    pub(super) fn look(&mut self) -> Vec<(T, Seen)> {
        self.seen = self.store.revision();
        let mut all = Vec::new();
        let mut ended = Vec::new();
        for (bucket, followed) in &mut self.buckets {
            if !followed.look(&self.store, bucket, &mut all) {
                ended.push(bucket.clone());
            }
        }
        for bucket in ended {
            self.buckets.remove(&bucket);
        }
        all.sort_by_key(|(_, seen)| seen.object().revision());
        all
    }

    /// Waits until there may be something new to see.
    pub(super) async fn changed(&self) {
        self.store.reach(self.seen + 1).await;
    }
}

impl<T: Clone> Followed<T> {
    /// Returns whether the bucket goes on.
    fn look(&mut self, store: &Arc<Store>, bucket: &str, all: &mut Vec<(T, Seen)>) -> bool {
        loop {
            match self.watcher.look() {
                Batch::Idle(_) => return true,
                Batch::Closed => {
                    let gone = std::mem::take(&mut self.known).into_values();
                    all.extend(gone.map(|object| (self.tag.clone(), Seen::Gone(object))));
                    return false;
                }
                Batch::Expired(_) => self.start_over(store, bucket, all),
                Batch::Events(events) => {
                    for event in events {
                        let seen = match event.change {
                            Change::Stored => Seen::Stored(event.new.clone()),
                            Change::Removed => Seen::Gone(event.new.clone()),
                        };
                        self.note(seen, all);
                    }
                }
            }
        }
    }

    fn note(&mut self, seen: Seen, all: &mut Vec<(T, Seen)>) {
        let key = key_of(seen.object());
        match &seen {
            Seen::Stored(object) => drop(self.known.insert(key, object.clone())),
            Seen::Gone(_) => drop(self.known.remove(&key)),
        }
        all.push((self.tag.clone(), seen));
    }

    /// Changes were forgotten before they were seen: compares what is there with what was known.
    fn start_over(&mut self, store: &Arc<Store>, bucket: &str, all: &mut Vec<(T, Seen)>) {
        let Ok(page) = store.page(bucket, &Range::all(""), None) else {
            return;
        };
        self.watcher = store.watch(bucket, page.revision);
        let mut missing = std::mem::take(&mut self.known);
        for object in page.objects {
            let known = missing.remove(&key_of(&object));
            let changed = known
                .as_ref()
                .is_none_or(|known| known.revision() != object.revision());
            // Another object of the same name: the one that was known is gone.
            if let Some(known) = known.filter(|known| known.uid() != object.uid()) {
                all.push((self.tag.clone(), Seen::Gone(known)));
            }
            if changed {
                self.note(Seen::Stored(object), all);
            } else {
                self.known.insert(key_of(&object), object);
            }
        }
        all.extend(
            missing
                .into_values()
                .map(|object| (self.tag.clone(), Seen::Gone(object))),
        );
    }
}

fn key_of(object: &ObjectRef) -> String {
    format!("{}/{}", object.namespace(), object.name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put(store: &Store, bucket: &str, name: &str, uid: &str) {
        let expected = store.get(bucket, name).map(|object| object.revision());
        let value = json!({"metadata": {"name": name, "uid": uid}});
        store.put(bucket, name, expected, value).unwrap();
    }

    fn delete(store: &Store, bucket: &str, name: &str) {
        let current = store.get(bucket, name).unwrap();
        store.delete(bucket, name, &current).unwrap();
    }

    fn look(feed: &mut Feed<char>) -> Vec<String> {
        let seen = feed.look().into_iter();
        seen.map(|(tag, seen)| match seen {
            Seen::Stored(object) => format!("{tag}+{}", object.uid()),
            Seen::Gone(object) => format!("{tag}-{}", object.uid()),
        })
        .collect()
    }

    fn feed(store: &Arc<Store>) -> Feed<char> {
        let mut feed = Feed::new(store.clone());
        feed.follow("as", 'a');
        feed.follow("bs", 'b');
        feed
    }

    #[test]
    fn changes_come_in_the_order_of_their_writes() {
        let store = Arc::new(Store::new(100));
        put(&store, "bs", "x", "1");
        let mut feed = feed(&store);
        put(&store, "as", "x", "2");
        delete(&store, "bs", "x");
        put(&store, "bs", "x", "3");
        assert_eq!(look(&mut feed), ["b+1", "a+2", "b-1", "b+3"]);
        assert!(look(&mut feed).is_empty());
    }

    #[test]
    fn what_was_forgotten_is_found_by_comparing() {
        let store = Arc::new(Store::new(2));
        let mut feed = feed(&store);
        put(&store, "as", "x", "1");
        put(&store, "as", "y", "2");
        assert_eq!(look(&mut feed), ["a+1", "a+2"]);
        delete(&store, "as", "x");
        delete(&store, "as", "y");
        put(&store, "as", "y", "3");
        put(&store, "as", "z", "4");
        let mut seen = look(&mut feed);
        seen.sort_unstable();
        assert_eq!(seen, ["a+3", "a+4", "a-1", "a-2"]);
    }

    #[test]
    fn a_closed_bucket_takes_its_objects_along() {
        let store = Arc::new(Store::new(100));
        let mut feed = feed(&store);
        put(&store, "as", "x", "1");
        assert_eq!(look(&mut feed), ["a+1"]);
        store.close("as");
        assert_eq!(look(&mut feed), ["a-1"]);
        assert!(look(&mut feed).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_wakes_who_waits() {
        let store = Arc::new(Store::new(100));
        let mut feed = feed(&store);
        feed.look();
        let (woken, ()) = tokio::join!(
            async {
                feed.changed().await;
                look(&mut feed)
            },
            async { put(&store, "as", "x", "1") }
        );
        assert_eq!(woken, ["a+1"]);
    }
}
