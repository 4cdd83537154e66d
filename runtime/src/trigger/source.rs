//! One watched kind of a controller: its store, its predicate, its way to keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::Predicate;
use crate::cache::{Cached, Caches, Change, ObjectKey, Selection, Store};
use crate::context::Cause;
use crate::queue::Level;

/// A key to reconcile, and why.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    pub(crate) key: ObjectKey,
    pub(crate) level: Level,
    pub(crate) cause: Cause,
    /// True if the object itself is gone, and its failures with it.
    pub(crate) gone: bool,
}

/// Takes triggers; must not block.
pub(crate) type Sink = Arc<dyn Fn(Trigger) + Send + Sync>;

pub(super) type Map<W> = Arc<dyn Fn(&W, &Caches) -> Vec<ObjectKey> + Send + Sync>;

/// A watched kind; `attach` connects it to the store it declares.
pub(super) struct Source<W> {
    pub(super) selection: Option<Selection>,
    pub(super) predicate: Option<Predicate<W>>,
    pub(super) map: Map<W>,
}

/// A source whose kind is forgotten.
pub(super) trait Attach: Send + Sync {
    /// Declares the store and sends what happens in it to the sink; returns what to wait for before the first run.
    fn attach(&self, caches: &Caches, sink: Sink) -> Box<dyn Synced>;
}

/// A store to wait for, whose kind is forgotten.
pub(crate) trait Synced: Send + Sync {
    fn synced(&self) -> BoxFuture<'_, ()>;
}

impl<K: Cached> Synced for Store<K> {
    fn synced(&self) -> BoxFuture<'_, ()> {
        Box::pin(Self::synced(self))
    }
}

impl<W: Cached> Attach for Source<W> {
    fn attach(&self, caches: &Caches, sink: Sink) -> Box<dyn Synced> {
        let store = declare::<W>(caches, self.selection.as_ref());
        let (predicate, map, caches) = (self.predicate.clone(), Arc::clone(&self.map), caches.clone());
        store.subscribe(Arc::new(move |change| {
            if passes(predicate.as_ref(), change) {
                related(change, &caches, &map)
                    .into_iter()
                    .for_each(|trigger| sink(trigger));
            }
        }));
        Box::new(store)
    }
}

/// Connects the reconciled kind itself.
pub(super) fn attach_main<O: Cached>(
    caches: &Caches,
    selection: Option<&Selection>,
    predicate: Option<Predicate<O>>,
    sink: Sink,
) -> Store<O> {
    let store = declare::<O>(caches, selection);
    store.subscribe(Arc::new(move |change| {
        // A delete passes every predicate: the key must be forgotten.
        if matches!(change, Change::Deleted { .. }) || passes(predicate.as_ref(), change) {
            sink(changed(change));
        }
    }));
    store
}

fn declare<W: Cached>(caches: &Caches, selection: Option<&Selection>) -> Store<W> {
    match selection {
        Some(selection) => caches.declare(selection),
        None => caches.declare(&caches.whole()),
    }
}

fn passes<W: Cached>(predicate: Option<&Predicate<W>>, change: &Change<W>) -> bool {
    predicate.is_none_or(|predicate| predicate.test(change))
}

fn changed<O: Cached>(change: &Change<O>) -> Trigger {
    let resource_version = change
        .latest()
        .meta()
        .resource_version
        .clone()
        .unwrap_or_default();
    let cause = if change.is_initial() {
        Cause::Initial
    } else {
        Cause::Changed { resource_version }
    };
    let gone = matches!(change, Change::Deleted { .. });
    Trigger {
        key: change.key(),
        level: level(change),
        cause,
        gone,
    }
}

/// The keys of the object before and after the change, each once.
fn related<W: Cached>(change: &Change<W>, caches: &Caches, map: &Map<W>) -> Vec<Trigger> {
    let keys: BTreeSet<ObjectKey> = change.states().flat_map(|object| map(object, caches)).collect();
    let cause = Cause::Related {
        kind: W::kind(&()).into_owned(),
        name: change.key().to_string(),
    };
    let level = level(change);
    let trigger = |key| Trigger {
        key,
        level,
        cause: cause.clone(),
        gone: false,
    };
    keys.into_iter().map(trigger).collect()
}

fn level<K: Cached>(change: &Change<K>) -> Level {
    if change.is_initial() {
        Level::Low
    } else {
        Level::Normal
    }
}
