//! Objects of kinds that are known at run time only.

use std::fmt;
use std::sync::Arc;

use kube::core::DynamicObject;
use serde_json::Value;

use super::read::{get, list};
use super::{Context, Filter, ObjectName, found};
use crate::Kind;
use crate::error::Result;
use crate::reconcile::Reconciler;
use crate::write::{self, Manner, Wanted};

/// The objects of one kind that is known at run time only, as one run sees them; made by [`Context::of_kind`].
///
/// No type says what may be done here: declare the permissions by hand, and expect kind
/// [`Forbidden`](crate::ErrorKind::Forbidden) where that was forgotten.
pub struct DynamicContext<'a, R> {
    cx: &'a Context<R>,
    kind: Kind,
}

impl<R> Context<R> {
    /// Returns access to the objects of a kind that is known at run time only.
    ///
    /// ```no_run
    /// # use krate::{Context, Kind, Reconciler, Result};
    /// # async fn example<R: Reconciler>(cx: &Context<R>) -> Result<()> {
    /// let widgets = Kind::namespaced("example.com", "v1", "Widget", "widgets");
    /// let widget = cx.of_kind(&widgets).get("blue").await?;
    /// println!("{}", widget.data["spec"]["colour"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn of_kind(&self, kind: &Kind) -> DynamicContext<'_, R> {
        DynamicContext {
            cx: self,
            kind: kind.clone(),
        }
    }
}

impl<R> DynamicContext<'_, R> {
    /// Returns an object, or an error of kind [`NotFound`](crate::ErrorKind::NotFound).
    pub async fn get(&self, name: impl Into<ObjectName>) -> Result<Arc<DynamicObject>> {
        let key = self.cx.resolve(&self.kind, name)?;
        found(get(self.cx.run(), &self.kind, &key).await?, self.kind.kind(), key)
    }

    /// Returns an object, or `None` if it does not exist.
    pub async fn get_opt(&self, name: impl Into<ObjectName>) -> Result<Option<Arc<DynamicObject>>> {
        let key = self.cx.resolve(&self.kind, name)?;
        get(self.cx.run(), &self.kind, &key).await
    }

    /// Returns the objects a filter takes, in order of namespace and name.
    pub async fn list(&self, filter: Filter) -> Result<Vec<Arc<DynamicObject>>> {
        list(self.cx.run(), &self.kind, &filter).await
    }

    /// Applies an object that nobody owns; to own it, return it as a [`Dynamic`](crate::write::Dynamic) child.
    pub async fn apply_unowned(&self, object: DynamicObject) -> Result<Arc<DynamicObject>> {
        let wanted = Wanted {
            kind: self.kind.clone(),
            object,
        };
        write::apply(self.cx.run(), wanted, Manner::default()).await
    }

    /// Creates an object.
    pub async fn create(&self, object: &DynamicObject) -> Result<Arc<DynamicObject>> {
        write::create(self.cx.run(), &self.kind, object).await
    }

    /// Edits an object, and sends what the edit changed, if the object is still as it was read.
    pub async fn patch(
        &self,
        object: &DynamicObject,
        edit: impl FnOnce(&mut DynamicObject),
    ) -> Result<Arc<DynamicObject>> {
        write::patch(self.cx.run(), &self.kind, object, edit).await
    }

    /// Deletes this very object, if it is still as it was read; one that is gone is fine.
    pub async fn delete(&self, object: &DynamicObject) -> Result<()> {
        write::delete(self.cx.run(), &self.kind, object).await
    }
}

impl<R: Reconciler<Object = DynamicObject>> Context<R> {
    /// Edits the status of `object`, and sends what the edit changed, if anything.
    ///
    /// As [`status`](Self::status), for an object whose status has no type: conditions get their transition time,
    /// `observedGeneration` is yours to set.
    pub async fn status_value(
        &self,
        object: &DynamicObject,
        edit: impl FnOnce(&mut Value),
    ) -> Result<Arc<DynamicObject>> {
        write::update_status_value(self.run(), object, edit).await
    }
}

impl<R> fmt::Debug for DynamicContext<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicContext")
            .field("kind", &self.kind)
            .finish()
    }
}
