//! What starts runs of a reconciler, as it declares it.

use std::fmt;
use std::sync::Arc;

use super::owner::live_owners;
use super::source::{Attach, Feed, Map, Sink, Source, attach_main};
use super::{Mapper, Predicate};
use crate::cache::{Cached, Caches, Index, Selection, Store};
use crate::reconcile::Reconciler;

/// Everything that starts runs of `R`: its own kind, what it owns, what it watches.
///
/// The derive fills it from `owns(..)` and `watches(..)`; add to it for predicates, selections and indexes.
///
/// ```no_run
/// # use krate::k8s_openapi::api::{apps::v1::Deployment, core::v1::Secret};
/// # use krate::{cache::ObjectKey, trigger::{Triggers, generation_changed}, Reconciler};
/// # fn site_of(secret: &Secret) -> Vec<ObjectKey> { Vec::new() }
/// # fn example<R: Reconciler>(triggers: Triggers<R>) -> Triggers<R> {
/// triggers
///     .filter(generation_changed())
///     .owns::<Deployment>()
///     .watches::<Secret, _>(site_of)
/// # }
/// ```
pub struct Triggers<R: Reconciler> {
    selection: Option<Selection>,
    predicate: Option<Predicate<R::Object>>,
    sources: Vec<Build<R::Object>>,
    indexes: Vec<AddIndex>,
}

/// Makes a source once the store of the reconciled kind is known.
type Build<O> = Box<dyn Fn(&Store<O>) -> Box<dyn Attach> + Send + Sync>;

/// Adds an index to the store it is for.
type AddIndex = Box<dyn Fn(&Caches) + Send + Sync>;

impl<R: Reconciler> Triggers<R> {
    /// Returns triggers for the reconciled kind alone.
    #[must_use]
    pub fn new() -> Self {
        Self {
            selection: None,
            predicate: None,
            sources: Vec::new(),
            indexes: Vec::new(),
        }
    }

    /// Starts runs only for changes of the reconciled object that pass the predicate; called twice, both must.
    ///
    /// Deletes pass always.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate<R::Object>) -> Self {
        self.predicate = Some(match self.predicate.take() {
            Some(earlier) => earlier.and(predicate),
            None => predicate,
        });
        self
    }

    /// Reconciles only a selection of the objects, instead of all in the operator's namespaces.
    #[must_use]
    pub fn select(mut self, selection: Selection) -> Self {
        self.selection = Some(selection);
        self
    }

    /// Runs the owner when an object of kind `C` that it owns changes.
    #[must_use]
    pub fn owns<C: Cached>(self) -> Self {
        self.owns_child::<C>(None)
    }

    /// Runs the owner when an object of kind `C` that it owns changes in a way that passes the predicate.
    #[must_use]
    pub fn owns_if<C: Cached>(self, predicate: Predicate<C>) -> Self {
        self.owns_child(Some(predicate))
    }

    /// Runs whatever the mapper names when an object of kind `W` changes.
    #[must_use]
    pub fn watches<W: Cached, By>(self, mapper: impl Mapper<W, By>) -> Self {
        self.watch(None, None, mapper)
    }

    /// Runs whatever the mapper names when an object of kind `W` changes in a way that passes the predicate.
    #[must_use]
    pub fn watches_if<W: Cached, By>(self, predicate: Predicate<W>, mapper: impl Mapper<W, By>) -> Self {
        self.watch(None, Some(predicate), mapper)
    }

    /// Runs whatever the mapper names when an object of kind `W` within a selection changes.
    ///
    /// The selection has a store of its own: find it with [`Caches::store_of`].
    #[must_use]
    pub fn watches_in<W: Cached, By>(self, selection: Selection, mapper: impl Mapper<W, By>) -> Self {
        self.watch(Some(selection), None, mapper)
    }

    /// Adds an index to the store of a kind, for [`Store::indexed`].
    #[must_use]
    pub fn index<K: Cached>(mut self, index: Index<K>) -> Self {
        let add = move |caches: &Caches| caches.declare::<K>(&caches.whole()).add_index(index);
        self.indexes.push(Box::new(add));
        self
    }

    fn owns_child<C: Cached>(mut self, predicate: Option<Predicate<C>>) -> Self {
        self.sources.push(Box::new(move |main| {
            let (main, predicate) = (main.clone(), predicate.clone());
            let map = Arc::new(move |child: &C, _: &Caches| live_owners(&main, child));
            Box::new(Source {
                selection: None,
                predicate,
                map,
            })
        }));
        self
    }

    fn watch<W: Cached, By>(
        mut self,
        selection: Option<Selection>,
        predicate: Option<Predicate<W>>,
        mapper: impl Mapper<W, By>,
    ) -> Self {
        let map: Map<W> = Arc::new(move |object: &W, caches: &Caches| mapper.keys(object, caches));
        self.sources.push(Box::new(move |_| {
            let (selection, predicate) = (selection.clone(), predicate.clone());
            Box::new(Source {
                selection,
                predicate,
                map: Arc::clone(&map),
            })
        }));
        self
    }

    /// Declares every store and connects it to the sink.
    pub(crate) fn attach(self, caches: &Caches, sink: &Arc<dyn Sink>) -> Attached<R::Object> {
        let (main, feed) = attach_main(caches, self.selection.as_ref(), self.predicate, sink);
        let sources = self.sources.iter().map(|build| build(&main).attach(caches, sink));
        // The reconciled kind first: what names a key says why it is reconciled.
        let feeds = std::iter::once(feed).chain(sources).collect();
        self.indexes.iter().for_each(|add| add(caches));
        Attached { main, feeds }
    }
}

/// The stores of a controller, declared and connected.
pub(crate) struct Attached<O> {
    pub(crate) main: Store<O>,
    pub(crate) feeds: Vec<Box<dyn Feed>>,
}

impl<R: Reconciler> Default for Triggers<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Reconciler> fmt::Debug for Triggers<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Triggers")
            .field("selection", &self.selection)
            .field("sources", &self.sources.len())
            .field("indexes", &self.indexes.len())
            .finish_non_exhaustive()
    }
}
