//! Making an object.

use std::sync::Arc;

use serde_json::Value;

use super::admit::{self, Act};
use super::answer::Answer;
use super::call::Call;
use super::convert::{served, storable};
use super::{decode, meta, service, subresource};
use crate::fields;
use crate::object::{Meta as _, Object, ObjectRef};
use crate::registry::strategy;
use crate::request::WriteOptions;
use crate::status::{Error, GroupResource, Result};

/// How many names `generateName` tries.
const NAMES_TRIED: usize = 8;

pub(super) async fn create(call: &mut Call<'_>) -> Result<Answer> {
    let options = WriteOptions::create(&call.request.query)?;
    if let Some(answer) = subresource::review(call).await? {
        return Ok(answer);
    }
    let mut object = decode::object(call, options.field_validation)?;
    meta::settle_namespace(call, &mut object)?;
    strategy::default(&call.resource, &mut object);
    let object = store_new(call, &options, object).await?;
    call.warnings
        .extend(strategy::warnings(&call.resource, object.value(), None));
    Ok(Answer::Object {
        code: 201,
        object,
        resource: Arc::clone(&call.resource),
    })
}

/// Stores a decoded object as new.
pub(super) async fn store_new(
    call: &mut Call<'_>,
    options: &WriteOptions,
    mut object: Value,
) -> Result<ObjectRef> {
    meta::strip_system(&mut object);
    let now = call.core.environment.timestamp();
    let object = fields::update(call.writer(options, &now), None, object);
    store_owned(call, options, object).await
}

/// Stores an object as new whose fields have their owners.
pub(super) async fn store_owned(
    call: &mut Call<'_>,
    options: &WriteOptions,
    object: Value,
) -> Result<ObjectRef> {
    check_namespace(call, &object)?;
    if call.resource.terminating {
        let why = "create not allowed while custom resource definition is terminating";
        return Err(Error::forbidden(
            call.resource.group_resource(),
            object.name(),
            why,
        ));
    }
    let act = Act::create(call, options, object.name());
    let object = admit::mutate(call, &act, object, None).await?;
    let mut tries = NAMES_TRIED;
    loop {
        let mut attempt = object.clone();
        let generated = meta::generate_name(call, &mut attempt);
        if generated {
            // Some defaults follow from the name.
            strategy::default(&call.resource, &mut attempt);
        }
        meta::stamp_new(call, &mut attempt);
        strategy::prepare_create(&call.resource, &mut attempt);
        meta::validate(call, &attempt, None)?;
        if !attempt.resource_version().is_empty() {
            let message = "resourceVersion should not be set on objects to be created";
            return Err(Error::untyped(500, message));
        }
        tries -= 1;
        drop(service::settle(call, &mut attempt)?);
        admit::validate(call, &act, Some(&attempt), None).await?;
        match insert(call, options, attempt).await {
            Err(error) if generated && tries > 0 && error.reason == Some("AlreadyExists") => {}
            outcome => return outcome,
        }
    }
}

async fn insert(call: &Call<'_>, options: &WriteOptions, object: Value) -> Result<ObjectRef> {
    let name = object.name().to_owned();
    let key = call.key(&name);
    let bucket = call.bucket();
    if options.dry_run {
        if call.core.store.get(&bucket, &key).is_some() {
            return Err(Error::already_exists(call.resource.group_resource(), &name));
        }
        return Ok(Arc::new(Object::new(object, 0)));
    }
    let mut object = storable(&call.core, &call.resource, object).await?;
    let stored = {
        // The addresses are still free, or somebody else took them while webhooks were asked.
        let _addresses = service::settle(call, &mut object)?;
        call.core.store.put(&bucket, &key, None, object)
    };
    match stored {
        Ok(stored) => served(&call.core, &call.resource, &stored).await,
        Err(stale) => Err(exists(call, &name, stale.current.as_deref())),
    }
}

fn exists(call: &Call<'_>, name: &str, current: Option<&Object>) -> Error {
    let mut error = Error::already_exists(call.resource.group_resource(), name);
    if current.is_some_and(Object::is_deleting) {
        error.message = format!("object is being deleted: {}", error.message);
    }
    error
}

/// Refuses new objects in namespaces that are missing or going away.
fn check_namespace(call: &Call<'_>, object: &Value) -> Result<()> {
    let namespace = call.namespace();
    if !namespace_of(call)?.is_some_and(|found| found.is_deleting()) {
        return Ok(());
    }
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    let cause = format!("namespace {namespace} is being terminated");
    let error = Error::forbidden(call.resource.group_resource(), object.name(), &why);
    Err(error.with_cause("NamespaceTerminating", &cause, "metadata.namespace"))
}

/// Returns the namespace objects of this request are in, if they are in one; 404 if it is gone.
pub(super) fn namespace_of(call: &Call<'_>) -> Result<Option<ObjectRef>> {
    let namespace = call.namespace();
    if namespace.is_empty() {
        return Ok(None);
    }
    let namespaces = GroupResource {
        group: "",
        resource: "namespaces",
    };
    let found = call.core.core_object("namespaces", "", &namespace);
    found
        .map(Some)
        .ok_or_else(|| Error::not_found(namespaces, &namespace))
}
