//! Server-side apply, sent only if it would change something, and only to what is the reconciler's to change.

use std::sync::Arc;

use kube::core::PartialObjectMeta;
use kube::core::params::{Patch, PatchParams};
use serde_json::Value;

use super::contest;
use super::desired;
use super::owner::{Claim, place, reference_to};
use crate::Kind;
use crate::cache::{ObjectKey, Read};
use crate::context::{Run, get_live};
use crate::error::{Error, ErrorKind, Result};
use crate::reconcile::Subject;

/// What to do where an apply meets others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Take over fields that other managers own with another value.
    pub(crate) force: bool,
    /// Take over an object that has no controller.
    pub(crate) adopt: bool,
}

/// An object to apply, and of which kind it is.
#[derive(Debug)]
pub(crate) struct Wanted<K> {
    pub(crate) kind: Kind,
    pub(crate) object: K,
}

/// Applies a child under its owner, which is of the kind that is reconciled.
pub(crate) async fn apply_owned<O: Subject, K: Subject>(
    run: &Run,
    owner: &O,
    mut child: Wanted<K>,
    manner: Manner,
) -> Result<Arc<K>> {
    let reference = reference_to(&run.shared.kind, owner)?;
    place(
        (&run.shared.kind, owner.meta()),
        (&child.kind, child.object.meta_mut()),
    )?;
    let claim = Claim {
        uid: reference.uid.clone(),
        adopt: manner.adopt,
    };
    let references = child.object.meta_mut().owner_references.get_or_insert_default();
    references.retain(|known| known.uid != claim.uid);
    references.push(reference);
    send(run, child, Some(&claim), manner).await
}

/// Applies an object as it is.
pub(crate) async fn apply<K: Subject>(run: &Run, wanted: Wanted<K>, manner: Manner) -> Result<Arc<K>> {
    send(run, wanted, None, manner).await
}

async fn send<K: Subject>(
    run: &Run,
    Wanted { kind, object }: Wanted<K>,
    claim: Option<&Claim>,
    manner: Manner,
) -> Result<Arc<K>> {
    let key = named(&kind, &object)?;
    let body = desired::body(&kind, &object)?;
    let known = known::<K>(run, &kind, &key, claim).await?;
    if let (Some(known), Some(claim)) = (&known, claim) {
        claim.check(&kind, &key, known.meta())?;
    }
    if let Some(settled) = known.and_then(|known| known.settled(run, &kind, object, &body)) {
        run.shared.meter.skipped();
        return Ok(settled);
    }
    let params = PatchParams::apply(&run.shared.controller);
    let params = if manner.force || run.shared.force {
        params.force()
    } else {
        params
    };
    let request = Run::request(&kind, key.namespace()).patch(key.name(), &params, &Patch::Apply(&body));
    run.shared.meter.applied();
    let applied = run
        .write::<K>("apply", &kind, &key, request)
        .await
        .map_err(|error| explain(&kind, &key, error))?;
    run.shared
        .memory
        .remember(&run.key, &kind, applied.as_ref(), &body);
    Ok(applied)
}

/// What is known of an object before it is applied.
enum Known<K> {
    Whole(Arc<K>),
    /// Its metadata: the kind is watched no further.
    Bare(Arc<PartialObjectMeta<K>>),
}

/// Returns what the cache knows of an object, or the server where the cache is not certain and that matters.
async fn known<K: Subject>(
    run: &Run,
    kind: &Kind,
    key: &ObjectKey,
    claim: Option<&Claim>,
) -> Result<Option<Known<K>>> {
    if let Some(store) = run.store::<K>(kind) {
        return Ok(match store.read(key) {
            Read::Found(object) => Some(Known::Whole(object)),
            Read::Uncertain if claim.is_some() => get_live(run, kind, key).await?.map(Known::Whole),
            Read::Absent | Read::Uncertain => None,
        });
    }
    if let Some(store) = run.store::<PartialObjectMeta<K>>(kind) {
        return Ok(match store.read(key) {
            Read::Found(meta) => Some(Known::Bare(meta)),
            Read::Uncertain if claim.is_some() => get_live(run, kind, key).await?.map(Known::Bare),
            Read::Absent | Read::Uncertain => None,
        });
    }
    Ok(None)
}

impl<K: Subject> Known<K> {
    fn meta(&self) -> &kube::core::ObjectMeta {
        match self {
            Self::Whole(object) => object.meta(),
            Self::Bare(meta) => &meta.metadata,
        }
    }

    /// Returns what the apply would come to, if it would change nothing.
    ///
    /// Where only the metadata is known, that is the object as it was to be applied, with the metadata it has.
    fn settled(self, run: &Run, kind: &Kind, mut wanted: K, body: &Value) -> Option<Arc<K>> {
        let memory = &run.shared.memory;
        match self {
            Self::Whole(object) => memory
                .is_settled(&run.key, kind, object.as_ref(), body)
                .then_some(object),
            Self::Bare(known) => memory
                .is_untouched(&run.key, kind, &known.metadata, body)
                .then(|| {
                    *wanted.meta_mut() = known.metadata.clone();
                    Arc::new(wanted)
                }),
        }
    }
}

fn explain(kind: &Kind, key: &ObjectKey, error: Error) -> Error {
    // Where the cache did not know of another controller, the server refuses the second one.
    let is_second_controller = error.kind() == ErrorKind::Invalid
        && error.status().is_some_and(|status| {
            status
                .message
                .contains("Only one reference can have Controller set to true")
        });
    if is_second_controller {
        return error.with_kind(ErrorKind::Controlled);
    }
    match contest::read(kind, key, &error) {
        Some(contested) => Error::of_kind(ErrorKind::Contested, contested),
        None => error,
    }
}

fn named<K: Subject>(kind: &Kind, object: &K) -> Result<ObjectKey> {
    match object.meta().name.as_deref() {
        Some(name) if !name.is_empty() => Ok(ObjectKey::of(object)),
        _ => Err(Error::terminal(Error::new(format!(
            "{kind} without a name cannot be applied: set `metadata.name`"
        )))),
    }
}
