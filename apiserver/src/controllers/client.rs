//! How controllers write: through the handlers, as the control plane's own user.

use serde_json::Value;

use crate::local::Local;
use crate::object::ObjectRef;
use crate::status::Result;

/// A client of the server it runs in.
#[derive(Clone)]
pub(super) struct Client {
    local: Local,
}

impl Client {
    pub(super) fn new(local: Local) -> Self {
        Self { local }
    }

    /// Returns the object at a path, if there is one.
    pub(super) async fn find(&self, path: &str) -> Result<Option<Value>> {
        match self.local.get(path).await {
            Ok(found) => Ok(Some(found.value().clone())),
            Err(error) if error.code == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Creates an object in a collection, or asks something of a subresource.
    pub(super) async fn create(&self, collection: &str, value: Value) -> Result<ObjectRef> {
        self.local.create(collection, value).await
    }

    /// Changes an object by a JSON merge patch.
    pub(super) async fn merge(&self, path: &str, patch: Value) -> Result<ObjectRef> {
        self.local.merge(path, patch).await
    }

    /// Replaces an object.
    pub(super) async fn replace(&self, path: &str, value: Value) -> Result<ObjectRef> {
        self.local.update(path, value).await
    }

    /// Deletes an object by delete options.
    pub(super) async fn delete(&self, path: &str, options: Value) -> Result<()> {
        self.local.delete(path, options).await
    }
}
