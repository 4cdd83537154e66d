//! Whose token is this, and: give me one.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Reviewer, spec, text, texts, tidy_metadata};
use crate::object::{Meta, metadata_mut};
use crate::status::{Error, FieldError, GroupResource, Result};
use crate::token::{Bound, Lookup, Reference, Request};

const DEFAULT_LIFETIME: u64 = 3600;
const SHORTEST_LIFETIME: u64 = 600;
const LONGEST_LIFETIME: u64 = 1 << 32;

/// Says whether a token is valid for any of the wanted audiences, and whose it is.
pub(super) fn review(reviewer: &Reviewer<'_>, mut body: Value) -> Result<Value> {
    tidy_metadata(&mut body);
    let spec = spec(&body)?;
    let token = text(spec, "token");
    if token.is_empty() {
        return Err(Error::bad_request(
            "token is required for TokenReview in authentication",
        ));
    }
    let wanted = texts(spec, "audiences");
    let verified = reviewer.authenticator.verify(token, &wanted, reviewer.lookup);
    body["status"] = match verified {
        Ok(verified) => json!({
            "authenticated": true,
            "user": verified.identity.to_user_info(),
            "audiences": verified.audiences,
        }),
        Err(refusal) => json!({"user": {}, "error": refusal.to_string()}),
    };
    Ok(body)
}

/// Issues a token for `account`, a stored service account.
pub(super) fn request(reviewer: &Reviewer<'_>, account: &Value, mut body: Value) -> Result<Value> {
    tidy_metadata(&mut body);
    check_name(&body, account)?;
    let spec = spec(&body)?;
    let lifetime = lifetime(spec)?;
    let bound = match spec.get("boundObjectRef").filter(|one| !one.is_null()) {
        Some(reference) => Some(bind(reference, account, reviewer.lookup)?),
        None => None,
    };
    let issued = reviewer.authenticator.issuer().issue(&Request {
        namespace: account.namespace().to_owned(),
        name: account.name().to_owned(),
        uid: account.uid().to_owned(),
        audiences: texts(spec, "audiences"),
        lifetime: Duration::from_secs(lifetime),
        node: bound.as_ref().and_then(|one| one.node.clone()),
        bound: bound.map(|one| (one.kind, one.reference)),
    })?;
    let reference = spec.get("boundObjectRef").cloned().unwrap_or_default();
    body["spec"] = json!({
        "audiences": issued.audiences, "expirationSeconds": lifetime, "boundObjectRef": reference,
    });
    let expires = issued.expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    body["status"] = json!({"token": issued.token, "expirationTimestamp": expires});
    let metadata = metadata_mut(&mut body);
    metadata.insert("name".to_owned(), json!(account.name()));
    metadata.insert("namespace".to_owned(), json!(account.namespace()));
    metadata.insert("uid".to_owned(), json!(account.uid()));
    metadata.insert(
        "creationTimestamp".to_owned(),
        json!(reviewer.environment.timestamp()),
    );
    Ok(body)
}

fn check_name(body: &Value, account: &Value) -> Result<()> {
    let name = body.name();
    if name.is_empty() || name == account.name() {
        return Ok(());
    }
    let detail = "must match the service account name if specified";
    let error = FieldError::invalid("metadata.name", &json!(name), detail);
    Err(Error::invalid(
        "authentication.k8s.io",
        "TokenRequest",
        account.name(),
        &[error],
    ))
}

fn lifetime(spec: &Value) -> Result<u64> {
    let given = match spec.get("expirationSeconds") {
        None | Some(Value::Null) => return Ok(DEFAULT_LIFETIME),
        Some(given) => given,
    };
    let detail = match given.as_i64() {
        None => "must be a whole number of seconds",
        Some(seconds) => match u64::try_from(seconds) {
            Ok(seconds @ SHORTEST_LIFETIME..=LONGEST_LIFETIME) => return Ok(seconds),
            Ok(seconds) if seconds > LONGEST_LIFETIME => {
                "may not specify a duration larger than 2^32 seconds"
            }
            _ => "may not specify a duration less than 10 minutes",
        },
    };
    let error = FieldError::invalid("spec.expirationSeconds", given, detail);
    Err(Error::invalid(
        "authentication.k8s.io",
        "TokenRequest",
        "",
        &[error],
    ))
}

/// The object a token lives with, and the node it is on.
struct Binding {
    kind: Bound,
    reference: Reference,
    node: Option<Reference>,
}

fn bind(reference: &Value, account: &Value, lookup: &Lookup<'_>) -> Result<Binding> {
    let (version, kind) = (text(reference, "apiVersion"), text(reference, "kind"));
    let (bound, resource, namespace) = match (version, kind) {
        ("v1", "Pod") => (Bound::Pod, "pods", account.namespace()),
        ("v1", "Secret") => (Bound::Secret, "secrets", account.namespace()),
        ("v1", "Node") => (Bound::Node, "nodes", ""),
        _ => {
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            let message = format!("cannot bind token to object of type {group}/{version}, Kind={kind}");
            return Err(Error::bad_request(message));
        }
    };
    let name = text(reference, "name");
    let of = GroupResource { group: "", resource };
    let object = lookup(resource, namespace, name).ok_or_else(|| Error::not_found(of, name))?;
    let uid = text(reference, "uid");
    if !uid.is_empty() && uid != object.uid() {
        let why = format!(
            "the UID in the bound object reference ({uid}) does not match the UID in record. \
             The object might have been deleted and then recreated"
        );
        return Err(Error::conflict(of, name, &why));
    }
    check_pod(bound, object.value(), account)?;
    Ok(Binding {
        kind: bound,
        reference: Reference {
            name: name.to_owned(),
            uid: object.uid().to_owned(),
        },
        node: node_of(bound, object.value(), lookup),
    })
}

/// A pod may only get tokens of the account it runs as.
fn check_pod(kind: Bound, pod: &Value, account: &Value) -> Result<()> {
    let runs_as = text(&pod["spec"], "serviceAccountName");
    if kind != Bound::Pod || runs_as == account.name() {
        return Ok(());
    }
    Err(Error::bad_request(format!(
        "cannot bind token for serviceaccount {:?} to pod running with different serviceaccount name.",
        account.name()
    )))
}

fn node_of(kind: Bound, pod: &Value, lookup: &Lookup<'_>) -> Option<Reference> {
    let name = text(&pod["spec"], "nodeName");
    if kind != Bound::Pod || name.is_empty() {
        return None;
    }
    let node = lookup("nodes", "", name);
    Some(Reference {
        name: name.to_owned(),
        uid: node.map(|node| node.uid().to_owned()).unwrap_or_default(),
    })
}
