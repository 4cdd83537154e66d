//! Endpoints below an object that are neither the object nor its status.

use std::sync::Arc;

use serde_json::Value;

use super::answer::Answer;
use super::call::{Call, Payload};
use super::update::{self, Change, Outcome, answer};
use super::{decode, meta};
use crate::codec::decode as decode_body;
use crate::fields;
use crate::request::{Verb, WriteOptions};
use crate::review::Reviewer;
use crate::status::{Error, Result};

/// Calls a subresource.
pub(super) async fn call(call: &mut Call<'_>) -> Result<Answer> {
    let (group, plural) = (call.resource.group.clone(), call.resource.plural.clone());
    let name = call.endpoint.name().to_owned();
    match (
        group.as_str(),
        plural.as_str(),
        name.as_str(),
        call.request.info.verb,
    ) {
        ("", "namespaces", "finalize", Verb::Update) => finalize(call),
        ("", "serviceaccounts", "token", Verb::Create) => token(call),
        _ => Err(Error::method_not_allowed()),
    }
}

/// Sets the finalizers in a namespace's spec; the last one that goes takes the namespace with it.
fn finalize(call: &mut Call<'_>) -> Result<Answer> {
    let options = WriteOptions::update(&call.request.query)?;
    let sent = decode::object(call, options.field_validation)?;
    let name = call.path.name.clone();
    meta::check_name(&sent, &name)?;
    let version = update::sent_version(&sent)?;
    loop {
        let (stored, shown) = call.stored(&name).ok_or_else(|| call.not_found(&name))?;
        if version.is_some_and(|version| version != stored.revision()) {
            return Err(call.modified(&name));
        }
        let mut new = shown.value().clone();
        let finalizers = sent.get("spec").and_then(|spec| spec.get("finalizers"));
        new["spec"]["finalizers"] = finalizers.cloned().unwrap_or_else(|| Value::Array(Vec::new()));
        let now = call.core.environment.timestamp();
        let new = fields::update(call.writer(&options, &now), Some(shown.value()), new);
        let change = Change {
            options: &options,
            stored: &stored,
            old: shown.value(),
        };
        if let Outcome::Done(object) = update::store(call, &change, new, "")? {
            return Ok(answer(call, 200, object));
        }
    }
}

/// Issues a token for a service account.
fn token(call: &mut Call<'_>) -> Result<Answer> {
    let name = call.path.name.clone();
    let (_, account) = call.stored(&name).ok_or_else(|| call.not_found(&name))?;
    let body = body(call)?;
    let core = Arc::clone(&call.core);
    let lookup = |plural: &str, namespace: &str, name: &str| core.core_object(plural, namespace, name);
    let rbac = core.rbac();
    let reviewer = Reviewer {
        identity: &call.request.identity,
        rbac: &rbac,
        authenticator: &core.authenticator,
        lookup: &lookup,
        environment: &core.environment,
    };
    let value = reviewer.request_token(account.value(), body)?;
    Ok(Answer::Value { code: 201, value })
}

/// Answers a question that is posted and never stored; `None` if the resource is no such question.
pub(super) fn review(call: &mut Call<'_>) -> Result<Option<Answer>> {
    if !matches!(
        call.resource.group.as_str(),
        "authentication.k8s.io" | "authorization.k8s.io"
    ) {
        return Ok(None);
    }
    let body = decode::object(call, crate::request::FieldValidation::Ignore)?;
    let core = Arc::clone(&call.core);
    let lookup = |plural: &str, namespace: &str, name: &str| core.core_object(plural, namespace, name);
    let rbac = core.rbac();
    let reviewer = Reviewer {
        identity: &call.request.identity,
        rbac: &rbac,
        authenticator: &core.authenticator,
        lookup: &lookup,
        environment: &core.environment,
    };
    let answer = reviewer
        .create(&call.resource.plural, &call.path.namespace, body)
        .transpose()?;
    Ok(answer.map(|value| Answer::Value { code: 201, value }))
}

/// Reads a body of a kind other than the resource's.
fn body(call: &mut Call<'_>) -> Result<Value> {
    match &mut call.request.payload {
        Payload::Value(value) => Ok(value.take()),
        Payload::Bytes(body) => {
            let decoded = decode_body(&call.request.content_type, body);
            Ok(decoded.map_err(Error::bad_request)?.value)
        }
    }
}
