//! May somebody do something: the three access reviews.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Reviewer, spec, text, texts, tidy_metadata};
use crate::authn::Identity;
use crate::authz::{Attributes, Decision, Target};
use crate::object::Meta;
use crate::status::{Error, FieldError, Result};

/// Answers for the asking user.
pub(super) fn own(reviewer: &Reviewer<'_>, mut body: Value) -> Result<Value> {
    tidy_metadata(&mut body);
    let spec = spec(&body)?;
    let mut errors: Vec<FieldError> = check_attributes(spec).into_iter().collect();
    errors.extend(check_metadata(&body, ""));
    refuse(&errors)?;
    let decision = decide(reviewer, reviewer.identity, spec);
    Ok(answer(body, decision))
}

/// Answers for the user the review names.
pub(super) fn any(reviewer: &Reviewer<'_>, mut body: Value) -> Result<Value> {
    tidy_metadata(&mut body);
    let spec = spec(&body)?;
    let mut errors: Vec<FieldError> = check_attributes(spec).into_iter().collect();
    errors.extend(check_user(spec));
    errors.extend(check_metadata(&body, ""));
    refuse(&errors)?;
    let decision = decide(reviewer, &named_user(spec), spec);
    Ok(answer(body, decision))
}

/// Answers for the user the review names, in the namespace of the URL alone.
pub(super) fn local(reviewer: &Reviewer<'_>, namespace: &str, mut body: Value) -> Result<Value> {
    tidy_metadata(&mut body);
    crate::object::metadata_mut(&mut body).insert("namespace".to_owned(), json!(namespace));
    let spec = spec(&body)?;
    let mut errors: Vec<FieldError> = check_attributes(spec).into_iter().collect();
    errors.extend(check_user(spec));
    errors.extend(check_metadata(&body, namespace));
    errors.extend(check_local(spec, namespace));
    refuse(&errors)?;
    let decision = decide(reviewer, &named_user(spec), spec);
    Ok(answer(body, decision))
}

fn decide(reviewer: &Reviewer<'_>, user: &Identity, spec: &Value) -> Decision {
    let resource = spec.get("resourceAttributes").filter(|one| !one.is_null());
    let (asked, target) = match resource {
        Some(asked) => (asked, resource_target(asked)),
        None => {
            let asked = &spec["nonResourceAttributes"];
            (asked, Target::Path(text(asked, "path")))
        }
    };
    reviewer.rbac.decide(&Attributes {
        user,
        verb: text(asked, "verb"),
        target,
    })
}

fn resource_target(asked: &Value) -> Target<'_> {
    Target::Resource {
        group: text(asked, "group"),
        resource: text(asked, "resource"),
        subresource: text(asked, "subresource"),
        namespace: text(asked, "namespace"),
        name: text(asked, "name"),
    }
}

fn named_user(spec: &Value) -> Identity {
    let extra = spec.get("extra").and_then(Value::as_object);
    let extra: BTreeMap<_, _> = extra
        .into_iter()
        .flat_map(|map| map.keys().map(|key| (key.clone(), texts(&spec["extra"], key))))
        .collect();
    Identity {
        user: text(spec, "user").to_owned(),
        uid: text(spec, "uid").to_owned(),
        groups: texts(spec, "groups"),
        extra,
    }
}

fn answer(mut body: Value, decision: Decision) -> Value {
    let (allowed, reason) = match decision {
        Decision::Allowed(reason) => (true, reason),
        Decision::Denied(reason) => (false, reason),
    };
    let mut status = json!({"allowed": allowed});
    if !reason.is_empty() {
        status["reason"] = json!(reason);
    }
    body["status"] = status;
    body
}

/// Exactly one kind of attributes must be given.
fn check_attributes(spec: &Value) -> Option<FieldError> {
    let given = |field: &str| spec.get(field).is_some_and(|one| !one.is_null());
    match (given("resourceAttributes"), given("nonResourceAttributes")) {
        (true, true) => Some(FieldError::invalid(
            "spec.nonResourceAttributes",
            &internal(&spec["nonResourceAttributes"]),
            "cannot be specified in combination with resourceAttributes",
        )),
        (false, false) => Some(FieldError::invalid(
            "spec.resourceAttributes",
            &Value::Null,
            "exactly one of nonResourceAttributes or resourceAttributes must be specified",
        )),
        _ => None,
    }
}

fn check_user(spec: &Value) -> Option<FieldError> {
    let nobody = text(spec, "user").is_empty() && texts(spec, "groups").is_empty();
    let detail = "at least one of user or group must be specified";
    nobody.then(|| FieldError::invalid("spec.user", &json!(""), detail))
}

fn check_local(spec: &Value, namespace: &str) -> Option<FieldError> {
    let asked = &spec["resourceAttributes"];
    if asked.is_null() {
        let path = &spec["nonResourceAttributes"];
        return (!path.is_null()).then(|| {
            let detail = "disallowed on this kind of request";
            FieldError::invalid("spec.nonResourceAttributes", &internal(path), detail)
        });
    }
    let asked = text(asked, "namespace");
    let field = "spec.resourceAttributes.namespace";
    (asked != namespace).then(|| FieldError::invalid(field, &json!(asked), "must match metadata.namespace"))
}

/// Reviews have no names: their metadata holds the namespace and the owners of their fields at most.
fn check_metadata(body: &Value, namespace: &str) -> Option<FieldError> {
    let metadata = body.metadata()?;
    let extra = metadata
        .keys()
        .any(|key| !matches!(key.as_str(), "namespace" | "managedFields"))
        || body.namespace() != namespace;
    extra.then(|| FieldError::invalid("metadata", &body["metadata"], "must be empty"))
}

/// Shows attributes as the real server's internal type prints.
fn internal(attributes: &Value) -> Value {
    json!({"Path": text(attributes, "path"), "Verb": text(attributes, "verb")})
}

/// The real server leaves the kind out of these errors.
fn refuse(errors: &[FieldError]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Error::invalid("authorization.k8s.io", "", "", errors))
}
