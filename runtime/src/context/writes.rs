//! Writes: each method is a door to [`write`](crate::write).

use std::sync::Arc;

use kube::core::object::HasStatus;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Context;
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
    pub async fn apply_children<C, M>(&self, owner: &R::Object, children: C) -> Result<C::Applied>
    where
        C: Children<M>,
        R: OwnsAll<C::Kinds>,
    {
        write::apply_children::<R, _, _>(self.run(), owner, children).await
    }

    /// Applies one child of `owner` by server-side apply, and returns what it came to.
    ///
    /// The child gets the owner's namespace unless it names one, and an owner reference that makes `owner` its
    /// controller. What the child leaves out is left to others. Nothing is sent if nothing would change.
    /// Fails with kind [`Controlled`](crate::ErrorKind::Controlled) if another owner controls the object.
    pub async fn apply<K: Object>(&self, owner: &R::Object, child: K) -> Result<Arc<K>>
    where
        R: Permits<verb::patch, K> + Permits<verb::create, K>,
    {
        write::apply_owned(self.run(), owner, child).await
    }

    /// Applies an object that nobody owns; it outlives what is reconciled, so delete it in `cleanup`.
    ///
    /// For what an owner reference cannot reach: another namespace, or the cluster. Prefer [`apply`](Self::apply).
    pub async fn apply_unowned<K: Object>(&self, object: K) -> Result<Arc<K>>
    where
        R: Permits<verb::patch, K> + Permits<verb::create, K>,
    {
        write::apply(self.run(), object).await
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
        shared.recorder.record(&shared.controller, object, event);
    }

    /// Creates an object.
    ///
    /// Fails with kind [`AlreadyExists`](crate::ErrorKind::AlreadyExists) if there is one of that name. Prefer
    /// [`apply`](Self::apply), which can be repeated.
    pub async fn create<K: Object>(&self, object: &K) -> Result<Arc<K>>
    where
        R: Permits<verb::create, K>,
    {
        write::create(self.run(), object).await
    }

    /// Edits an object, and sends what the edit changed, if anything.
    ///
    /// Fails with kind [`Conflict`](crate::ErrorKind::Conflict) if the object changed since it was read. For objects
    /// of others; one's own children are [applied](Self::apply).
    pub async fn patch<K: Object>(&self, object: &K, edit: impl FnOnce(&mut K)) -> Result<Arc<K>>
    where
        R: Permits<verb::patch, K>,
    {
        write::patch(self.run(), object, edit).await
    }

    /// Deletes this very object, if it is still as it was read; one that is gone is fine.
    ///
    /// Fails with kind [`Conflict`](crate::ErrorKind::Conflict) if it changed since. What depends on it is collected
    /// in the background.
    pub async fn delete<K: Object>(&self, object: &K) -> Result<()>
    where
        R: Permits<verb::delete, K>,
    {
        write::delete(self.run(), object).await
    }
}
