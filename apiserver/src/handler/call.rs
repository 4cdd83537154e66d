//! A request on its way through the handlers.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::convert::served;
use super::route::Endpoint;
use crate::authn::Identity;
use crate::codec::{decode_protobuf, is_protobuf};
use crate::core::{Core, bucket, key};
use crate::fields::Writer;
use crate::object::ObjectRef;
use crate::registry::Resource;
use crate::request::{Query, RequestInfo, ResourcePath, WriteOptions};
use crate::status::{Error, Result};

/// A request as it comes in, over a connection or in process.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) info: RequestInfo,
    pub(crate) query: Query,
    pub(crate) identity: Identity,
    pub(crate) user_agent: String,
    pub(crate) content_type: String,
    pub(crate) payload: Payload,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Payload {
    /// As it came over the wire.
    Bytes(Bytes),
    /// As an in-process caller gives it.
    Value(Value),
}

impl Payload {
    /// Returns a body that came over the wire. Protobuf is read at once, if the kind has such a form.
    ///
    /// # Errors
    /// What is wrong with protobuf, as a bad request.
    pub(crate) fn of(content_type: &str, body: Bytes) -> Result<Self> {
        if !is_protobuf(content_type) || body.is_empty() {
            return Ok(Self::Bytes(body));
        }
        let object = decode_protobuf(&body).map_err(Error::bad_request)?;
        Ok(object.map_or(Self::Bytes(body), Self::Value))
    }
}

/// A request whose resource is known.
pub(super) struct Call<'a> {
    pub(super) core: Arc<Core>,
    pub(super) path: ResourcePath,
    pub(super) resource: Arc<Resource>,
    pub(super) endpoint: Endpoint,
    /// What bodies are of: the resource, or the kind the subresource speaks.
    pub(super) speaks: Arc<Resource>,
    pub(super) request: Request,
    pub(super) warnings: &'a mut Vec<String>,
}

impl Call<'_> {
    /// The store's name for the resource's objects.
    pub(super) fn bucket(&self) -> String {
        bucket(&self.resource)
    }

    /// The store's name for the object of this name.
    pub(super) fn key(&self, name: &str) -> String {
        key(&self.path.namespace_of_objects(&self.resource), name)
    }

    /// The stored object, and how the resource shows it.
    pub(super) async fn stored(&self, name: &str) -> Result<Option<(ObjectRef, ObjectRef)>> {
        let Some(stored) = self.core.store.get(&self.bucket(), &self.key(name)) else {
            return Ok(None);
        };
        let shown = served(&self.core, &self.resource, &stored).await?;
        Ok(Some((stored, shown)))
    }

    /// The stored object, and how the resource shows it; 404 if there is none.
    pub(super) async fn existing(&self, name: &str) -> Result<(ObjectRef, ObjectRef)> {
        self.stored(name).await?.ok_or_else(|| self.not_found(name))
    }

    /// The namespace objects of this request are in.
    pub(super) fn namespace(&self) -> String {
        self.path.namespace_of_objects(&self.resource)
    }

    pub(super) fn not_found(&self, name: &str) -> Error {
        Error::not_found(self.resource.group_resource(), name)
    }

    pub(super) fn modified(&self, name: &str) -> Error {
        Error::modified(self.resource.group_resource(), name)
    }

    /// Warns the client, once.
    pub(super) fn warn(&mut self, warning: String) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Who writes, for ownership of fields; `now` is the clock.
    pub(super) fn writer<'w>(&'w self, options: &'w WriteOptions, now: &'w str) -> Writer<'w> {
        let manager = if options.field_manager.is_empty() {
            let agent = &self.request.user_agent;
            agent.split('/').next().unwrap_or_default()
        } else {
            &options.field_manager
        };
        Writer {
            resource: &self.speaks,
            manager,
            subresource: self.endpoint.name(),
            now,
        }
    }
}

impl ResourcePath {
    /// The namespace that is part of the keys of the resource's objects: none for namespaces themselves.
    pub(super) fn namespace_of_objects(&self, resource: &Resource) -> String {
        if resource.is_namespaced() {
            self.namespace.clone()
        } else {
            String::new()
        }
    }
}
