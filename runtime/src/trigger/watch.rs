//! What else a reconciler follows, with all there is to say about it.

use std::fmt;
use std::sync::Arc;

use super::owner::live_owners;
use super::source::{Attach, Leads, Map, Source};
use super::{Mapper, Predicate};
use crate::Kind;
use crate::cache::{Cached, Caches, Known, Selection, Store};
use crate::queue::Level;

/// A kind whose changes start runs of whatever they lead to.
///
/// ```
/// use krate::cache::ObjectKey;
/// use krate::k8s_openapi::api::core::v1::Secret;
/// use krate::queue::Level;
/// use krate::trigger::{Watch, labels_changed};
///
/// fn site_of(secret: &Secret) -> Option<ObjectKey> {
///     let site = secret.metadata.labels.as_ref()?.get("site")?;
///     Some(ObjectKey::new(secret.metadata.namespace.as_deref(), site))
/// }
///
/// let watch = Watch::new(site_of).filter(labels_changed()).level(Level::High);
/// # let _ = watch;
/// ```
pub struct Watch<W> {
    kind: Kind,
    follow: Follow<W>,
    map: Map<W>,
}

/// A kind whose objects may be owned by what is reconciled; a change runs the owner.
///
/// ```
/// use krate::k8s_openapi::api::apps::v1::Deployment;
/// use krate::trigger::{Own, generation_changed};
///
/// let own = Own::<Deployment>::new().filter(generation_changed());
/// # let _ = own;
/// ```
pub struct Own<C> {
    kind: Kind,
    follow: Follow<C>,
}

/// Which changes matter, and how much.
struct Follow<W> {
    selection: Option<Selection>,
    predicate: Option<Predicate<W>>,
    level: Level,
}

impl<W: Cached> Watch<W> {
    /// Runs whatever the mapper names when an object changes.
    #[must_use]
    pub fn new<By>(mapper: impl Mapper<W, By>) -> Self
    where
        W: Known,
    {
        Self::of_kind(Kind::of::<W>(), mapper)
    }

    /// Runs whatever the mapper names when an object of a kind changes that is known at run time only.
    #[must_use]
    pub fn of_kind<By>(kind: Kind, mapper: impl Mapper<W, By>) -> Self {
        Self {
            kind,
            follow: Follow::default(),
            map: Arc::new(move |object: &W, caches: &Caches| mapper.keys(object, caches)),
        }
    }

    /// Follows a selection of the objects, instead of all in the operator's namespaces.
    ///
    /// The selection has a store of its own: find it with [`Caches::store_of`].
    #[must_use]
    pub fn select(mut self, selection: Selection) -> Self {
        self.follow.selection = Some(selection);
        self
    }

    /// Starts runs only for changes that pass the predicate; called twice, both must.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate<W>) -> Self {
        self.follow = self.follow.filter(predicate);
        self
    }

    /// Sets how urgent the runs are that a change starts; those of the first list are low in any case.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.follow.level = level;
        self
    }

    pub(super) fn build(&self) -> Box<dyn Attach> {
        self.follow
            .source(&self.kind, Leads::Anything, Arc::clone(&self.map))
    }
}

impl<C: Cached> Own<C> {
    /// Runs the owner when an object changes.
    #[must_use]
    pub fn new() -> Self
    where
        C: Known,
    {
        Self::of_kind(Kind::of::<C>())
    }

    /// Runs the owner when an object of a kind changes that is known at run time only.
    #[must_use]
    pub fn of_kind(kind: Kind) -> Self {
        Self {
            kind,
            follow: Follow::default(),
        }
    }

    /// Follows a selection of the objects, instead of all in the operator's namespaces.
    #[must_use]
    pub fn select(mut self, selection: Selection) -> Self {
        self.follow.selection = Some(selection);
        self
    }

    /// Starts runs only for changes that pass the predicate; called twice, both must.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate<C>) -> Self {
        self.follow = self.follow.filter(predicate);
        self
    }

    /// Sets how urgent the runs are that a change starts; those of the first list are low in any case.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.follow.level = level;
        self
    }

    pub(super) fn build<O: Cached>(&self, main: &Store<O>) -> Box<dyn Attach> {
        let main = main.clone();
        let map = Arc::new(move |child: &C, _: &Caches| live_owners(&main, child));
        self.follow.source(&self.kind, Leads::Owners, map)
    }
}

impl<C: Known> Default for Own<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Cached> Follow<W> {
    fn filter(mut self, predicate: Predicate<W>) -> Self {
        self.predicate = Some(match self.predicate.take() {
            Some(earlier) => earlier.and(predicate),
            None => predicate,
        });
        self
    }

    fn source(&self, kind: &Kind, leads: Leads, map: Map<W>) -> Box<dyn Attach> {
        Box::new(Source {
            kind: kind.clone(),
            selection: self.selection.clone(),
            predicate: self.predicate.clone(),
            level: self.level,
            leads,
            map,
        })
    }
}

impl<W> Default for Follow<W> {
    fn default() -> Self {
        Self {
            selection: None,
            predicate: None,
            level: Level::Normal,
        }
    }
}

impl<W> fmt::Debug for Watch<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("kind", &self.kind)
            .field("level", &self.follow.level)
            .finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Own<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own")
            .field("kind", &self.kind)
            .field("level", &self.follow.level)
            .finish_non_exhaustive()
    }
}
