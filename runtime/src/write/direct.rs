//! Plain writes of single objects: create, patch, delete, each against the state that was read.

use std::sync::Arc;

use kube::core::params::{DeleteParams, Patch, PatchParams, PostParams, Preconditions};
use serde_json::{Value, json};

use super::status::merge_patch;
use crate::Kind;
use crate::cache::ObjectKey;
use crate::context::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::reconcile::Subject;

/// Creates an object.
pub(crate) async fn create<K: Subject>(run: &Run, kind: &Kind, object: &K) -> Result<Arc<K>> {
    let key = ObjectKey::of(object);
    let params = PostParams {
        field_manager: Some(run.shared.controller.clone()),
        ..PostParams::default()
    };
    let request = Run::request(kind, key.namespace()).create(&params, serde_json::to_vec(object)?);
    run.write("create", kind, &key, request).await
}

/// Sends what an edit changes, if the object is still as it was read.
pub(crate) async fn patch<K: Subject>(
    run: &Run,
    kind: &Kind,
    object: &K,
    edit: impl FnOnce(&mut K),
) -> Result<Arc<K>> {
    let mut edited = object.clone();
    edit(&mut edited);
    let Some(mut change) = merge_patch(&serde_json::to_value(object)?, &serde_json::to_value(&edited)?)
    else {
        return Ok(Arc::new(edited));
    };
    pin(&mut change, object.meta().resource_version.as_deref());
    let key = ObjectKey::of(object);
    let params = PatchParams {
        field_manager: Some(run.shared.controller.clone()),
        ..PatchParams::default()
    };
    let request = Run::request(kind, key.namespace()).patch(key.name(), &params, &Patch::Merge(&change));
    run.write("patch", kind, &key, request).await
}

/// Makes a merge patch hold only for one version of the object.
pub(super) fn pin(patch: &mut Value, version: Option<&str>) {
    if let (Some(version), Value::Object(fields)) = (version, patch) {
        let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
        metadata["resourceVersion"] = version.into();
    }
}

/// Deletes the object that was read, and only in the state it was read.
pub(crate) async fn delete<K: Subject>(run: &Run, kind: &Kind, object: &K) -> Result<()> {
    let preconditions = Preconditions {
        uid: object.meta().uid.clone(),
        resource_version: object.meta().resource_version.clone(),
    };
    delete_if(run, kind, object, preconditions).await
}

/// Deletes the object that was read, in whatever state it is now.
pub(super) async fn delete_any_version<K: Subject>(run: &Run, kind: &Kind, object: &K) -> Result<()> {
    let preconditions = Preconditions {
        uid: object.meta().uid.clone(),
        resource_version: None,
    };
    match delete_if(run, kind, object, preconditions).await {
        // Another object has the name by now.
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        result => result,
    }
}

async fn delete_if<K: Subject>(
    run: &Run,
    kind: &Kind,
    object: &K,
    preconditions: Preconditions,
) -> Result<()> {
    let key = ObjectKey::of(object);
    let uid = preconditions.uid.clone();
    let params = DeleteParams::background().preconditions(preconditions);
    let request = Run::request(kind, key.namespace()).delete(key.name(), &params);
    run.shared.memory.forget(&run.key, kind, &key);
    match run.delete(kind, &key, uid, request).await {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
    .map_err(|error: Error| error.context(format!("delete {kind} `{key}`")))
}
