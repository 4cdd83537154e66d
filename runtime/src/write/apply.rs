//! Server-side apply, sent only if it would change something.

use std::sync::Arc;

use kube::core::params::{Patch, PatchParams};

use super::desired;
use super::owner::{check_controller, owner_reference, place};
use crate::cache::{ObjectKey, Read};
use crate::context::Run;
use crate::error::{Error, ErrorKind, Result};
use crate::reconcile::Object;

/// Applies a child under its owner.
pub(crate) async fn apply_owned<O: Object, K: Object>(run: &Run, owner: &O, mut child: K) -> Result<Arc<K>> {
    let reference = owner_reference(owner)?;
    place(owner, &mut child)?;
    let uid = reference.uid.clone();
    let references = child.meta_mut().owner_references.get_or_insert_default();
    references.retain(|known| known.uid != uid);
    references.push(reference);
    apply_checked(run, &child, |current| check_controller(current, &uid)).await
}

/// Applies an object as it is.
pub(crate) async fn apply<K: Object>(run: &Run, object: K) -> Result<Arc<K>> {
    apply_checked(run, &object, |_| Ok(())).await
}

async fn apply_checked<K: Object>(
    run: &Run,
    object: &K,
    check: impl FnOnce(&K) -> Result<()>,
) -> Result<Arc<K>> {
    let key = named(object)?;
    let body = desired::body(object)?;
    let current = run.store::<K>().map(|store| store.read(&key));
    if let Some(Read::Found(current)) = current {
        check(&current)?;
        if run.shared.memory.is_settled(&run.key, current.as_ref(), &body) {
            run.shared.meter.skipped();
            return Ok(current);
        }
    }
    let params = PatchParams::apply(&run.shared.controller).force();
    let request = Run::request::<K>(key.namespace()).patch(key.name(), &params, &Patch::Apply(&body));
    run.shared.meter.applied();
    let applied = run
        .write::<K>("apply", &key, request)
        .await
        .map_err(explain_second_controller)?;
    run.shared.memory.remember(&run.key, applied.as_ref(), &body);
    Ok(applied)
}

/// Where the cache did not know of another controller, the server refuses the second one.
fn explain_second_controller(error: Error) -> Error {
    let is_second = error.kind() == ErrorKind::Invalid
        && error.status().is_some_and(|status| {
            status
                .message
                .contains("Only one reference can have Controller set to true")
        });
    if is_second {
        error.with_kind(ErrorKind::Controlled)
    } else {
        error
    }
}

fn named<K: Object>(object: &K) -> Result<ObjectKey> {
    match object.meta().name.as_deref() {
        Some(name) if !name.is_empty() => Ok(ObjectKey::of(object)),
        _ => Err(Error::terminal(Error::new(format!(
            "{} without a name cannot be applied: set `metadata.name`",
            K::kind(&())
        )))),
    }
}
