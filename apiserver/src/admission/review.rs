//! The `AdmissionReview` a webhook gets, and what its answer means.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::attributes::{Attributes, Shape};
use super::hook::Hook;
use crate::object::Meta as _;
use crate::status::Error;
use crate::webhook::Version;

/// What a webhook says.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The refusal, if it is one.
    pub(crate) refusal: Option<Error>,
    /// For the client, whatever the verdict.
    pub(crate) warnings: Vec<String>,
    /// What is to be changed.
    pub(crate) patch: Option<Patch>,
}

/// Changes a webhook asks for.
#[derive(Debug, PartialEq)]
pub(crate) struct Patch {
    /// A JSON patch, if `kind` is `JSONPatch`.
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: String,
}

/// Returns the review that asks `hook` about a write; objects are of the version of `shape`.
pub(crate) fn review(
    hook: &Hook,
    uid: &str,
    attributes: &Attributes,
    shape: &Shape,
    (object, old): (Option<&Value>, Option<&Value>),
) -> Value {
    let mut request = json!({
        "uid": uid,
        "kind": shape.kind(),
        "resource": shape.resource(),
        "requestKind": attributes.shape.kind(),
        "requestResource": attributes.shape.resource(),
        "operation": attributes.operation.as_str(),
        "userInfo": attributes.user,
        "object": object,
        "oldObject": old,
        "dryRun": attributes.dry_run,
        "options": attributes.options,
    });
    let texts = [
        ("subResource", &attributes.subresource),
        ("requestSubResource", &attributes.subresource),
        ("name", &attributes.name),
        ("namespace", &attributes.namespace),
    ];
    for (field, text) in texts {
        if !text.is_empty() {
            request[field] = json!(text);
        }
    }
    json!({"kind": "AdmissionReview", "apiVersion": api_version(hook.version), "request": request})
}

fn api_version(version: Version) -> String {
    format!("admission.k8s.io/{}", version.as_str())
}

/// Reads the answer of a webhook; `mutating` says whether it may ask for changes.
///
/// # Errors
/// What is wrong with the answer.
pub(crate) fn read(hook: &Hook, uid: &str, mutating: bool, answer: &Value) -> Result<Verdict, String> {
    let response = &answer["response"];
    if !response.is_object() {
        return Err("webhook response was absent".to_owned());
    }
    if hook.version == Version::V1 {
        check(answer, uid)?;
    }
    let patch = patch(response, mutating, hook.version)?;
    let warnings = response["warnings"].as_array().into_iter().flatten();
    let warnings = warnings.filter_map(Value::as_str).map(str::to_owned).collect();
    let allowed = response["allowed"] == true;
    Ok(Verdict {
        refusal: (!allowed).then(|| refusal(&hook.name, &response["status"])),
        warnings,
        patch,
    })
}

fn check(answer: &Value, uid: &str) -> Result<(), String> {
    let found = answer["response"]["uid"].as_str().unwrap_or_default();
    if found != uid {
        return Err(format!("expected response.uid={uid:?}, got {found:?}"));
    }
    let (version, kind) = (answer.api_version(), answer.kind());
    if (version, kind) != ("admission.k8s.io/v1", "AdmissionReview") {
        return Err(format!(
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {version}, Kind={kind}"
        ));
    }
    Ok(())
}

fn patch(response: &Value, mutating: bool, version: Version) -> Result<Option<Patch>, String> {
    let text = response["patch"].as_str().unwrap_or_default();
    let bytes = BASE64_STANDARD
        .decode(text)
        .map_err(|_| "illegal base64 data in response.patch".to_owned())?;
    let kind = response["patchType"].as_str();
    if !mutating {
        // The older version never looked.
        return match (bytes.is_empty(), kind) {
            _ if version == Version::V1Beta1 => Ok(None),
            (false, _) => Err("validating webhook may not return response.patch".to_owned()),
            (_, Some(_)) => Err("validating webhook may not return response.patchType".to_owned()),
            _ => Ok(None),
        };
    }
    match (bytes.is_empty(), kind) {
        (true, None) => Ok(None),
        (true, Some(_)) if version == Version::V1Beta1 => Ok(None),
        (true, Some(_)) => Err("webhook returned response.patchType but not response.patch".to_owned()),
        (false, None) if version == Version::V1Beta1 => Ok(Some(Patch {
            bytes,
            kind: "JSONPatch".to_owned(),
        })),
        (false, None) => Err("webhook returned response.patch but not response.patchType".to_owned()),
        (false, Some("")) => Err("webhook returned invalid response.patchType of \"\"".to_owned()),
        (false, Some(kind)) => Ok(Some(Patch {
            bytes,
            kind: kind.to_owned(),
        })),
    }
}

/// The error of a refused write: the webhook's own status, told whose it is.
fn refusal(hook: &str, status: &Value) -> Error {
    let refused = format!("admission webhook {hook:?} denied the request");
    let text = |field: &str| status[field].as_str().unwrap_or_default();
    let message = match (text("message"), text("reason")) {
        ("", "") => format!("{refused} without explanation"),
        ("", reason) => format!("{refused}: {reason}"),
        (message, _) => format!("{refused}: {message}"),
    };
    let mut whole = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
    });
    for field in ["reason", "details"] {
        if !status[field].is_null() && status[field] != "" {
            whole[field] = status[field].clone();
        }
    }
    let code = status["code"].as_u64().and_then(|code| u16::try_from(code).ok());
    Error::verbatim(
        code.filter(|code| (400..600).contains(code)).unwrap_or(400),
        whole,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook() -> Hook {
        Hook::new(&json!({"name": "w.x.io", "admissionReviewVersions": ["v1"]}))
    }

    fn answer(response: Value) -> Value {
        json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
    }

    #[test]
    fn a_refusal_says_who_and_why() {
        let cases = [
            (
                json!(null),
                400,
                "admission webhook \"w.x.io\" denied the request without explanation",
            ),
            (
                json!({"message": "nope", "code": 403, "reason": "Forbidden"}),
                403,
                "admission webhook \"w.x.io\" denied the request: nope",
            ),
            (
                json!({"reason": "Why"}),
                400,
                "admission webhook \"w.x.io\" denied the request: Why",
            ),
            (
                json!({"code": 200, "message": "m"}),
                400,
                "admission webhook \"w.x.io\" denied the request: m",
            ),
        ];
        for (status, code, message) in cases {
            let response = answer(json!({"uid": "u", "allowed": false, "status": status}));
            let refusal = read(&hook(), "u", false, &response).unwrap().refusal.unwrap();
            assert_eq!(
                (refusal.code, refusal.message.as_str()),
                (code, message),
                "{status}"
            );
            assert_eq!(refusal.to_status()["message"], message);
        }
    }

    #[test]
    fn an_answer_that_is_none_is_refused_in_the_words_of_the_server() {
        let allowed = |more: Value| {
            let mut response = json!({"uid": "u", "allowed": true});
            for (field, value) in more.as_object().unwrap() {
                response[field] = value.clone();
            }
            answer(response)
        };
        let cases = [
            (true, json!({}), "webhook response was absent"),
            (
                true,
                allowed(json!({"uid": "x"})),
                "expected response.uid=\"u\", got \"x\"",
            ),
            (
                true,
                json!({"kind": "K", "apiVersion": "v1", "response": {"uid": "u"}}),
                "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got v1, Kind=K",
            ),
            (
                true,
                allowed(json!({"patch": "W10="})),
                "webhook returned response.patch but not response.patchType",
            ),
            (
                true,
                allowed(json!({"patchType": "JSONPatch"})),
                "webhook returned response.patchType but not response.patch",
            ),
            (
                false,
                allowed(json!({"patch": "W10="})),
                "validating webhook may not return response.patch",
            ),
            (
                false,
                allowed(json!({"patchType": "JSONPatch"})),
                "validating webhook may not return response.patchType",
            ),
        ];
        for (mutating, answer, expected) in cases {
            assert_eq!(
                read(&hook(), "u", mutating, &answer).unwrap_err(),
                expected,
                "{answer}"
            );
        }
    }
}
