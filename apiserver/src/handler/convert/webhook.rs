//! Conversion between versions of a custom kind by its webhook.

use std::time::Duration;

use serde_json::{Value, json};

use crate::core::Core;
use crate::object::{Meta as _, metadata_mut};
use crate::registry::{Conversion, Resource};

/// How long a conversion may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the webhook may change of the metadata.
const CONVERTED: [&str; 2] = ["labels", "annotations"];

/// Returns the objects, which are of the kind of `resource` in any version, as `version` has them.
///
/// # Errors
/// The real server's words for what the webhook did wrong.
pub(super) async fn convert(
    core: &Core,
    resource: &Resource,
    conversion: &Conversion,
    objects: &[Value],
    version: &str,
) -> Result<Vec<Value>, String> {
    let Some(first) = objects.first() else {
        return Ok(Vec::new());
    };
    let of = format!("{}, Kind={}", first.api_version(), resource.kind);
    let failed = |why: String| format!("conversion webhook for {of} failed: {why}");
    let uid = core.environment.uid();
    let review = json!({
        "kind": "ConversionReview", "apiVersion": conversion.api_version(),
        "request": {"uid": uid, "desiredAPIVersion": version, "objects": objects},
        "response": {"uid": "", "convertedObjects": null, "result": {"metadata": {}}},
    });
    let context = (&*core.store, &core.environment);
    let answer = core.webhooks.post(context, &conversion.client, &review, PATIENCE);
    let answer = answer.await.map_err(failed)?;
    let converted = read(answer, &conversion.api_version(), &uid).map_err(failed)?;
    if converted.len() != objects.len() {
        let (found, expected) = (converted.len(), objects.len());
        return Err(format!(
            "conversion webhook for {of} returned {found} objects, expected {expected}"
        ));
    }
    let pairs = objects.iter().zip(converted).enumerate();
    let checked = pairs.map(|(index, (before, after))| {
        accept(before, after, version, index).map_err(|why| format!("conversion webhook for {of} {why}"))
    });
    checked.collect()
}

/// Returns the objects of an answer.
fn read(mut answer: Value, api_version: &str, uid: &str) -> Result<Vec<Value>, String> {
    if answer.api_version() != api_version || answer.kind() != "ConversionReview" {
        let found = format!("{}, Kind={}", answer.api_version(), answer.kind());
        return Err(format!(
            "expected webhook response of {api_version}, Kind=ConversionReview, got {found}"
        ));
    }
    let response = answer["response"].take();
    if !response.is_object() {
        return Err("no response provided".to_owned());
    }
    let found = response["uid"].as_str().unwrap_or_default();
    if found != uid && api_version.ends_with("/v1") {
        return Err(format!("expected response.uid={uid:?}, got {found:?}"));
    }
    let result = &response["result"];
    let status = result["status"].as_str().unwrap_or_default();
    if status != "Success" {
        return Err(match result["message"].as_str() {
            Some(message) if !message.is_empty() => message.to_owned(),
            _ => format!("response.result.status was '{status}', not 'Success'"),
        });
    }
    match response {
        Value::Object(mut response) => match response.remove("convertedObjects") {
            Some(Value::Array(objects)) => Ok(objects),
            _ => Ok(Vec::new()),
        },
        _ => Ok(Vec::new()),
    }
}

/// Checks one converted object; of its metadata only labels and annotations are the webhook's to change.
fn accept(before: &Value, mut after: Value, version: &str, index: usize) -> Result<Value, String> {
    let invalid = |why: String| format!("returned invalid object at index {index}: {why}");
    if after.api_version() != version {
        let found = after.api_version();
        return Err(invalid(format!(
            "invalid groupVersion (expected {version}, received {found})"
        )));
    }
    if after.kind() != before.kind() {
        let (expected, found) = (before.kind(), after.kind());
        return Err(invalid(format!(
            "invalid kind (expected {expected}, received {found})"
        )));
    }
    let fields = [
        ("name", before.name(), after.name()),
        ("namespace", before.namespace(), after.namespace()),
        ("UID", before.uid(), after.uid()),
    ];
    for (field, expected, found) in fields {
        if expected != found {
            return Err(format!(
                "returned invalid converted object: must have the same {field}: {expected} != {found}"
            ));
        }
    }
    let mut metadata = before.metadata().cloned().unwrap_or_default();
    for field in CONVERTED {
        match after.metadata().and_then(|metadata| metadata.get(field)) {
            Some(value) if !value.is_null() => metadata.insert(field.to_owned(), value.clone()),
            _ => metadata.remove(field),
        };
    }
    *metadata_mut(&mut after) = metadata;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(version: &str, metadata: Value) -> Value {
        json!({"apiVersion": version, "kind": "Conv", "metadata": metadata})
    }

    #[test]
    fn a_webhook_changes_labels_and_annotations_and_nothing_else_of_the_metadata() {
        let before = object(
            "c.io/v1",
            json!({"name": "a", "uid": "u", "generation": 3, "labels": {"x": "1"}}),
        );
        let after = object(
            "c.io/v2",
            json!({"name": "a", "uid": "u", "generation": 9, "annotations": {"y": "2"}}),
        );
        assert_eq!(
            accept(&before, after, "c.io/v2", 0).unwrap()["metadata"],
            json!({"name": "a", "uid": "u", "generation": 3, "annotations": {"y": "2"}}),
        );
    }

    #[test]
    fn an_answer_that_does_not_fit_is_refused_in_the_words_of_the_server() {
        let before = object("c.io/v1", json!({"name": "a"}));
        let cases = [
            (
                object("c.io/v1", json!({"name": "a"})),
                "returned invalid object at index 0: invalid groupVersion (expected c.io/v2, received c.io/v1)",
            ),
            (
                object("c.io/v2", json!({"name": "b"})),
                "returned invalid converted object: must have the same name: a != b",
            ),
        ];
        for (after, expected) in cases {
            assert_eq!(accept(&before, after, "c.io/v2", 0).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_failed_review_says_why() {
        let answer = |response: Value| json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview", "response": response});
        let cases = [
            (answer(Value::Null), "no response provided"),
            (
                answer(json!({"uid": "x", "result": {"status": "Success"}})),
                "expected response.uid=\"u\", got \"x\"",
            ),
            (
                answer(json!({"uid": "u", "result": {"status": "Failure", "message": "cannot convert"}})),
                "cannot convert",
            ),
            (
                answer(json!({"uid": "u", "result": {}})),
                "response.result.status was '', not 'Success'",
            ),
            (
                json!({"kind": "X", "apiVersion": "v1"}),
                "expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got v1, Kind=X",
            ),
        ];
        for (review, expected) in cases {
            let found = read(review.clone(), "apiextensions.k8s.io/v1", "u");
            assert_eq!(found.unwrap_err(), expected, "{review}");
        }
    }
}
