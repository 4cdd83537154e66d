//! One watched kind of a controller: its store, its predicate, its way to keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::Predicate;
use crate::Kind;
use crate::cache::{Cached, Caches, Change, Handler, ObjectKey, Selection, Store, Tie};
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

/// Where triggers go: the queue of a controller, which is closed between terms.
pub(crate) trait Sink: Send + Sync {
    /// Takes a trigger; must not block.
    fn put(&self, trigger: Trigger);

    /// Returns false if triggers are dropped at the moment, so that nothing need be worked out for them.
    fn is_open(&self) -> bool;

    /// Says that an object is gone, in place of the run that would find it out; called while the sink is closed.
    fn gone(&self, key: &ObjectKey);
}

pub(super) type Map<W> = Arc<dyn Fn(&W, &Caches) -> Vec<ObjectKey> + Send + Sync>;

/// What of an object leads to the keys.
#[derive(Clone, Copy)]
pub(super) enum Leads {
    /// Its owners, and nothing else that changes.
    Owners,
    /// Whatever a mapper looks at.
    Anything,
}

/// A watched kind; `attach` connects it to the store it declares.
pub(super) struct Source<W> {
    pub(super) kind: Kind,
    pub(super) selection: Option<Selection>,
    pub(super) predicate: Option<Predicate<W>>,
    pub(super) level: Level,
    pub(super) leads: Leads,
    pub(super) map: Map<W>,
}

/// A source whose kind is forgotten.
pub(super) trait Attach: Send + Sync {
    /// Declares the store and sends what happens in it to the sink.
    fn attach(&self, caches: &Caches, sink: &Arc<dyn Sink>) -> Box<dyn Feed>;
}

/// A store connected to a sink, whose kind is forgotten; dropped, it is connected no more.
pub(crate) trait Feed: Send + Sync {
    /// Waits until the store is complete.
    fn synced(&self) -> BoxFuture<'_, ()>;

    /// Sends what the store holds once more, as its first list did.
    fn replay(&self);
}

/// A store and what it tells the sink.
struct Connection<K> {
    store: Store<K>,
    replay: Replay<K>,
    /// What holds the connection, and the store.
    _ties: [Tie; 2],
}

/// How what a store holds is sent once more.
enum Replay<K> {
    /// As changes, for whoever asks what is in the objects.
    Changes(Handler<K>),
    /// By their keys alone, which costs no decoding.
    Keys(Arc<dyn Sink>),
}

impl<K: Cached> Connection<K> {
    fn new(store: Store<K>, lease: Tie, handler: &Handler<K>, replay: Replay<K>) -> Self {
        let subscription = store.subscribe(Arc::clone(handler));
        Self {
            store,
            replay,
            _ties: [subscription, lease],
        }
    }
}

impl<K: Cached> Feed for Connection<K> {
    fn synced(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.store.synced())
    }

    fn replay(&self) {
        match &self.replay {
            Replay::Changes(handler) => self.store.replay(handler),
            Replay::Keys(sink) => {
                let keys = self.store.keys().into_iter();
                keys.map(initial).for_each(|trigger| sink.put(trigger));
            }
        }
    }
}

impl<W: Cached> Attach for Source<W> {
    fn attach(&self, caches: &Caches, sink: &Arc<dyn Sink>) -> Box<dyn Feed> {
        let (store, lease) = lease::<W>(caches, &self.kind, self.selection.as_ref());
        let (predicate, map, caches) = (self.predicate.clone(), Arc::clone(&self.map), caches.clone());
        let (kind, urgency, sink) = (self.kind.clone(), self.level, Arc::clone(sink));
        let leads = self.leads;
        let handler: Handler<W> = Arc::new(move |change| {
            if sink.is_open() && passes(predicate.as_ref(), change) {
                let keys = leads.keys(change, |object| map(object, &caches));
                related(&kind, change, urgency, keys)
                    .into_iter()
                    .for_each(|trigger| sink.put(trigger));
            }
        });
        let replay = Replay::Changes(Arc::clone(&handler));
        Box::new(Connection::new(store, lease, &handler, replay))
    }
}

/// The reconciled kind itself.
pub(super) struct Main<O> {
    pub(super) selection: Option<Selection>,
    pub(super) predicate: Option<Predicate<O>>,
    pub(super) level: Level,
}

impl<O: Cached> Main<O> {
    /// Declares the store and sends what happens in it to the sink.
    pub(super) fn attach(
        self,
        kind: &Kind,
        caches: &Caches,
        sink: &Arc<dyn Sink>,
    ) -> (Store<O>, Box<dyn Feed>) {
        let (store, lease) = lease::<O>(caches, kind, self.selection.as_ref());
        let (predicate, urgency, sink) = (self.predicate, self.level, Arc::clone(sink));
        let keys = predicate.is_none().then(|| Replay::Keys(Arc::clone(&sink)));
        let handler: Handler<O> = Arc::new(move |change| {
            let is_gone = matches!(change, Change::Deleted { .. });
            match sink.is_open() {
                // A delete passes every predicate: the key must be forgotten.
                true if is_gone || passes(predicate.as_ref(), change) => sink.put(changed(change, urgency)),
                false if is_gone => sink.gone(&change.key()),
                _ => {}
            }
        });
        let replay = keys.unwrap_or_else(|| Replay::Changes(Arc::clone(&handler)));
        let connection = Connection::new(store.clone(), lease, &handler, replay);
        (store, Box::new(connection))
    }
}

pub(super) fn lease<W: Cached>(
    caches: &Caches,
    kind: &Kind,
    selection: Option<&Selection>,
) -> (Store<W>, Tie) {
    match selection {
        Some(selection) => caches.lease(kind, selection),
        None => caches.lease(kind, &caches.whole()),
    }
}

fn passes<W: Cached>(predicate: Option<&Predicate<W>>, change: &Change<W>) -> bool {
    predicate.is_none_or(|predicate| predicate.test(change))
}

/// The trigger of an object that was there from the start.
fn initial(key: ObjectKey) -> Trigger {
    Trigger {
        key,
        level: Level::Low,
        cause: Cause::Initial,
        gone: false,
    }
}

fn changed<O: Cached>(change: &Change<O>, urgency: Level) -> Trigger {
    let cause = if change.is_initial() {
        Cause::Initial
    } else {
        Cause::Changed {
            resource_version: version(change),
        }
    };
    let gone = matches!(change, Change::Deleted { .. });
    Trigger {
        key: change.key(),
        level: level(change, urgency),
        cause,
        gone,
    }
}

impl Leads {
    /// Returns the keys of the object before and after the change, each once.
    fn keys<W: Cached>(self, change: &Change<W>, map: impl Fn(&W) -> Vec<ObjectKey>) -> BTreeSet<ObjectKey> {
        match self {
            Self::Owners => change.states_by_owner().flat_map(|object| map(object)).collect(),
            Self::Anything => change.states().flat_map(|object| map(object)).collect(),
        }
    }
}

fn related<W: Cached>(
    kind: &Kind,
    change: &Change<W>,
    urgency: Level,
    keys: BTreeSet<ObjectKey>,
) -> Vec<Trigger> {
    let cause = Cause::Related {
        kind: kind.kind().to_owned(),
        name: change.key().to_string(),
        resource_version: version(change),
    };
    let level = level(change, urgency);
    let trigger = |key| Trigger {
        key,
        level,
        cause: cause.clone(),
        gone: false,
    };
    keys.into_iter().map(trigger).collect()
}

fn version<K: Cached>(change: &Change<K>) -> String {
    change
        .latest()
        .meta()
        .resource_version
        .clone()
        .unwrap_or_default()
}

fn level<K: Cached>(change: &Change<K>, urgency: Level) -> Level {
    if change.is_initial() { Level::Low } else { urgency }
}
