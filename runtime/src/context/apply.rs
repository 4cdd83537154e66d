//! An apply on its way: what to do where it meets others is said before it is awaited.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::Context;
use crate::Kind;
use crate::error::Result;
use crate::reconcile::{Object, Reconciler};
use crate::write::{self, Children, Manner, Wanted};

/// An apply of one object; sent when it is awaited.
#[must_use = "nothing is applied before it is awaited"]
pub struct Apply<'a, R: Reconciler, K> {
    cx: &'a Context<R>,
    owner: Option<&'a R::Object>,
    object: K,
    manner: Manner,
}

/// An apply of children; sent when it is awaited.
#[must_use = "nothing is applied before it is awaited"]
pub struct ApplyChildren<'a, R: Reconciler, C, M> {
    cx: &'a Context<R>,
    owner: &'a R::Object,
    children: C,
    manner: Manner,
    form: PhantomData<fn() -> M>,
}

impl<'a, R: Reconciler, K: Object> Apply<'a, R, K> {
    pub(super) fn new(cx: &'a Context<R>, owner: Option<&'a R::Object>, object: K) -> Self {
        Self {
            cx,
            owner,
            object,
            manner: Manner::default(),
        }
    }

    /// Takes over fields that other managers own with another value.
    ///
    /// For fields that are the operator's alone, as after a change of its name. An autoscaler and an operator that both
    /// force the number of replicas undo each other's work for ever.
    pub fn force(mut self) -> Self {
        self.manner.force = true;
        self
    }

    /// Takes over an object of that name that belongs to nobody; it is deleted with its owner from then on.
    pub fn adopt(mut self) -> Self {
        self.manner.adopt = true;
        self
    }
}

impl<'a, R: Reconciler, C: Children<M>, M> ApplyChildren<'a, R, C, M> {
    pub(super) fn new(cx: &'a Context<R>, owner: &'a R::Object, children: C) -> Self {
        Self {
            cx,
            owner,
            children,
            manner: Manner::default(),
            form: PhantomData,
        }
    }

    /// Takes over fields of the children that other managers own with another value; see [`Apply::force`].
    pub fn force(mut self) -> Self {
        self.manner.force = true;
        self
    }

    /// Takes over objects of these names that belong to nobody; see [`Apply::adopt`].
    pub fn adopt(mut self) -> Self {
        self.manner.adopt = true;
        self
    }
}

impl<'a, R: Reconciler, K: Object> IntoFuture for Apply<'a, R, K> {
    type Output = Result<Arc<K>>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            cx,
            owner,
            object,
            manner,
        } = self;
        let wanted = Wanted {
            kind: Kind::of::<K>(),
            object,
        };
        match owner {
            Some(owner) => Box::pin(write::apply_owned(cx.run(), owner, wanted, manner)),
            None => Box::pin(write::apply(cx.run(), wanted, manner)),
        }
    }
}

impl<'a, R: Reconciler, C: Children<M> + 'a, M: 'a> IntoFuture for ApplyChildren<'a, R, C, M> {
    type Output = Result<C::Applied>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(write::apply_children::<R, C, M>(
            self.cx.run(),
            self.owner,
            self.children,
            self.manner,
        ))
    }
}

impl<R: Reconciler, K> fmt::Debug for Apply<'_, R, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apply")
            .field("manner", &self.manner)
            .finish_non_exhaustive()
    }
}

impl<R: Reconciler, C, M> fmt::Debug for ApplyChildren<'_, R, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplyChildren")
            .field("manner", &self.manner)
            .finish_non_exhaustive()
    }
}
