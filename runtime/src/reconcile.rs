//! The two traits of a reconciler: what it declares, and what it does.
//!
//! [`Reconciler`] is declared with `#[derive(Reconciler)]`, [`Reconcile`] is written by hand.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde::Serialize;

use crate::action::Action;
use crate::cache::{Cached, ObjectKey};
use crate::context::Context;
use crate::error::Result;
use crate::permission::Permission;
use crate::trigger::Triggers;
use crate::write::OwnedKinds;

pub use crate::object::Object;

/// An object that can be reconciled: of a kind known at compile time, or at run time only.
///
/// Implemented for every type that fits; every [`Object`] is one, and so is
/// [`DynamicObject`](kube::core::DynamicObject).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind that can be reconciled",
    label = "not a Kubernetes object",
    note = "reconcile a kind: the struct that `#[derive(CustomResource)]` makes, a type of `k8s_openapi`, or \
            `DynamicObject`"
)]
pub trait Subject: Cached + Serialize {}

impl<K: Cached + Serialize> Subject for K {}

/// What a reconciler declares: its kind, what it owns and watches, and what it may do.
///
/// Derive it:
///
/// ```
/// use krate::prelude::*;
/// use krate::k8s_openapi::api::{apps::v1::Deployment, core::v1::{ConfigMap, Secret}};
///
/// #[derive(Reconciler)]
/// #[reconciler(for = ConfigMap, owns(Deployment), permits(Secret: [get]))]
/// struct Site;
///
/// assert_eq!(Site.name(), "configmap");
/// ```
pub trait Reconciler: Sized + Send + Sync + 'static {
    /// The kind that is reconciled.
    ///
    /// A kind known at run time only is a [`DynamicObject`](kube::core::DynamicObject), and which kind that is, is
    /// said where the controller is made: [`Controller::of_kind`](crate::controller::Controller::of_kind).
    type Object: Subject;

    /// The finalizer that holds up deletion until [`Reconcile::cleanup`] succeeded.
    const FINALIZER: Option<&'static str> = None;

    /// Returns the name of the controller: in logs, metrics, events, and as field manager of its writes.
    ///
    /// It is the kind in lower case unless `name = ".."` is given.
    fn name(&self) -> Cow<'static, str>;

    /// Returns everything the reconciler may do; the source of its role.
    fn permissions() -> Vec<Permission>;

    /// Returns what starts runs: the kind itself is there already.
    #[must_use]
    fn triggers(triggers: Triggers<Self>) -> Triggers<Self> {
        triggers
    }

    /// Returns the kinds that are owned, for pruning.
    fn owned() -> OwnedKinds {
        OwnedKinds::new()
    }

    /// Returns the definitions to install for the kinds this reconciler brings along.
    ///
    /// Fails if a kind has a schema that no API server would take.
    fn crds() -> Result<Vec<CustomResourceDefinition>> {
        Ok(Vec::new())
    }
}

/// What a reconciler does: bring the world in line with an object.
///
/// A run is level-triggered: it sees the newest object, not the event that caused the run, and may come at any
/// time, also when nothing changed. It must lead to the same end however often it runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not reconcile anything",
    label = "no `Reconcile` for `{Self}`",
    note = "write `#[derive(Reconciler)] #[reconciler(for = MyKind)]` on it, and `impl Reconcile for {Self}` with what it does"
)]
pub trait Reconcile: Reconciler {
    /// Brings the world in line with `object`.
    ///
    /// An error is retried with back-off, unless it is [terminal](crate::Error::terminal).
    /// Not called for an object that is being deleted.
    fn reconcile(
        &self,
        object: Arc<Self::Object>,
        cx: &Context<Self>,
    ) -> impl Future<Output = Result<Action>> + Send;

    /// Undoes what [`reconcile`](Self::reconcile) did outside the cluster, before `object` goes.
    ///
    /// Called only if a finalizer is declared. [`Action::done`] removes the finalizer; [`Action::requeue`] keeps
    /// it and calls again. Children with an owner reference are collected by Kubernetes and need nothing here.
    fn cleanup(
        &self,
        object: Arc<Self::Object>,
        cx: &Context<Self>,
    ) -> impl Future<Output = Result<Action>> + Send {
        let _ = (object, cx);
        std::future::ready(Ok(Action::done()))
    }

    /// Drops what this process remembers of an object that is gone, such as a cached connection.
    ///
    /// Called after the object was deleted or is no longer selected, maybe more than once, and not at all if it went
    /// while the operator was down. What must not be missed belongs into [`cleanup`](Self::cleanup).
    fn forget(&self, key: &ObjectKey) {
        let _ = key;
    }
}
