//! Writing a status: compute, send, and if someone was faster, carry over and send again.

use std::sync::Arc;

use kube::core::DynamicObject;
use kube::core::object::HasStatus;
use kube::core::params::{Patch, PatchParams};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::change::merge_patch;
use super::rebase::rebase;
use super::stamp;
use crate::cache::{ObjectKey, Read};
use crate::context::{Run, get_live};
use crate::error::{Error, ErrorKind, Result};
use crate::reconcile::Subject;
use crate::write::direct::pin;

/// How often a status is carried over to a newer state, if others keep writing.
const ATTEMPTS: usize = 5;

/// A kind whose status can be edited.
pub(crate) trait Stateful: HasStatus<Status: Clone + Default + Serialize + DeserializeOwned> {}

impl<K: HasStatus<Status: Clone + Default + Serialize + DeserializeOwned>> Stateful for K {}

/// Sends what an edit changes of a status, and returns the object as it is then.
pub(crate) async fn update<K: Subject + Stateful>(
    run: &Run,
    object: &K,
    edit: impl FnOnce(&mut K::Status),
) -> Result<Arc<K>> {
    let key = ObjectKey::of(object);
    let newest = newest(run, &key, object);
    let mut status = newest.status().cloned().unwrap_or_default();
    edit(&mut status);
    let mut after = serde_json::to_value(&status)?;
    stamp::generation::<K::Status>(&mut after, object.meta().generation);
    let edited = Edit::new(run, object, status_of(newest.as_ref())?, after);
    send(run, &key, newest, edited, status_of).await
}

/// Sends what an edit changes of a status that has no type, and returns the object as it is then.
pub(crate) async fn update_value(
    run: &Run,
    object: &DynamicObject,
    edit: impl FnOnce(&mut Value),
) -> Result<Arc<DynamicObject>> {
    let key = ObjectKey::of(object);
    let newest = newest(run, &key, object);
    let before = untyped_status_of(newest.as_ref())?;
    let mut after = before.clone();
    edit(&mut after);
    let edited = Edit::new(run, object, before, after);
    send(run, &key, newest, edited, untyped_status_of).await
}

/// Returns the state to start from: the cache's, which has seen our own writes, if it is about the same object.
fn newest<K: Subject>(run: &Run, key: &ObjectKey, object: &K) -> Arc<K> {
    match run.store::<K>(&run.shared.kind).map(|store| store.read(key)) {
        Some(Read::Found(newest)) if newest.meta().uid == object.meta().uid => newest,
        _ => Arc::new(object.clone()),
    }
}

async fn send<K: Subject>(
    run: &Run,
    key: &ObjectKey,
    newest: Arc<K>,
    Edit { before, after }: Edit,
    status_of: fn(&K) -> Result<Value>,
) -> Result<Arc<K>> {
    let uid = newest.meta().uid.clone();
    let (mut current, mut status) = (newest, before.clone());
    let mut wanted = after.clone();
    for attempt in 1.. {
        let Some(change) = merge_patch(&status, &wanted) else {
            break;
        };
        match patch(run, key, current.as_ref(), change).await {
            Err(error) if error.kind() == ErrorKind::Conflict && attempt < ATTEMPTS => {
                current = again::<K>(run, key, uid.as_deref()).await?;
                status = status_of(current.as_ref())?;
                wanted = rebase(&before, &after, &status).ok_or(error)?;
            }
            result => return result,
        }
    }
    Ok(current)
}

async fn patch<K: Subject>(run: &Run, key: &ObjectKey, current: &K, change: Value) -> Result<Arc<K>> {
    let mut body = json!({ "status": change });
    pin(&mut body, current.meta().resource_version.as_deref());
    let params = PatchParams {
        field_manager: Some(run.shared.controller.clone()),
        ..PatchParams::default()
    };
    let kind = &run.shared.kind;
    let request = Run::request(kind, key.namespace()).patch_subresource(
        "status",
        key.name(),
        &params,
        &Patch::Merge(&body),
    );
    run.write("write the status of", kind, key, request).await
}

async fn again<K: Subject>(run: &Run, key: &ObjectKey, uid: Option<&str>) -> Result<Arc<K>> {
    let kind = &run.shared.kind;
    let newer = get_live::<K>(run, kind, key).await?;
    newer
        .filter(|newer| newer.meta().uid.as_deref() == uid)
        .ok_or_else(|| Error::not_found(kind.kind(), &key.to_string()))
}

/// A status before and after an edit.
struct Edit {
    before: Value,
    after: Value,
}

impl Edit {
    /// Fills in what an edit of the newest status leaves out; the generation is that of the object the reconciler saw.
    fn new<K: Subject>(run: &Run, seen: &K, before: Value, mut after: Value) -> Self {
        let now = run
            .shared
            .environment
            .now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        stamp::conditions(&before, &mut after, &now, seen.meta().generation);
        Self { before, after }
    }
}

fn untyped_status_of(object: &DynamicObject) -> Result<Value> {
    Ok(object.data.get("status").cloned().unwrap_or_else(|| json!({})))
}

fn status_of<K: Stateful>(object: &K) -> Result<Value> {
    let status = object.status().map(serde_json::to_value).transpose()?;
    Ok(status.unwrap_or_else(|| json!({})))
}
