//! The life of an object under a reconciler: hold it with the finalizer, reconcile it, clean up, let it go.

use std::sync::Arc;

use kube::Resource;
use kube::core::params::{Patch, PatchParams};
use serde_json::json;

use crate::action::Action;
use crate::cache::ObjectKey;
use crate::context::{Built, Context, Run, get_live};
use crate::error::{ErrorKind, Result};
use crate::reconcile::{Reconcile, Subject};

/// How often a change of the finalizers is tried against a newer state, if others keep writing.
const ATTEMPTS: usize = 5;

/// Runs a reconciler on an object, whatever stage of its life that is in.
///
/// The finalizer is there before the first reconcile, so that nothing is made outside the cluster that nobody would
/// clean up. An object that is being deleted is not reconciled: its children would be made again while they are
/// collected.
pub(crate) async fn reconcile<R: Reconcile>(
    reconciler: &R,
    object: Arc<R::Object>,
    cx: &Context<R>,
) -> Result<Action> {
    let is_leaving = object.meta().deletion_timestamp.is_some();
    match R::FINALIZER {
        None if is_leaving => Ok(Action::done()),
        None => reconciler.reconcile(object, cx).await,
        Some(finalizer) if is_leaving => release(reconciler, object, cx, finalizer).await,
        Some(finalizer) => match hold(cx.run(), object, finalizer).await? {
            Some(object) => reconciler.reconcile(object, cx).await,
            None => Ok(Action::done()),
        },
    }
}

/// Cleans up, then removes the finalizer, unless the cleanup needs more time.
async fn release<R: Reconcile>(
    reconciler: &R,
    object: Arc<R::Object>,
    cx: &Context<R>,
    finalizer: &str,
) -> Result<Action> {
    if !has(object.as_ref(), finalizer) {
        return Ok(Action::done());
    }
    let action = reconciler.cleanup(Arc::clone(&object), cx).await?;
    if action.requeue_after().is_some() {
        return Ok(action);
    }
    change(cx.run(), object, |object| without(object, finalizer)).await?;
    Ok(Action::done())
}

/// Returns the object with the finalizer on it, or `None` if it is gone or going.
async fn hold<K: Subject>(run: &Run, object: Arc<K>, finalizer: &str) -> Result<Option<Arc<K>>> {
    if has(object.as_ref(), finalizer) {
        return Ok(Some(object));
    }
    let held = change(run, object, |object| with(object, finalizer)).await?;
    Ok(held.filter(|object| object.meta().deletion_timestamp.is_none()))
}

/// Changes the finalizers of this very object, and returns it, or `None` if it is gone.
///
/// `wanted` returns the finalizers to have, or `None` if they are right.
async fn change<K: Subject>(
    run: &Run,
    object: Arc<K>,
    wanted: impl Fn(&K) -> Option<Vec<String>>,
) -> Result<Option<Arc<K>>> {
    let key = ObjectKey::of(object.as_ref());
    let uid = object.meta().uid.clone();
    let mut current = object;
    for attempt in 1.. {
        let Some(finalizers) = wanted(current.as_ref()) else {
            return Ok(Some(current));
        };
        match patch(run, &key, current.as_ref(), &finalizers).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Conflict && attempt < ATTEMPTS => {}
            result => return result.map(Some),
        }
        match get_live::<K>(run, &run.shared.kind, &key).await? {
            Some(newer) if newer.meta().uid == uid => current = newer,
            _ => return Ok(None),
        }
    }
    Ok(None)
}

async fn patch<K: Subject>(run: &Run, key: &ObjectKey, current: &K, finalizers: &[String]) -> Result<Arc<K>> {
    let request = request(run, key, current.meta().resource_version.as_deref(), finalizers);
    run.write("set the finalizers of", &run.shared.kind, key, request)
        .await
}

/// The version makes the API server refuse the list of finalizers if it was made from an old one.
fn request(run: &Run, key: &ObjectKey, version: Option<&str>, finalizers: &[String]) -> Built {
    let body = json!({ "metadata": { "resourceVersion": version, "finalizers": finalizers } });
    let params = PatchParams {
        field_manager: Some(run.shared.controller.clone()),
        ..PatchParams::default()
    };
    Run::request(&run.shared.kind, key.namespace()).patch(key.name(), &params, &Patch::Merge(&body))
}

fn has<K: Subject>(object: &K, finalizer: &str) -> bool {
    object
        .meta()
        .finalizers
        .iter()
        .flatten()
        .any(|known| known == finalizer)
}

/// Returns the finalizers with ours, unless it is there or the object is going: then none may be added.
fn with<K: Subject>(object: &K, finalizer: &str) -> Option<Vec<String>> {
    if has(object, finalizer) || object.meta().deletion_timestamp.is_some() {
        return None;
    }
    let mut all = object.meta().finalizers.clone().unwrap_or_default();
    all.push(finalizer.to_owned());
    Some(all)
}

fn without<K: Subject>(object: &K, finalizer: &str) -> Option<Vec<String>> {
    let all = object.meta().finalizers.iter().flatten();
    has(object, finalizer).then(|| all.filter(|known| *known != finalizer).cloned().collect())
}
