//! Mutating webhooks: one after another, and those that want it once more when a later one changed something.

use std::collections::BTreeSet;

use serde_json::Value;

use super::act::Act;
use super::ask::{Asked, ask};
use super::gate::{Failure, hooks_of};
use super::select::{Invocation, select};
use crate::admission::{Attributes, Patch, Reinvocation};
use crate::handler::call::Call;
use crate::handler::convert::to_version;
use crate::handler::decode::as_kind;
use crate::patch;
use crate::registry::strategy;
use crate::status::{Error, Result};

/// Which webhooks are asked again.
#[derive(Debug, Default)]
struct Again {
    /// Asked before the last change, and willing.
    due: BTreeSet<usize>,
    /// Asked since the last change, and willing.
    asked: BTreeSet<usize>,
}

/// Returns what mutating webhooks make of a new state of an object.
pub(in crate::handler) async fn mutate(
    call: &mut Call<'_>,
    act: &Act,
    object: Value,
    old: Option<&Value>,
) -> Result<Value> {
    if hooks_of(call).mutating.is_empty() {
        return Ok(object);
    }
    let made = mutate_any(call, act, Some(object), old).await?;
    made.ok_or_else(|| Error::internal("admission lost the object"))
}

/// Returns what mutating webhooks make of an object, of none for a removal.
pub(super) async fn mutate_any(
    call: &mut Call<'_>,
    act: &Act,
    mut object: Option<Value>,
    old: Option<&Value>,
) -> Result<Option<Value>> {
    let hooks = hooks_of(call);
    let attributes = act.attributes(call, object.as_ref().or(old));
    let mut again = Again::default();
    for round in [Round::First, Round::Again] {
        if round == Round::Again && again.due.is_empty() {
            break;
        }
        for (index, hook) in hooks.mutating.iter().enumerate() {
            if round == Round::Again && !again.due.contains(&index) {
                continue;
            }
            let Some(invocation) = select(call, hook, &attributes, (object.as_ref(), old))? else {
                continue;
            };
            let changed = step(call, &attributes, &invocation, &mut object, old).await?;
            if changed {
                again.due.append(&mut again.asked);
            }
            if hook.reinvocation == Reinvocation::IfNeeded {
                again.asked.insert(index);
            }
        }
    }
    Ok(object)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    First,
    Again,
}

/// Asks one webhook and carries out its patch; true if that changed the object.
async fn step(
    call: &mut Call<'_>,
    attributes: &Attributes,
    invocation: &Invocation<'_>,
    object: &mut Option<Value>,
    old: Option<&Value>,
) -> Result<bool> {
    let hook = invocation.hook;
    let asked = Asked {
        call,
        attributes,
        invocation,
    };
    let verdict = match ask(&asked, (object.as_ref(), old), true).await {
        Ok(verdict) => verdict,
        Err(failure) if failure.is_ignored(hook.on_failure) => return Ok(false),
        Err(failure) => return Err(failure.into_error()),
    };
    verdict
        .warnings
        .into_iter()
        .for_each(|warning| call.warn(warning));
    if let Some(refusal) = verdict.refusal {
        return Err(refusal);
    }
    let Some(patch) = verdict.patch else {
        return Ok(false);
    };
    let changed = patched(call, invocation, attributes, object.as_ref(), &patch).await;
    let changed = match changed {
        Ok(changed) => changed,
        Err(failure) if failure.is_ignored(hook.on_failure) => return Ok(false),
        Err(failure) => return Err(failure.into_error()),
    };
    let differs = changed.is_some() && changed != *object;
    if differs {
        *object = changed;
    }
    Ok(differs)
}

/// Returns the object after a patch, typed and with defaults; `None` if the patch says nothing.
async fn patched(
    call: &Call<'_>,
    invocation: &Invocation<'_>,
    attributes: &Attributes,
    object: Option<&Value>,
    asked: &Patch,
) -> Result<Option<Value>, Failure> {
    let name = &invocation.hook.name;
    let internal = |why: String| Failure::Fatal(Error::internal(why));
    let operations: Value = serde_json::from_slice(&asked.bytes).map_err(|why| internal(why.to_string()))?;
    if operations.as_array().is_some_and(Vec::is_empty) {
        return Ok(None);
    }
    let Some(object) = object else {
        return Err(internal(format!(
            "admission webhook {name:?} attempted to modify the object, which is not supported for this operation"
        )));
    };
    if asked.kind != "JSONPatch" {
        let why = format!(
            "failed calling webhook {name:?}: unsupported patch type {:?}",
            asked.kind
        );
        return Err(Failure::Unreachable(why));
    }
    let foreign = invocation.shape.object != attributes.shape.object;
    let version = invocation.shape.api_version();
    let (core, resource) = (&call.core, &call.resource);
    let mut value = object.clone();
    if foreign {
        value = to_version(core, resource, value, &version)
            .await
            .map_err(Failure::Fatal)?;
    }
    let mut value = patch::json::apply(&value, &operations).map_err(|error| internal(error.message))?;
    if foreign {
        value = to_version(core, resource, value, &call.speaks.api_version())
            .await
            .map_err(Failure::Fatal)?;
    }
    let decoded = as_kind(&call.speaks, value, Vec::new()).map_err(internal)?;
    let mut value = decoded.value;
    strategy::default(&call.speaks, &mut value);
    Ok(Some(value))
}
