//! Asking one webhook.

use std::borrow::Cow;

use serde_json::Value;

use super::gate::Failure;
use super::select::Invocation;
use crate::admission::{Attributes, Verdict, read, review};
use crate::handler::call::Call;
use crate::handler::convert::to_version;
use crate::status::{Error, Result};

/// A question to a webhook about a request.
pub(super) struct Asked<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) attributes: &'a Attributes,
    pub(super) invocation: &'a Invocation<'a>,
}

/// Asks about a write, in the version the webhook wants.
pub(super) async fn ask(
    asked: &Asked<'_>,
    (object, old): (Option<&Value>, Option<&Value>),
    mutating: bool,
) -> Result<Verdict, Failure> {
    let Asked {
        call,
        attributes,
        invocation,
    } = asked;
    let hook = invocation.hook;
    if attributes.dry_run && !hook.dry_run {
        let message = format!("admission webhook {:?} does not support dry run", hook.name);
        return Err(Failure::Fatal(Error::bad_request(message)));
    }
    let object = asked.version(object).await?;
    let old = asked.version(old).await?;
    let uid = call.core.environment.uid();
    let objects = (object.as_deref(), old.as_deref());
    let review = review(hook, &uid, attributes, &invocation.shape, objects);
    let failed = |why: String| Failure::Unreachable(format!("failed calling webhook {:?}: {why}", hook.name));
    let context = (&*call.core.store, &call.core.environment);
    let answer = call
        .core
        .webhooks
        .post(context, &hook.client, &review, hook.timeout);
    let answer = answer.await;
    let answer = answer.map_err(|why| failed(format!("failed to call webhook: {why}")))?;
    read(hook, &uid, mutating, &answer)
        .map_err(|why| failed(format!("received invalid webhook response: {why}")))
}

impl Asked<'_> {
    /// Returns an object in the version the webhook wants.
    async fn version<'v>(&self, object: Option<&'v Value>) -> Result<Option<Cow<'v, Value>>, Failure> {
        let Some(object) = object else {
            return Ok(None);
        };
        if self.invocation.shape.object == self.attributes.shape.object {
            return Ok(Some(Cow::Borrowed(object)));
        }
        let version = self.invocation.shape.api_version();
        let call = self.call;
        let converted = to_version(&call.core, &call.resource, object.clone(), &version).await;
        converted.map(Cow::Owned).map(Some).map_err(Failure::Fatal)
    }
}
