//! What starts runs of a reconciler, as it declares it.

use std::fmt;
use std::sync::Arc;

use futures::Stream;
use tokio::sync::mpsc;

use super::outside::{Outside, Request, Streams};
use super::source::{Attach, Feed, Main, Sink, lease};
use super::{Mapper, Own, Predicate, Watch};
use crate::Kind;
use crate::cache::{Cached, Caches, Index, Known, Selection, Store, Tie};
use crate::queue::Level;
use crate::reconcile::Reconciler;

/// Everything that starts runs of `R`: its own kind, what it owns, what it watches, and what comes from outside.
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
    main: Main<R::Object>,
    sources: Vec<Build<R::Object>>,
    indexes: Vec<AddIndex>,
    outside: Streams,
}

/// Makes a source once the store of the reconciled kind is known.
type Build<O> = Box<dyn Fn(&Store<O>) -> Box<dyn Attach> + Send + Sync>;

/// Adds an index to the store it is for.
type AddIndex = Box<dyn Fn(&Caches) -> Tie + Send + Sync>;

impl<R: Reconciler> Triggers<R> {
    /// Returns triggers for the reconciled kind alone.
    #[must_use]
    pub fn new() -> Self {
        Self {
            main: Main {
                selection: None,
                predicate: None,
                level: Level::Normal,
            },
            sources: Vec::new(),
            indexes: Vec::new(),
            outside: Streams::default(),
        }
    }

    /// Starts runs only for changes of the reconciled object that pass the predicate; called twice, both must.
    ///
    /// Deletes pass always.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate<R::Object>) -> Self {
        self.main.predicate = Some(match self.main.predicate.take() {
            Some(earlier) => earlier.and(predicate),
            None => predicate,
        });
        self
    }

    /// Reconciles only a selection of the objects, instead of all in the operator's namespaces.
    #[must_use]
    pub fn select(mut self, selection: Selection) -> Self {
        self.main.selection = Some(selection);
        self
    }

    /// Sets how urgent the runs are that a change of the reconciled object starts.
    ///
    /// Those of the first list are low in any case: nothing need have happened.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.main.level = level;
        self
    }

    /// Runs the owner when an object of kind `C` that it owns changes.
    #[must_use]
    pub fn owns<C: Known>(self) -> Self {
        self.own(Own::<C>::new())
    }

    /// Runs the owner when an object of kind `C` that it owns changes in a way that passes the predicate.
    #[must_use]
    pub fn owns_if<C: Known>(self, predicate: Predicate<C>) -> Self {
        self.own(Own::<C>::new().filter(predicate))
    }

    /// Runs the owner when an object that it owns changes, with all there is to say about which and how.
    #[must_use]
    pub fn own<C: Cached>(mut self, own: Own<C>) -> Self {
        self.sources.push(Box::new(move |main| own.build(main)));
        self
    }

    /// Runs whatever the mapper names when an object of kind `W` changes.
    #[must_use]
    pub fn watches<W: Known, By>(self, mapper: impl Mapper<W, By>) -> Self {
        self.watch(Watch::new(mapper))
    }

    /// Runs whatever the mapper names when an object of kind `W` changes in a way that passes the predicate.
    #[must_use]
    pub fn watches_if<W: Known, By>(self, predicate: Predicate<W>, mapper: impl Mapper<W, By>) -> Self {
        self.watch(Watch::new(mapper).filter(predicate))
    }

    /// Runs whatever the mapper names when an object of kind `W` within a selection changes.
    ///
    /// The selection has a store of its own: find it with [`Caches::store_of`].
    #[must_use]
    pub fn watches_in<W: Known, By>(self, selection: Selection, mapper: impl Mapper<W, By>) -> Self {
        self.watch(Watch::new(mapper).select(selection))
    }

    /// Runs whatever a mapper names when an object changes, with all there is to say about which and how.
    #[must_use]
    pub fn watch<W: Cached>(mut self, watch: Watch<W>) -> Self {
        self.sources.push(Box::new(move |_| watch.build()));
        self
    }

    /// Adds an index to the store of a kind, for [`Store::indexed`].
    #[must_use]
    pub fn index<K: Known>(mut self, index: Index<K>) -> Self {
        let add = move |caches: &Caches| {
            let (store, tie) = lease::<K>(caches, &Kind::of::<K>(), None);
            store.add_index(index);
            tie
        };
        self.indexes.push(Box::new(add));
        self
    }

    /// Runs the keys that a stream names, for what no watch of the cluster can tell: a message, a webhook, a clock.
    ///
    /// It is asked for the next key while the controller runs, and not while another replica leads. Nothing is dropped:
    /// a key that is waiting already is run once for both. A stream that ends or panics is told in the log.
    ///
    /// ```
    /// use std::time::Duration;
    /// use futures::stream;
    /// use krate::cache::ObjectKey;
    /// # use krate::{Reconciler, trigger::Triggers};
    /// # fn example<R: Reconciler>(triggers: Triggers<R>) -> Triggers<R> {
    /// let hourly = stream::unfold((), |()| async {
    ///     tokio::time::sleep(Duration::from_secs(3600)).await;
    ///     Some((ObjectKey::namespaced("shop", "prices"), ()))
    /// });
    /// triggers.stream("prices", hourly)
    /// # }
    /// ```
    #[must_use]
    pub fn stream<S>(mut self, name: impl Into<String>, stream: S) -> Self
    where
        S: Stream<Item: Into<Request>> + Send + 'static,
    {
        self.outside.add(name.into(), stream);
        self
    }

    /// Runs the keys that come through a channel; otherwise as [`stream`](Self::stream).
    ///
    /// The channel's bound is the sender's: when it is full, `send` waits and `try_send` says so.
    ///
    /// ```
    /// use krate::cache::ObjectKey;
    /// # use krate::{Reconciler, trigger::Triggers};
    /// # fn example<R: Reconciler>(triggers: Triggers<R>) -> Triggers<R> {
    /// let (sender, receiver) = tokio::sync::mpsc::channel::<ObjectKey>(64);
    /// let triggers = triggers.channel("payments", receiver);
    /// # drop(sender);
    /// # triggers
    /// # }
    /// ```
    #[must_use]
    pub fn channel<T>(self, name: impl Into<String>, mut receiver: mpsc::Receiver<T>) -> Self
    where
        T: Into<Request> + Send + 'static,
    {
        self.stream(
            name,
            futures::stream::poll_fn(move |context| receiver.poll_recv(context)),
        )
    }

    /// Declares every store and connects it to the sink.
    pub(crate) fn attach(self, kind: &Kind, caches: &Caches, sink: &Arc<dyn Sink>) -> Attached<R::Object> {
        let (main, feed) = self.main.attach(kind, caches, sink);
        let sources = self.sources.iter().map(|build| build(&main).attach(caches, sink));
        // The reconciled kind first: what names a key says why it is reconciled.
        let feeds = std::iter::once(feed).chain(sources).collect();
        let indexed = self.indexes.iter().map(|add| add(caches)).collect();
        Attached {
            main,
            feeds,
            indexed,
            outside: self.outside.into(),
        }
    }
}

/// The stores of a controller, declared and connected.
pub(crate) struct Attached<O> {
    pub(crate) main: Store<O>,
    pub(crate) feeds: Vec<Box<dyn Feed>>,
    /// What holds the stores that have an index.
    pub(crate) indexed: Vec<Tie>,
    pub(crate) outside: Outside,
}

impl<R: Reconciler> Default for Triggers<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Reconciler> fmt::Debug for Triggers<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Triggers")
            .field("selection", &self.main.selection)
            .field("sources", &self.sources.len())
            .field("indexes", &self.indexes.len())
            .field("outside", &self.outside)
            .finish_non_exhaustive()
    }
}
