//! Children of mixed kinds: one, several or none of each, together in a tuple.

use std::collections::BTreeSet;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use kube::core::DynamicObject;

use super::apply::{Manner, Wanted, apply_owned};
use super::owned::{Family, OwnedKinds};
use super::owner::reference_to;
use crate::Kind;
use crate::cache::ObjectKey;
use crate::context::Run;
use crate::error::Result;
use crate::permission::Owns;
use crate::reconcile::{Object, Reconciler, Subject};

/// What a reconciler can return as children: an object, a `Vec` or an `Option` of one, or a tuple of these.
///
/// `M` tells the forms apart; leave it to inference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be applied as children",
    label = "not an object, a `Vec` or an `Option` of objects, or a tuple of these",
    note = "children are values, not references: clone what you need to keep"
)]
pub trait Children<M>: Send {
    /// The kinds among them.
    type Kinds;
    /// What they came to, in the same shape.
    type Applied: Send;

    /// Applies each, in order, and notes it.
    #[doc(hidden)]
    fn apply_to<O: Subject>(
        self,
        brood: &mut Brood<'_, O>,
    ) -> impl Future<Output = Result<Self::Applied>> + Send;
}

/// A reconciler that owns all of these kinds.
#[diagnostic::on_unimplemented(
    message = "`{Self}` applies children of a kind it does not own",
    label = "not all of these kinds are in `owns(..)`",
    note = "add the kind that is missing: `#[reconciler(owns(..))]` on `{Self}`"
)]
pub trait OwnsAll<Kinds> {}

/// Marks a single child, and stands for its kind.
#[derive(Debug)]
pub struct One<K>(PhantomData<K>);
/// Marks a `Vec` of children.
#[derive(Debug)]
pub struct Many<M>(PhantomData<M>);
/// Marks an `Option` of children.
#[derive(Debug)]
pub struct Maybe<M>(PhantomData<M>);

/// The children applied so far, and whose they are.
#[doc(hidden)]
pub struct Brood<'a, O> {
    run: &'a Run,
    owner: &'a O,
    manner: Manner,
    keep: BTreeSet<(Kind, ObjectKey)>,
    /// The kinds among them that are known at run time only.
    dynamic: BTreeSet<Kind>,
}

impl<O> std::fmt::Debug for Brood<'_, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Brood")
            .field("keep", &self.keep.len())
            .finish_non_exhaustive()
    }
}

/// Applies children and prunes what is no longer among them.
///
/// Of kinds known at run time only, those are pruned that are among the children, or were since the start.
pub(crate) async fn apply_children<R, C, M>(
    run: &Run,
    owner: &R::Object,
    children: C,
    manner: Manner,
) -> Result<C::Applied>
where
    R: Reconciler,
    C: Children<M>,
{
    let uid = reference_to(&run.shared.kind, owner)?.uid;
    let mut brood = Brood {
        run,
        owner,
        manner,
        keep: BTreeSet::new(),
        dynamic: BTreeSet::new(),
    };
    let applied = children.apply_to(&mut brood).await?;
    let namespace = run.key.namespace().map(str::to_owned);
    let family = Family {
        uid,
        namespace,
        keep: brood.keep,
    };
    let owned = R::owned();
    owned.prune(run, &family).await?;
    let dynamic = run.shared.memory.add_kinds(&run.key, brood.dynamic);
    let found = dynamic.into_iter().filter(|kind| !owned.contains(kind));
    found
        .fold(OwnedKinds::new(), OwnedKinds::with_kind)
        .prune(run, &family)
        .await?;
    Ok(applied)
}

impl<K: Object> Children<One<K>> for K {
    type Kinds = One<K>;
    type Applied = Arc<K>;

    async fn apply_to<O: Subject>(self, brood: &mut Brood<'_, O>) -> Result<Arc<K>> {
        let wanted = Wanted {
            kind: Kind::of::<K>(),
            object: self,
        };
        brood.apply(wanted).await
    }
}

impl<O: Subject> Brood<'_, O> {
    async fn apply<K: Subject>(&mut self, wanted: Wanted<K>) -> Result<Arc<K>> {
        let kind = wanted.kind.clone();
        let applied = apply_owned(self.run, self.owner, wanted, self.manner).await?;
        self.keep.insert((kind, ObjectKey::of(applied.as_ref())));
        Ok(applied)
    }
}

/// A child of a kind that is known at run time only.
///
/// ```
/// use krate::Kind;
/// use krate::kube::core::DynamicObject;
/// use krate::write::Dynamic;
///
/// let widgets = Kind::namespaced("example.com", "v1", "Widget", "widgets");
/// let mut widget = DynamicObject::new("blue", &widgets.api_resource());
/// widget.data["spec"]["colour"] = "blue".into();
/// let child = Dynamic::new(widgets, widget);
/// # let _ = child;
/// ```
#[derive(Clone, Debug)]
pub struct Dynamic {
    kind: Kind,
    object: DynamicObject,
}

impl Dynamic {
    /// Returns a child of this kind; what the object itself says of its kind does not count.
    #[must_use]
    pub fn new(kind: Kind, object: DynamicObject) -> Self {
        Self { kind, object }
    }
}

/// Marks a child of a kind that is known at run time only.
#[derive(Debug)]
pub struct AnyKind(());

impl Children<AnyKind> for Dynamic {
    type Kinds = ();
    type Applied = Arc<DynamicObject>;

    async fn apply_to<O: Subject>(self, brood: &mut Brood<'_, O>) -> Result<Arc<DynamicObject>> {
        brood.dynamic.insert(self.kind.clone());
        let wanted = Wanted {
            kind: self.kind,
            object: self.object,
        };
        brood.apply(wanted).await
    }
}

impl<M: Send, C: Children<M>> Children<Many<M>> for Vec<C> {
    type Kinds = C::Kinds;
    type Applied = Vec<C::Applied>;

    async fn apply_to<O: Subject>(self, brood: &mut Brood<'_, O>) -> Result<Self::Applied> {
        let mut applied = Vec::with_capacity(self.len());
        for child in self {
            applied.push(child.apply_to(brood).await?);
        }
        Ok(applied)
    }
}

impl<M: Send, C: Children<M>> Children<Maybe<M>> for Option<C> {
    type Kinds = C::Kinds;
    type Applied = Option<C::Applied>;

    async fn apply_to<O: Subject>(self, brood: &mut Brood<'_, O>) -> Result<Self::Applied> {
        match self {
            Some(child) => child.apply_to(brood).await.map(Some),
            None => Ok(None),
        }
    }
}

impl Children<()> for () {
    type Kinds = ();
    type Applied = ();

    async fn apply_to<O: Subject>(self, _: &mut Brood<'_, O>) -> Result<()> {
        Ok(())
    }
}

impl<R> OwnsAll<()> for R {}

impl<R: Owns<K>, K> OwnsAll<One<K>> for R {}

macro_rules! tuples {
    ($(($($child:ident $mark:ident $field:tt),+))+) => {$(
        impl<$($child: Children<$mark>, $mark: Send),+> Children<($($mark,)+)> for ($($child,)+) {
            type Kinds = ($($child::Kinds,)+);
            type Applied = ($($child::Applied,)+);

            async fn apply_to<Owner: Subject>(self, brood: &mut Brood<'_, Owner>) -> Result<Self::Applied> {
                Ok(($(self.$field.apply_to(brood).await?,)+))
            }
        }

        impl<R $(, $child)+> OwnsAll<($($child,)+)> for R where $(R: OwnsAll<$child>),+ {}
    )+};
}

tuples! {
    (A MA 0)
    (A MA 0, B MB 1)
    (A MA 0, B MB 1, C MC 2)
    (A MA 0, B MB 1, C MC 2, D MD 3)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4, F MF 5)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4, F MF 5, G MG 6)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4, F MF 5, G MG 6, H MH 7)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4, F MF 5, G MG 6, H MH 7, I MI 8)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4, F MF 5, G MG 6, H MH 7, I MI 8, J MJ 9)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4, F MF 5, G MG 6, H MH 7, I MI 8, J MJ 9, K MK 10)
    (A MA 0, B MB 1, C MC 2, D MD 3, E ME 4, F MF 5, G MG 6, H MH 7, I MI 8, J MJ 9, K MK 10, L ML 11)
}
