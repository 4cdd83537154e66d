//! The one error type of the server: a Kubernetes `Status`, made by constructors named after its reasons.
//!
//! Text, code and details of each failure are decided here and nowhere else.
//! Message forms are those of apimachinery's `api/errors`.

use serde_json::{Map, Value, json};

/// A failure as a client sees it: HTTP code, reason, message and details.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// HTTP status code, also `.code` of the body.
    pub code: u16,
    /// `.reason`; absent for errors the real server does not type.
    pub reason: Option<&'static str>,
    /// `.message`, the text people read.
    pub message: String,
    /// `.details`; absent unless set.
    pub details: Option<Box<Details>>,
    /// `.metadata.continue`, only for expired list tokens.
    pub continue_token: Option<String>,
    /// The body is the bare message as `text/plain`, as for paths no API group serves.
    pub plain: bool,
    /// The whole `Status`, where somebody else decides what it says.
    pub verbatim: Option<Box<Value>>,
}

/// What a failure is about, in a form programs read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// Name of the object, if one was meant.
    pub name: Option<String>,
    /// API group; empty for the core group, then left out.
    pub group: String,
    /// Plural resource, or the Kind for `Invalid`.
    pub kind: String,
    /// Uid of the object.
    pub uid: Option<String>,
    /// The single mistakes.
    pub causes: Vec<Cause>,
    /// Seconds after which to try again; also the `Retry-After` header.
    pub retry_after_seconds: Option<u32>,
}

/// One mistake in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// For example `FieldValueInvalid`; empty is left out.
    pub reason: String,
    /// What is wrong.
    pub message: String,
    /// Path of the field; empty is left out.
    pub field: String,
}

/// A result with the server's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The group and plural name errors speak of, for example `deployments.apps`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupResource<'a> {
    /// API group, empty for core.
    pub group: &'a str,
    /// Plural resource name.
    pub resource: &'a str,
}

impl std::fmt::Display for GroupResource<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.resource)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        Ok(())
    }
}

impl Error {
    /// Returns an error with a code and a message alone: what the real server answers for untyped errors.
    #[must_use]
    pub fn untyped(code: u16, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: None,
            message: message.into(),
            details: None,
            continue_token: None,
            plain: false,
            verbatim: None,
        }
    }

    /// An error that somebody else words: a webhook that refuses a write.
    pub(crate) fn verbatim(code: u16, mut status: Value) -> Self {
        status["code"] = json!(code);
        let message = status["message"].as_str().unwrap_or_default().to_owned();
        Self {
            verbatim: Some(Box::new(status)),
            ..Self::untyped(code, message)
        }
    }

    fn typed(code: u16, reason: &'static str, message: impl Into<String>, details: Details) -> Self {
        Self {
            reason: Some(reason),
            details: Some(Box::new(details)),
            ..Self::untyped(code, message)
        }
    }

    fn about(resource: GroupResource<'_>, name: &str) -> Details {
        Details {
            name: (!name.is_empty()).then(|| name.to_owned()),
            group: resource.group.to_owned(),
            kind: resource.resource.to_owned(),
            ..Details::default()
        }
    }

    /// 404 as `text/plain`: nothing is served under this path.
    #[must_use]
    pub fn page_not_found() -> Self {
        Self {
            plain: true,
            ..Self::untyped(404, "404 page not found\n")
        }
    }

    /// 404: a group and version that exist, but not this resource.
    #[must_use]
    pub fn resource_not_found() -> Self {
        Self::typed(
            404,
            "NotFound",
            "the server could not find the requested resource",
            Details::default(),
        )
    }

    /// 404: no object of this name.
    #[must_use]
    pub fn not_found(resource: GroupResource<'_>, name: &str) -> Self {
        Self::typed(
            404,
            "NotFound",
            format!("{resource} {name:?} not found"),
            Self::about(resource, name),
        )
    }

    /// 409: an object of this name exists.
    #[must_use]
    pub fn already_exists(resource: GroupResource<'_>, name: &str) -> Self {
        let message = format!("{resource} {name:?} already exists");
        Self::typed(409, "AlreadyExists", message, Self::about(resource, name))
    }

    /// 409: the write was based on another state than the stored one.
    #[must_use]
    pub fn conflict(resource: GroupResource<'_>, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {resource} {name:?}: {why}");
        Self::typed(409, "Conflict", message, Self::about(resource, name))
    }

    /// 409: the object moved since it was read.
    #[must_use]
    pub fn modified(resource: GroupResource<'_>, name: &str) -> Self {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(resource, name, why)
    }

    /// 409: server-side apply met fields of other managers; the causes say which.
    #[must_use]
    pub fn apply_conflict(message: String, causes: Vec<Cause>) -> Self {
        Self::typed(
            409,
            "Conflict",
            message,
            Details {
                causes,
                ..Details::default()
            },
        )
    }

    /// 403: `why` follows `is forbidden: `.
    #[must_use]
    pub fn forbidden(resource: GroupResource<'_>, name: &str, why: &str) -> Self {
        let message = if name.is_empty() {
            format!("{resource} is forbidden: {why}")
        } else {
            format!("{resource} {name:?} is forbidden: {why}")
        };
        Self::typed(403, "Forbidden", message, Self::about(resource, name))
    }

    /// 401: the credentials are not valid.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self {
            reason: Some("Unauthorized"),
            ..Self::untyped(401, "Unauthorized")
        }
    }

    /// 400: the request makes no sense.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self {
            reason: Some("BadRequest"),
            ..Self::untyped(400, message)
        }
    }

    /// 422: the object breaks rules of its kind; `kind` is the Kind, not the plural.
    #[must_use]
    pub fn invalid(group: &str, kind: &str, name: &str, errors: &[FieldError]) -> Self {
        let qualified = if group.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}.{group}")
        };
        let mut texts: Vec<String> = Vec::new();
        for text in errors.iter().map(ToString::to_string) {
            // Found twice, told once; the causes keep both.
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let list = if let [one] = texts.as_slice() {
            one.clone()
        } else {
            format!("[{}]", texts.join(", "))
        };
        let details = Details {
            name: (!name.is_empty()).then(|| name.to_owned()),
            group: group.to_owned(),
            kind: kind.to_owned(),
            causes: errors.iter().map(FieldError::cause).collect(),
            ..Details::default()
        };
        Self::typed(
            422,
            "Invalid",
            format!("{qualified} {name:?} is invalid: {list}"),
            details,
        )
    }

    /// 422 without a message of its own: a JSON patch that cannot be carried out.
    #[must_use]
    pub fn rejected_patch() -> Self {
        let message = "the server rejected our request due to an error in our request";
        Self::typed(422, "Invalid", message, Details::default())
    }

    /// 405: this path does not take the method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::typed(405, "MethodNotAllowed", message, Details::default())
    }

    /// 406: nothing the client accepts can be made.
    #[must_use]
    pub fn not_acceptable(message: impl Into<String>) -> Self {
        Self {
            reason: Some("NotAcceptable"),
            ..Self::untyped(406, message)
        }
    }

    /// 410: the revision asked for is no longer kept.
    #[must_use]
    pub fn expired(message: impl Into<String>) -> Self {
        Self {
            reason: Some("Expired"),
            ..Self::untyped(410, message)
        }
    }

    /// 413: the body is larger than the server reads.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let message = format!("Request entity too large: limit is {limit}");
        Self {
            reason: Some("RequestEntityTooLarge"),
            ..Self::untyped(413, message)
        }
    }

    /// 415: the body has a type this path does not take.
    #[must_use]
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::typed(415, "UnsupportedMediaType", message, Details::default())
    }

    /// 429: try again after so many seconds.
    #[must_use]
    pub fn too_many_requests(message: impl Into<String>, retry_after_seconds: u32) -> Self {
        let details = Details {
            retry_after_seconds: Some(retry_after_seconds),
            ..Details::default()
        };
        Self::typed(429, "TooManyRequests", message, details)
    }

    /// 500: the server is at fault.
    #[must_use]
    pub fn internal(message: impl std::fmt::Display) -> Self {
        let cause = Cause {
            reason: String::new(),
            message: message.to_string(),
            field: String::new(),
        };
        let details = Details {
            causes: vec![cause],
            ..Details::default()
        };
        Self::typed(
            500,
            "InternalError",
            format!("Internal error occurred: {message}"),
            details,
        )
    }

    /// 504: the revision asked for has not been reached.
    #[must_use]
    pub fn too_large_resource_version(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        let cause = Cause {
            reason: "ResourceVersionTooLarge".to_owned(),
            message: "Too large resource version".to_owned(),
            field: String::new(),
        };
        let details = Details {
            causes: vec![cause],
            retry_after_seconds: Some(1),
            ..Details::default()
        };
        Self::typed(504, "Timeout", message, details)
    }

    /// Returns the error with `cause` added to its details.
    #[must_use]
    pub fn with_cause(mut self, reason: &str, message: &str, field: &str) -> Self {
        self.details.get_or_insert_default().causes.push(Cause {
            reason: reason.to_owned(),
            message: message.to_owned(),
            field: field.to_owned(),
        });
        self
    }

    /// Returns the `Status` object that is the body of the answer and of a watch's `ERROR` event.
    #[must_use]
    pub fn to_status(&self) -> Value {
        if let Some(status) = &self.verbatim {
            return Value::clone(status);
        }
        let mut metadata = Map::new();
        if let Some(token) = &self.continue_token {
            metadata.insert("continue".into(), json!(token));
        }
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": metadata,
            "status": "Failure", "message": self.message, "code": self.code,
        });
        if let Some(reason) = self.reason {
            status["reason"] = json!(reason);
        }
        if let Some(details) = &self.details {
            status["details"] = details.to_value();
        }
        status
    }
}

impl Details {
    fn to_value(&self) -> Value {
        let mut map = Map::new();
        let mut put = |key: &str, value: Value| drop(map.insert(key.to_owned(), value));
        if let Some(name) = &self.name {
            put("name", json!(name));
        }
        if !self.group.is_empty() {
            put("group", json!(self.group));
        }
        if !self.kind.is_empty() {
            put("kind", json!(self.kind));
        }
        if let Some(uid) = &self.uid {
            put("uid", json!(uid));
        }
        if !self.causes.is_empty() {
            put("causes", self.causes.iter().map(Cause::to_value).collect());
        }
        if let Some(seconds) = self.retry_after_seconds {
            put("retryAfterSeconds", json!(seconds));
        }
        Value::Object(map)
    }
}

impl Cause {
    fn to_value(&self) -> Value {
        let pairs = [
            ("reason", &self.reason),
            ("message", &self.message),
            ("field", &self.field),
        ];
        let present = pairs.into_iter().filter(|(_, text)| !text.is_empty());
        Value::Object(present.map(|(key, text)| (key.to_owned(), json!(text))).collect())
    }
}

/// One broken rule at one field: apimachinery's `field.Error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// `FieldValueRequired`, `FieldValueInvalid`, …
    pub reason: &'static str,
    /// Path such as `spec.ports[0].name`.
    pub field: String,
    /// Text after the path, for example `Required value: name is needed`.
    pub message: String,
}

impl FieldError {
    /// The field must be given.
    #[must_use]
    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        Self::new("FieldValueRequired", field, join("Required value", detail))
    }

    /// The value breaks a rule; strings are quoted, everything else is shown as JSON.
    #[must_use]
    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        Self::new(
            "FieldValueInvalid",
            field,
            join(&format!("Invalid value: {value}"), detail),
        )
    }

    /// The value has the wrong type; `detail` is the whole sentence.
    #[must_use]
    pub fn type_invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        Self::new(
            "FieldValueTypeInvalid",
            field,
            join(&format!("Invalid value: {value}"), detail),
        )
    }

    /// The value is none of those the field knows.
    #[must_use]
    pub fn not_supported(field: impl Into<String>, value: &Value, supported: &[&str]) -> Self {
        let list: Vec<String> = supported.iter().map(|one| format!("{one:?}")).collect();
        let message = format!(
            "Unsupported value: {value}: supported values: {}",
            list.join(", ")
        );
        Self::new("FieldValueNotSupported", field, message)
    }

    /// The field may not be set, or not like this.
    #[must_use]
    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self::new("FieldValueForbidden", field, join("Forbidden", detail))
    }

    /// The value occurs more than once in a set or map list.
    #[must_use]
    pub fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self::new("FieldValueDuplicate", field, format!("Duplicate value: {value}"))
    }

    /// The value is longer than `limit` bytes.
    #[must_use]
    pub fn too_long(field: impl Into<String>, limit: usize) -> Self {
        Self::new(
            "FieldValueTooLong",
            field,
            format!("Too long: may not be more than {limit} bytes"),
        )
    }

    /// The list has more than `limit` items.
    #[must_use]
    pub fn too_many(field: impl Into<String>, count: usize, limit: usize) -> Self {
        let noun = if limit == 1 { "item" } else { "items" };
        let message = format!("Too many: {count}: must have at most {limit} {noun}");
        Self::new("FieldValueTooMany", field, message)
    }

    /// An error with a text of its own.
    #[must_use]
    pub fn new(reason: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            reason,
            field: field.into(),
            message: message.into(),
        }
    }

    fn cause(&self) -> Cause {
        Cause {
            reason: self.reason.to_owned(),
            message: self.message.clone(),
            field: self.field.clone(),
        }
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

fn join(head: &str, detail: &str) -> String {
    if detail.is_empty() {
        head.to_owned()
    } else {
        format!("{head}: {detail}")
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPLOYMENTS: GroupResource<'_> = GroupResource {
        group: "apps",
        resource: "deployments",
    };
    const CONFIG_MAPS: GroupResource<'_> = GroupResource {
        group: "",
        resource: "configmaps",
    };

    #[test]
    fn a_missing_object_is_named_with_its_group() {
        assert_eq!(
            Error::not_found(DEPLOYMENTS, "d").to_status(),
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": "deployments.apps \"d\" not found", "reason": "NotFound",
                "details": {"name": "d", "group": "apps", "kind": "deployments"}, "code": 404,
            })
        );
    }

    #[test]
    fn the_core_group_is_left_out() {
        let status = Error::already_exists(CONFIG_MAPS, "a").to_status();
        assert_eq!(status["message"], "configmaps \"a\" already exists");
        assert_eq!(status["details"], json!({"name": "a", "kind": "configmaps"}));
    }

    #[test]
    fn several_mistakes_are_listed_in_brackets_and_as_causes() {
        let errors = [
            FieldError::required("metadata.name", "name or generateName is required"),
            FieldError::not_supported("spec.mode", &json!("C"), &["A", "B"]),
        ];
        let status = Error::invalid("x.io", "Foo", "", &errors).to_status();
        assert_eq!(
            status["message"],
            "Foo.x.io \"\" is invalid: [metadata.name: Required value: name or generateName is required, \
             spec.mode: Unsupported value: \"C\": supported values: \"A\", \"B\"]"
        );
        assert_eq!(status["details"]["causes"][1]["field"], "spec.mode");
    }
}
