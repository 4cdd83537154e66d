//! The kinds that are questions: created, answered in the response, never stored.
//!
//! Access reviews ask `authz`, token reviews and token requests ask `authn` and `token`.
//! Pure but for ids and time: [`Reviewer`] borrows all it needs for one request.

mod access;
mod rules;
mod token;

use serde_json::{Value, json};

use crate::authn::{Authenticator, Identity};
use crate::authz::Rbac;
use crate::environment::Environment;
use crate::object::{Meta, metadata_mut};
use crate::status::{Error, Result};
use crate::token::Lookup;

/// Answers the questions of one request.
pub struct Reviewer<'a> {
    /// Who asks.
    pub identity: &'a Identity,
    /// The current roles and bindings.
    pub rbac: &'a Rbac,
    /// Knows all credentials.
    pub authenticator: &'a Authenticator,
    /// Finds stored objects.
    pub lookup: &'a Lookup<'a>,
    /// Clock and ids.
    pub environment: &'a Environment,
}

impl Reviewer<'_> {
    /// Returns the answer to a created review of `authentication.k8s.io` or `authorization.k8s.io`; `None` if
    /// `resource` is not one. `namespace` is that of the URL.
    ///
    /// # Errors
    /// 400 or 422 if the question makes no sense.
    pub fn create(&self, resource: &str, namespace: &str, body: Value) -> Option<Result<Value>> {
        Some(match resource {
            "selfsubjectaccessreviews" => access::own(self, body),
            "subjectaccessreviews" => access::any(self, body),
            "localsubjectaccessreviews" => access::local(self, namespace, body),
            "selfsubjectrulesreviews" => rules::review(self, body),
            "selfsubjectreviews" => Ok(self.who_am_i(body)),
            "tokenreviews" => token::review(self, body),
            _ => return None,
        })
    }

    /// Returns the answer to a `TokenRequest` for the stored service account `account`.
    ///
    /// # Errors
    /// 404 if the object to bind to is missing, 400 or 422 if the request makes no sense.
    pub fn request_token(&self, account: &Value, body: Value) -> Result<Value> {
        token::request(self, account, body)
    }

    fn who_am_i(&self, mut body: Value) -> Value {
        metadata_mut(&mut body).insert(
            "creationTimestamp".to_owned(),
            json!(self.environment.timestamp()),
        );
        body["status"] = json!({"userInfo": self.identity.to_user_info()});
        body
    }
}

impl std::fmt::Debug for Reviewer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reviewer")
            .field("identity", self.identity)
            .finish_non_exhaustive()
    }
}

/// Reads a string of an object, empty if absent.
fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Reads a list of strings, empty if absent.
fn texts(value: &Value, field: &str) -> Vec<String> {
    let list = value.get(field).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

/// Drops what clients send of metadata although it is not set.
fn tidy_metadata(body: &mut Value) {
    metadata_mut(body).retain(|_, value| !value.is_null());
}

/// Requires the spec to be an object; the empty one stands for an absent one.
fn spec(body: &Value) -> Result<&Value> {
    static NONE: Value = Value::Null;
    match body.get("spec") {
        None => Ok(&NONE),
        Some(spec) if spec.is_object() || spec.is_null() => Ok(spec),
        Some(_) => Err(Error::bad_request(format!(
            "{}: spec must be an object",
            body.kind()
        ))),
    }
}

#[cfg(test)]
mod tests;
