//! Endpoints below an object that are neither the object nor its status.

use serde_json::Value;

use super::admit::{self, Act, Admits};
use super::answer::Answer;
use super::call::Call;
use super::update::{self, answer};
use super::{binding, decode, eviction, get, meta, patch, scale};
use crate::fields;
use crate::object::map_mut;
use crate::request::{FieldValidation, Verb, WriteOptions};
use crate::review::Reviewer;
use crate::status::{Error, Result};

/// Calls a subresource.
pub(super) async fn call(call: &mut Call<'_>) -> Result<Answer> {
    let name = call.endpoint.name().to_owned();
    let (group, plural, verb) = (
        call.resource.group.clone(),
        call.resource.plural.clone(),
        call.request.info.verb,
    );
    match (group.as_str(), plural.as_str(), name.as_str(), verb) {
        (_, _, "scale", Verb::Get) => scale::get(call).await,
        (_, _, "scale", Verb::Update) => scale::update(call).await,
        (_, _, "scale", Verb::Patch) => scale::patch(call).await,
        ("", "namespaces", "finalize", Verb::Update) => finalize(call).await,
        ("", "serviceaccounts", "token", Verb::Create) => token(call).await,
        ("", "pods", "binding", Verb::Create) => binding::bind(call).await,
        ("", "pods", "eviction", Verb::Create) => eviction::evict(call).await,
        ("", "pods", "log" | "exec" | "attach" | "portforward" | "proxy", _) => node(call).await,
        (_, _, _, Verb::Get) => get::get(call).await,
        (_, _, _, Verb::Update) => update::put(call).await,
        (_, _, _, Verb::Patch) => patch::patch(call).await,
        _ => Err(Error::method_not_allowed()),
    }
}

/// Sets the finalizers in a namespace's spec; the last one that goes takes the namespace with it.
async fn finalize(call: &mut Call<'_>) -> Result<Answer> {
    let options = WriteOptions::update(&call.request.query)?;
    let sent = decode::object(call, options.field_validation)?;
    let name = call.path.name.clone();
    meta::check_name(&sent, &name)?;
    let version = update::sent_version(&sent)?;
    let finalizers = sent.get("spec").and_then(|spec| spec.get("finalizers"));
    let finalizers = finalizers.filter(|list| list.as_array().is_some_and(|list| !list.is_empty()));
    let finalizers = finalizers.cloned();
    let change = |_: &mut Call<'_>, old: &Value| {
        let mut new = old.clone();
        let spec = map_mut(map_mut(&mut new).entry("spec").or_insert(Value::Null));
        match &finalizers {
            Some(list) => drop(spec.insert("finalizers".to_owned(), list.clone())),
            None => drop(spec.remove("finalizers")),
        }
        Ok(new)
    };
    let object = update::change(call, &name, (&options, Admits::Store), version, change).await?;
    Ok(answer(call, 200, object))
}

/// What only the kubelet of the pod's node can do: there is none to ask.
async fn node(call: &Call<'_>) -> Result<Answer> {
    let name = &call.path.name;
    let (_, pod) = call.existing(name).await?;
    let node = pod
        .value()
        .get("spec")
        .and_then(|spec| spec.get("nodeName")?.as_str());
    Err(match node.filter(|node| !node.is_empty()) {
        Some(node) => call.not_found(node),
        None => Error::bad_request(format!("pod {name} does not have a host assigned")),
    })
}

/// Issues a token for a service account.
async fn token(call: &mut Call<'_>) -> Result<Answer> {
    let name = call.path.name.clone();
    let (_, account) = call.existing(&name).await?;
    let body = question(call).await?;
    let value = with_reviewer(call, |reviewer| reviewer.request_token(account.value(), body))?;
    Ok(Answer::Value { code: 201, value })
}

/// Answers a question that is posted and never stored; `None` if the resource is no such question.
pub(super) async fn review(call: &mut Call<'_>) -> Result<Option<Answer>> {
    if !matches!(
        call.resource.group.as_str(),
        "authentication.k8s.io" | "authorization.k8s.io"
    ) {
        return Ok(None);
    }
    let body = question(call).await?;
    let (plural, namespace) = (&call.resource.plural, &call.path.namespace);
    let answer = with_reviewer(call, |reviewer| {
        reviewer.create(plural, namespace, body).transpose()
    })?;
    Ok(answer.map(|value| Answer::Value { code: 201, value }))
}

/// Reads what is asked; its fields have owners, although it is never stored.
async fn question(call: &mut Call<'_>) -> Result<Value> {
    let options = WriteOptions::create(&call.request.query)?;
    let body = decode::object(call, FieldValidation::Ignore)?;
    let now = call.core.environment.timestamp();
    let body = fields::update(call.writer(&options, &now), None, body);
    let act = Act::create(call, &options, &call.path.name);
    let body = admit::mutate(call, &act, body, None).await?;
    admit::validate(call, &act, Some(&body), None).await?;
    Ok(body)
}

fn with_reviewer<T>(call: &Call<'_>, ask: impl FnOnce(&Reviewer<'_>) -> T) -> T {
    let core = &call.core;
    ask(&Reviewer {
        identity: &call.request.identity,
        rbac: &core.rbac(),
        authenticator: &core.authenticator,
        lookup: &|plural, namespace, name| core.core_object(plural, namespace, name),
        environment: &core.environment,
    })
}
