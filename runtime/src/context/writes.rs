//! Writes: each method is a door to [`write`](crate::write).

use std::sync::Arc;

use kube::core::object::HasStatus;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Context;
use super::apply::{Apply, ApplyChildren};
use crate::Kind;
use crate::error::Result;
use crate::permission::{Permits, subresource, verb};
use crate::reconcile::{Object, Reconciler};
use crate::write::{self, Children, Event, OwnsAll};

impl<R: Reconciler> Context<R> {
    /// Applies the children of `owner` and deletes those no longer returned.
    ///
    /// Takes one child, a `Vec` or an `Option` of children, or a tuple of any of these, and returns what they came
    /// to in the same shape. Each is applied as [`apply`](Self::apply) does, in order. Then every object of the
    /// kinds in `owns(..)` that `owner` controls and that was not among them is deleted, also one that was made by
    /// other means: use `apply` or [`create`](Self::create) with kinds outside `owns(..)` for what shall stay.
    ///
    /// ```no_run
    /// # use krate::prelude::*;
    /// # use krate::k8s_openapi::api::{apps::v1::Deployment, core::v1::{ConfigMap, Service}};
    /// # #[derive(Reconciler)]
    /// # #[reconciler(for = ConfigMap, owns(Deployment, Service))]
    /// # struct Site;
    /// # fn deployment(_: &ConfigMap) -> Deployment { Deployment::default() }
    /// # fn service(_: &ConfigMap) -> Option<Service> { None }
    /// # async fn example(site: Arc<ConfigMap>, cx: &Context<Site>) -> Result<()> {
    /// let (deployment, service) = cx.apply_children(&site, (deployment(&site), service(&site))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply_children<'a, C, M>(&'a self, owner: &'a R::Object, children: C) -> ApplyChildren<'a, R, C, M>
    where
        C: Children<M> + 'a,
        R: OwnsAll<C::Kinds>,
    {
        ApplyChildren::new(self, owner, children)
    }

    /// Applies one child of `owner` by server-side apply, and returns what it came to.
    ///
    /// The child gets the owner's namespace unless it names one, and an owner reference that makes `owner` its
    /// controller. What the child leaves out is left to others. Nothing is sent if nothing would change.
    ///
    /// Nobody else's work is undone unless you say so. It fails with kind
    /// [`Controlled`](crate::ErrorKind::Controlled) if another owner controls the object,
    /// [`Unowned`](crate::ErrorKind::Unowned) if an object of that name belongs to nobody and
    /// [`adopt`](Apply::adopt) is not asked for, and [`Contested`](crate::ErrorKind::Contested) if another manager owns
    /// a field with another value and [`force`](Apply::force) is not asked for.
    ///
    /// ```no_run
    /// # use krate::prelude::*;
    /// # use krate::k8s_openapi::api::{apps::v1::Deployment, core::v1::ConfigMap};
    /// # #[derive(Reconciler)]
    /// # #[reconciler(for = ConfigMap, owns(Deployment))]
    /// # struct Site;
    /// # fn deployment(_: &ConfigMap) -> Deployment { Deployment::default() }
    /// # async fn example(site: Arc<ConfigMap>, cx: &Context<Site>) -> Result<()> {
    /// let deployment = cx.apply(&site, deployment(&site)).force().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply<'a, K: Object>(&'a self, owner: &'a R::Object, child: K) -> Apply<'a, R, K>
    where
        R: Permits<verb::patch, K> + Permits<verb::create, K>,
    {
        Apply::new(self, Some(owner), child)
    }

    /// Applies an object that nobody owns; it outlives what is reconciled, so delete it in `cleanup`.
    ///
    /// For what an owner reference cannot reach: another namespace, or the cluster. Prefer [`apply`](Self::apply).
    pub fn apply_unowned<K: Object>(&self, object: K) -> Apply<'_, R, K>
    where
        R: Permits<verb::patch, K> + Permits<verb::create, K>,
    {
        Apply::new(self, None, object)
    }

    /// Edits the status of `object`, and sends what the edit changed, if anything.
    ///
    /// The edit starts from the newest status known. `observedGeneration` is set if the status has such a field;
    /// conditions that were set get their transition time and generation. Changes of others since then are kept:
    /// the edit is carried over to the newer state.
    ///
    /// Returns the object with its new status.
    pub async fn status(
        &self,
        object: &R::Object,
        edit: impl FnOnce(&mut <R::Object as HasStatus>::Status),
    ) -> Result<Arc<R::Object>>
    where
        R: Permits<verb::patch, subresource::Status<R::Object>>,
        R::Object: HasStatus<Status: Clone + Default + Serialize + DeserializeOwned>,
    {
        write::update_status(self.run(), object, edit).await
    }

    /// Tells people about `object`: the event is sent in the background and shows in `kubectl describe`.
    ///
    /// Events that repeat are counted, not repeated. Do not tell programs anything with them: they may be lost.
    pub fn event(&self, object: &R::Object, event: Event) {
        let shared = &self.run().shared;
        shared
            .recorder
            .record(&shared.controller, &shared.kind, object, event);
    }

    /// Creates an object.
    ///
    /// Fails with kind [`AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is one of that name. Prefer
    /// [`apply`](Self::apply), which can be repeated.
    pub async fn create<K: Object>(&self, object: &K) -> Result<Arc<K>>
    where
        R: Permits<verb::create, K>,
    {
        write::create(self.run(), &Kind::of::<K>(), object).await
    }

    /// Edits an object, and sends what the edit changed, if anything.
    ///
    /// Fails with kind [`Conflict`](crate::ErrorKind::Conflict) if the object changed since it was read. For objects
    /// of others; one's own children are [applied](Self::apply).
    pub async fn patch<K: Object>(&self, object: &K, edit: impl FnOnce(&mut K)) -> Result<Arc<K>>
    where
        R: Permits<verb::patch, K>,
    {
        write::patch(self.run(), &Kind::of::<K>(), object, edit).await
    }

    /// Deletes this very object, if it is still as it was read; one that is gone is fine.
    ///
    /// Fails with kind [`Conflict`](crate::ErrorKind::Conflict) if it changed since. What depends on it is collected
    /// in the background.
    pub async fn delete<K: Object>(&self, object: &K) -> Result<()>
    where
        R: Permits<verb::delete, K>,
    {
        write::delete(self.run(), &Kind::of::<K>(), object).await
    }
}
