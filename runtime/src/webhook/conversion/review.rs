//! The wire: a `ConversionReview` in, a `ConversionReview` out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::family::Converts;
use crate::error::{Error, Result};
use crate::webhook::call::{Ending, TIMEOUT, guarded, patience};
use crate::webhook::reply::{Reply, Unanswerable};

const GROUP: &str = "apiextensions.k8s.io";
const KIND: &str = "ConversionReview";

/// Answers a review: converts every object, or says why one of them does not convert.
///
/// # Errors
///
/// If the body is no review with an id, so that no review can be the answer.
pub(in crate::webhook) async fn answer(
    body: &[u8],
    families: &[Arc<dyn Converts>],
    query: Option<&str>,
) -> Result<Reply, Unanswerable> {
    let mut review = Unanswerable::parse(body, KIND)?;
    let api_version = Unanswerable::api_version(&review, GROUP, KIND)?;
    let mut request = review["request"].take();
    let uid = match request["uid"].as_str() {
        Some(uid) if !uid.is_empty() => uid.to_owned(),
        _ => return Err(Unanswerable::new("the review has no `request.uid`")),
    };
    let reply = |objects: Value, result: Value| {
        let response = json!({ "uid": uid, "convertedObjects": objects, "result": result });
        Reply::of(json!({ "apiVersion": api_version, "kind": KIND, "response": response }))
    };
    let failed = |message: String| reply(json!([]), json!({ "status": "Failure", "message": message }));
    if api_version != "apiextensions.k8s.io/v1" {
        return Ok(failed(format!(
            "reviews are taken as `{GROUP}/v1`, not as `{api_version}`: set `conversionReviewVersions: [v1]` in the definition"
        )));
    }
    let desired = request["desiredAPIVersion"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let Value::Array(objects) = request["objects"].take() else {
        return Ok(failed(
            "the review is not understood: `request.objects` is no list".to_owned(),
        ));
    };
    // Conversions do not wait for anything; what may take long is a list, so time is looked at between objects.
    let converted = async {
        let mut converted = Vec::with_capacity(objects.len());
        for object in objects {
            converted.push(convert(families, object, &desired)?);
            tokio::task::yield_now().await;
        }
        Ok::<_, Error>(converted)
    };
    Ok(match guarded(patience(query, 3 * TIMEOUT), converted).await {
        Ending::Returned(Ok(converted)) => reply(converted.into(), json!({ "status": "Success" })),
        Ending::Returned(Err(error)) => failed(error.to_string()),
        Ending::Late => failed("the conversion did not end in time".to_owned()),
        Ending::Panicked => {
            failed("the conversion panicked; the log of the operator says where".to_owned()).after_panic()
        }
    })
}

fn convert(families: &[Arc<dyn Converts>], object: Value, desired: &str) -> Result<Value> {
    let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let (group, from) = split(&api_version);
    let (desired_group, to) = split(desired);
    let family = families
        .iter()
        .find(|family| family.kind() == kind && family.group() == group)
        .ok_or_else(|| {
            Error::new(format!(
                "this operator does not convert {kind} of `{api_version}`"
            ))
        })?;
    if desired_group != group {
        return Err(Error::new(format!(
            "cannot convert {kind} of `{api_version}` to `{desired}`: another group"
        )));
    }
    let name = match (
        object["metadata"]["namespace"].as_str(),
        object["metadata"]["name"].as_str(),
    ) {
        (Some(namespace), Some(name)) => format!(" `{namespace}/{name}`"),
        (None, Some(name)) => format!(" `{name}`"),
        (_, None) => String::new(),
    };
    let (from, to) = (from.to_owned(), to.to_owned());
    family
        .convert(object, &from, &to)
        .map_err(|error| error.context(format!("convert {kind}{name} from {from} to {to}")))
}

fn split(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}
