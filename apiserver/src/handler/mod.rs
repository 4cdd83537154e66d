//! The verbs: what is done to stored objects, from a parsed request to an answer.
//!
//! [`handle`] finds the resource and the verb; each verb has its file. A handler knows descriptions of kinds
//! ([`Resource`]), never kinds. Writing the answer as HTTP is the business of `serve`.

mod admit;
mod answer;
mod binding;
mod call;
mod continuation;
mod convert;
mod create;
mod decode;
mod definition;
mod delete;
mod delete_collection;
mod eviction;
mod finalizer;
mod get;
mod list;
mod meta;
mod patch;
mod route;
mod scale;
mod service;
mod subresource;
mod update;
mod watch;

pub(crate) use self::answer::{Answer, ListAnswer};
pub(crate) use self::call::{Payload, Request};
pub(crate) use self::definition::Served;
pub(crate) use self::watch::{Shown, Watch};

use std::sync::Arc;

use self::call::Call;
use self::route::Endpoint;
use crate::core::Core;
use crate::request::Verb;
use crate::status::{Error, Result};

/// Carries out a request that names a resource; warnings go to `warnings` whether it fails or not.
pub(crate) async fn handle(core: &Arc<Core>, request: Request, warnings: &mut Vec<String>) -> Result<Answer> {
    let (path, resource, endpoint) = route::route(core, &request)?;
    if let Some(warning) = &resource.deprecation_warning {
        warnings.push(warning.clone());
    }
    let mut call = Call {
        core: Arc::clone(core),
        path,
        speaks: route::spoken(&resource, &endpoint),
        resource,
        endpoint,
        request,
        warnings,
    };
    let answer = carry_out(&mut call).await?;
    if !matches!(call.request.info.verb, Verb::Get | Verb::List | Verb::Watch) {
        definition::follow_up(core, &call.resource);
    }
    Ok(answer)
}

async fn carry_out(call: &mut Call<'_>) -> Result<Answer> {
    match (&call.endpoint, call.request.info.verb) {
        (Endpoint::Object | Endpoint::Status, Verb::Get) => get::get(call).await,
        (Endpoint::Object, Verb::List) => list::list(call).await,
        (Endpoint::Object, Verb::Watch) => watch::watch(call).await,
        (Endpoint::Object, Verb::Create) => create::create(call).await,
        (Endpoint::Object | Endpoint::Status, Verb::Update) => update::put(call).await,
        (Endpoint::Object | Endpoint::Status, Verb::Patch) => patch::patch(call).await,
        (Endpoint::Object, Verb::Delete) => delete::delete(call).await,
        (Endpoint::Object, Verb::DeleteCollection) => delete_collection::delete_collection(call).await,
        (Endpoint::Other(_), _) => subresource::call(call).await,
        _ => Err(Error::method_not_allowed()),
    }
}
