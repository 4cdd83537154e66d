//! Changing an object: the path every update, patch and apply takes once it knows what the object should become.

use std::sync::Arc;

use serde_json::{Value, json};

use super::admit::{self, Act, Admits};
use super::answer::Answer;
use super::call::Call;
use super::convert::{served, storable};
use super::finalizer::{Ending, ending};
use super::{create, decode, meta, service};
use crate::fields;
use crate::object::{Meta as _, Object, ObjectRef, metadata_mut};
use crate::registry::strategy;
use crate::request::WriteOptions;
use crate::status::{Error, FieldError, Result};

/// A write that was computed from the stored object.
pub(super) struct Change<'a> {
    pub(super) options: &'a WriteOptions,
    pub(super) stored: &'a ObjectRef,
    pub(super) old: &'a Value,
    pub(super) admits: Admits,
}

/// How a write ended.
pub(super) enum Outcome {
    Done(ObjectRef),
    /// The object moved meanwhile: read it again.
    Moved,
}

/// Replaces an object by the one in the body.
pub(super) async fn put(call: &mut Call<'_>) -> Result<Answer> {
    let options = WriteOptions::update(&call.request.query)?;
    let mut object = decode::object(call, options.field_validation)?;
    let name = call.path.name.clone();
    meta::check_name(&object, &name)?;
    meta::settle_namespace(call, &mut object)?;
    strategy::default(&call.resource, &mut object);
    replace(call, &options, object).await
}

/// Replaces an object by a decoded one.
pub(super) async fn replace(call: &mut Call<'_>, options: &WriteOptions, object: Value) -> Result<Answer> {
    let name = object.name().to_owned();
    let version = sent_version(&object)?;
    loop {
        let Some((stored, shown)) = call.stored(&name).await? else {
            return create_instead(call, options, object).await;
        };
        check_uid(call, &object, &stored)?;
        check_version(call, version, &stored)?;
        let change = Change {
            options,
            stored: &stored,
            old: shown.value(),
            admits: Admits::Store,
        };
        let now = call.core.environment.timestamp();
        let owned = fields::update(call.writer(options, &now), Some(change.old), object.clone());
        match store(call, &change, owned).await? {
            Outcome::Done(object) => return Ok(answer(call, 200, object)),
            Outcome::Moved if version.is_some() => return Err(call.modified(&name)),
            Outcome::Moved => {}
        }
    }
}

/// Changes the object of this name by `make`, as often as it moves meanwhile; fields get their owners afterwards.
///
/// `version` is the one the client wants to change.
pub(super) async fn change<'c>(
    call: &mut Call<'c>,
    name: &str,
    (options, admits): (&WriteOptions, Admits),
    version: Option<u64>,
    make: impl Fn(&mut Call<'c>, &Value) -> Result<Value>,
) -> Result<ObjectRef> {
    loop {
        let (stored, shown) = call.existing(name).await?;
        if version.is_some_and(|version| version != stored.revision()) {
            return Err(call.modified(name));
        }
        let old = shown.value();
        let new = make(call, old)?;
        let now = call.core.environment.timestamp();
        let owned = fields::update(call.writer(options, &now), Some(old), new);
        let change = Change {
            options,
            stored: &stored,
            old,
            admits,
        };
        if let Outcome::Done(object) = store(call, &change, owned).await? {
            return Ok(object);
        }
    }
}

pub(super) fn answer(call: &Call<'_>, code: u16, object: ObjectRef) -> Answer {
    Answer::Object {
        code,
        object,
        resource: Arc::clone(&call.resource),
    }
}

/// Stores what an object has become, unless that is what it is.
pub(super) async fn store(call: &mut Call<'_>, change: &Change<'_>, mut new: Value) -> Result<Outcome> {
    let old = change.old;
    // What a namespace left behind can be deleted, but not changed.
    create::namespace_of(call)?;
    let act = Act::update(call, change.options, old.name());
    if change.admits == Admits::Store {
        new = admit::mutate(call, &act, new, Some(old)).await?;
    }
    meta::prepare(call, old, &mut new);
    // What is let pass is told even if something else is not.
    let warnings = strategy::warnings(&call.resource, &new, Some(old));
    let valid = meta::validate(call, &new, Some(old));
    if valid.is_ok() || call.resource.custom {
        warnings.into_iter().for_each(|warning| call.warn(warning));
    }
    valid?;
    drop(service::settle(call, &mut new)?);
    metadata_mut(&mut new).insert("resourceVersion".to_owned(), json!(old.resource_version()));
    fields::keep_timestamps(old, &mut new);
    if change.admits == Admits::Store {
        admit::validate(call, &act, Some(&new), Some(old)).await?;
    }
    let ending = ending(&call.resource, old, &new);
    let revision = change.stored.revision();
    if change.options.dry_run || (new == *old && ending == Ending::Stays) {
        return Ok(Outcome::Done(Arc::new(Object::new(new, revision))));
    }
    let (bucket, key) = (call.bucket(), call.key(old.name()));
    if ending == Ending::Goes {
        let deleted = call.core.store.delete(&bucket, &key, change.stored);
        let last = Arc::new(Object::new(new, revision));
        return Ok(deleted.map_or(Outcome::Moved, |_| Outcome::Done(last)));
    }
    let mut value = storable(&call.core, &call.resource, new).await?;
    let written = {
        let _addresses = service::settle(call, &mut value)?;
        call.core.store.put(&bucket, &key, Some(revision), value)
    };
    match written {
        Ok(stored) => served(&call.core, &call.resource, &stored)
            .await
            .map(Outcome::Done),
        Err(_) => Ok(Outcome::Moved),
    }
}

/// Some kinds are created by a `PUT`; others are not found.
async fn create_instead(call: &mut Call<'_>, options: &WriteOptions, object: Value) -> Result<Answer> {
    let name = object.name().to_owned();
    if !call.resource.create_on_update || !call.endpoint.name().is_empty() {
        return Err(call.not_found(&name));
    }
    let mut object = object;
    metadata_mut(&mut object).remove("resourceVersion");
    let object = create::store_new(call, options, object).await?;
    Ok(answer(call, 201, object))
}

/// Returns the `resourceVersion` in a body; `None` if it has none.
pub(super) fn sent_version(object: &Value) -> Result<Option<u64>> {
    let text = object.resource_version();
    if text.is_empty() || text == "0" {
        return Ok(None);
    }
    let syntax = || {
        Error::untyped(
            500,
            format!("strconv.ParseUint: parsing {text:?}: invalid syntax"),
        )
    };
    text.parse().map(Some).map_err(|_| syntax())
}

fn check_version(call: &Call<'_>, version: Option<u64>, stored: &Object) -> Result<()> {
    match version {
        Some(version) if version != stored.revision() => Err(call.modified(stored.name())),
        None if !call.resource.unconditional_update => {
            let error = FieldError::invalid(
                "metadata.resourceVersion",
                &json!(0),
                "must be specified for an update",
            );
            // The real server names the resource here, not the kind.
            Err(Error::invalid(
                &call.resource.group,
                &call.resource.plural,
                stored.name(),
                &[error],
            ))
        }
        _ => Ok(()),
    }
}

/// A body may say which object it replaces.
fn check_uid(call: &Call<'_>, object: &Value, stored: &Object) -> Result<()> {
    let (wanted, found) = (object.uid(), stored.uid());
    if wanted.is_empty() || wanted == found {
        return Ok(());
    }
    let group = if call.resource.custom {
        format!("{}/", call.resource.group)
    } else {
        String::new()
    };
    let key = format!(
        "/registry/{group}{}/{}",
        call.resource.plural,
        call.key(stored.name())
    );
    let why = format!(
        "StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: \
         Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}"
    );
    Err(Error::conflict(
        call.resource.group_resource(),
        stored.name(),
        &why,
    ))
}
