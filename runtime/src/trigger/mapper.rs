//! From an object to the keys of those that depend on it.

use crate::cache::{Caches, ObjectKey};

/// A function from a watched object to the keys to reconcile; implemented for functions and closures.
///
/// It takes the object, and optionally the [`Caches`] to look up who refers to it. It is called for the object before
/// and after a change, so a reference that was dropped still reaches its old target. It runs on the watch and must be
/// quick: a lookup in an index, not a request.
///
/// `By` only tells the two forms apart; leave it to inference.
pub trait Mapper<W, By>: Send + Sync + 'static {
    /// Returns the keys to reconcile.
    fn keys(&self, object: &W, caches: &Caches) -> Vec<ObjectKey>;
}

/// Marks a mapper that looks at the object alone.
#[derive(Debug)]
pub struct ByObject<I>(std::marker::PhantomData<I>);

/// Marks a mapper that looks at the object and the caches.
#[derive(Debug)]
pub struct ByCaches<I>(std::marker::PhantomData<I>);

impl<W, F, I> Mapper<W, ByObject<I>> for F
where
    F: Fn(&W) -> I + Send + Sync + 'static,
    I: IntoIterator<Item = ObjectKey>,
{
    fn keys(&self, object: &W, _: &Caches) -> Vec<ObjectKey> {
        self(object).into_iter().collect()
    }
}

impl<W, F, I> Mapper<W, ByCaches<I>> for F
where
    F: Fn(&W, &Caches) -> I + Send + Sync + 'static,
    I: IntoIterator<Item = ObjectKey>,
{
    fn keys(&self, object: &W, caches: &Caches) -> Vec<ObjectKey> {
        self(object, caches).into_iter().collect()
    }
}
