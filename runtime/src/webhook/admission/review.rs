//! The wire: an `AdmissionReview` in, an `AdmissionReview` out.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use json_patch::Patch;
use kube::Client;
use kube::core::Status;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::refuse::{self, Undecoded, plain};
use super::request::{Admission, Facts, Operation, User};
use super::webhook::Target;
use crate::error::{Error, Result};
use crate::reconcile::Object;
use crate::webhook::call::{Ending, guarded};
use crate::webhook::reply::{Reply, Unanswerable};

const GROUP: &str = "admission.k8s.io";
const KIND: &str = "AdmissionReview";

/// A webhook whose type is forgotten.
pub(in crate::webhook) trait Admit: Send + Sync {
    /// Admits an object with changes, or refuses it with an error.
    fn admit<'a>(&'a self, objects: &'a Objects, cx: &'a Admission) -> BoxFuture<'a, Result<Patch>>;
}

/// The objects of a request as they were sent; null where there is none.
#[derive(Debug)]
pub(in crate::webhook) struct Objects {
    pub(super) new: Value,
    pub(super) old: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    kind: Kind,
    #[serde(default)]
    sub_resource: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
    operation: Operation,
    #[serde(default)]
    user_info: User,
    #[serde(default)]
    dry_run: Option<bool>,
    #[serde(default)]
    options: Value,
}

#[derive(Deserialize)]
struct Kind {
    group: String,
    version: String,
    kind: String,
}

impl Objects {
    /// Returns the object as it is to be.
    pub(super) fn wanted<K: Object>(&self) -> Result<K> {
        decode(&self.new, "object")
    }

    /// Returns the object as it is stored.
    pub(super) fn stored<K: Object>(&self) -> Result<K> {
        decode(&self.old, "stored object")
    }
}

fn decode<K: Object + DeserializeOwned>(value: &Value, what: &'static str) -> Result<K> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        Error::from(Undecoded {
            what,
            kind: K::kind(&()).into_owned(),
            problem: error.to_string(),
        })
    })
}

/// Answers a review: calls the webhook, within its time, and says what came of it.
///
/// # Errors
///
/// If the body is no review with an id, so that no review can be the answer.
pub(in crate::webhook) async fn answer(
    body: &[u8],
    target: &Target,
    admit: &dyn Admit,
    client: &Client,
    patience: Duration,
) -> Result<Reply, Unanswerable> {
    let mut review = Unanswerable::parse(body, KIND)?;
    let api_version = Unanswerable::api_version(&review, GROUP, KIND)?;
    let mut request = review["request"].take();
    let uid = match request["uid"].as_str() {
        Some(uid) if !uid.is_empty() => uid.to_owned(),
        _ => return Err(Unanswerable::new("the review has no `request.uid`")),
    };
    let refused = |status: Status| Reply::of(refusal(&api_version, &uid, &status, Map::new()));
    if api_version != "admission.k8s.io/v1" {
        let message = format!(
            "reviews are taken as `{GROUP}/v1`, not as `{api_version}`: set `admissionReviewVersions: [v1]` in the webhook configuration"
        );
        return Ok(refused(plain(400, "BadRequest", &message)));
    }
    let objects = Objects {
        new: request["object"].take(),
        old: request["oldObject"].take(),
    };
    let request: Request = match serde_path_to_error::deserialize(request) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("the review is not understood: request.{error}");
            return Ok(refused(plain(400, "BadRequest", &message)));
        }
    };
    if let Some(message) = wrong_kind(&request, target) {
        return Ok(refused(plain(400, "BadRequest", &message)));
    }
    let facts = request.facts(uid.clone(), &objects);
    let name = facts.name.clone();
    let cx = Admission::of(facts, client.clone());
    let ending = guarded(patience, admit.admit(&objects, &cx)).await;
    let notes = cx.take_notes();
    let mut extras = Map::new();
    if !notes.warnings.is_empty() {
        extras.insert("warnings".into(), notes.warnings.into());
    }
    if !notes.audit.is_empty() {
        extras.insert("auditAnnotations".into(), json!(notes.audit));
    }
    let panicked = matches!(ending, Ending::Panicked);
    let status = match ending {
        Ending::Returned(Ok(patch)) => {
            return Ok(Reply::of(admission(&api_version, &uid, &patch, extras)));
        }
        Ending::Returned(Err(error)) => refuse::status(&error, target, &name),
        Ending::Late => plain(
            504,
            "Timeout",
            &format!("the webhook did not decide within {patience:?}"),
        ),
        Ending::Panicked => plain(
            500,
            "InternalError",
            "the webhook panicked; the log of the operator says where",
        ),
    };
    let reply = Reply::of(refusal(&api_version, &uid, &status, extras));
    Ok(if panicked { reply.after_panic() } else { reply })
}

/// A rule may send what the webhook cannot read, such as the `Scale` of a kind.
fn wrong_kind(request: &Request, target: &Target) -> Option<String> {
    let Kind { group, version, kind } = &request.kind;
    if (group, version, kind) == (&target.group, &target.version, &target.kind) {
        return None;
    }
    let sent = format!("{kind} of `{group}/{version}`");
    let taken = format!("{} of `{}/{}`", target.kind, target.group, target.version);
    Some(format!(
        "this webhook takes {taken}, and was sent a {sent}: correct the rules in the webhook configuration"
    ))
}

impl Request {
    fn facts(self, uid: String, objects: &Objects) -> Facts {
        let object = if objects.new.is_null() {
            &objects.old
        } else {
            &objects.new
        };
        let in_object = || object["metadata"]["name"].as_str().map(str::to_owned);
        let name = self.name.filter(|name| !name.is_empty());
        Facts {
            uid,
            operation: self.operation,
            name: name.or_else(in_object).unwrap_or_default(),
            namespace: self.namespace.filter(|namespace| !namespace.is_empty()),
            subresource: self.sub_resource.filter(|subresource| !subresource.is_empty()),
            dry_run: self.dry_run.unwrap_or(false),
            user: self.user_info,
            options: self.options,
        }
    }
}

fn admission(api_version: &str, uid: &str, patch: &Patch, mut response: Map<String, Value>) -> Value {
    if !patch.0.is_empty() {
        response.insert("patchType".into(), "JSONPatch".into());
        response.insert("patch".into(), STANDARD.encode(json!(patch).to_string()).into());
    }
    respond(api_version, uid, true, response)
}

fn refusal(api_version: &str, uid: &str, status: &Status, mut response: Map<String, Value>) -> Value {
    response.insert("status".into(), json!(status));
    respond(api_version, uid, false, response)
}

fn respond(api_version: &str, uid: &str, allowed: bool, mut response: Map<String, Value>) -> Value {
    response.insert("uid".into(), uid.into());
    response.insert("allowed".into(), allowed.into());
    json!({ "apiVersion": api_version, "kind": KIND, "response": response })
}
