//! An error about one field, and a list of them.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::fmt;

use kube::core::Status;
use kube::core::response::{StatusCause, StatusDetails};
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// What kind of mistake it is; the API server's own list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FieldReason {
    /// Refers to what is not there.
    NotFound,
    /// Has to be given.
    Required,
    /// Is there twice.
    Duplicate,
    /// Breaks a rule.
    Invalid,
    /// Has the wrong type.
    TypeInvalid,
    /// Is none of those there are.
    NotSupported,
    /// May not be given or changed.
    Forbidden,
    /// Is too long a text.
    TooLong,
    /// Has too many items.
    TooMany,
    /// Could not be looked at.
    Internal,
}

/// A mistake in one field; [`field`](super::field) makes it.
///
/// It is an error of its own, so `?` and `Err(..)?` refuse an object for one field. For several, collect them in
/// [`FieldErrors`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    field: String,
    reason: FieldReason,
    message: String,
}

/// All mistakes of an object, so that its author learns of them at once.
///
/// ```
/// use krate::webhook::{FieldErrors, field};
///
/// let (size, name) = (2, "");
/// let mut errors = FieldErrors::new();
/// if size % 2 == 0 {
///     errors.push(field("spec.size").invalid(size, "must be odd"));
/// }
/// if name.is_empty() {
///     errors.push(field("spec.name").required(""));
/// }
/// assert_eq!(
///     errors.into_result().unwrap_err().to_string(),
///     "[spec.size: Invalid value: 2: must be odd, spec.name: Required value]",
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors {
    errors: Vec<FieldError>,
}

impl FieldReason {
    /// Returns the word of the API: what a cause has as its `reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "FieldValueNotFound",
            Self::Required => "FieldValueRequired",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Invalid => "FieldValueInvalid",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
            Self::Internal => "InternalError",
        }
    }

    /// Returns how a message starts.
    const fn text(self) -> &'static str {
        match self {
            Self::NotFound => "Not found",
            Self::Required => "Required value",
            Self::Duplicate => "Duplicate value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
            Self::Internal => "Internal error",
        }
    }
}

impl FieldError {
    pub(super) fn new(field: String, reason: FieldReason, value: Option<String>, detail: &str) -> Self {
        let mut message = reason.text().to_owned();
        let detail = Some(detail).filter(|detail| !detail.is_empty());
        for part in [value.as_deref(), detail].into_iter().flatten() {
            message.push_str(": ");
            message.push_str(part);
        }
        Self {
            field,
            reason,
            message,
        }
    }

    /// Returns the path of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns what kind of mistake it is.
    #[must_use]
    pub fn reason(&self) -> FieldReason {
        self.reason
    }

    /// Returns what is wrong, without the path.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl FieldErrors {
    /// Returns a list without errors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error.
    pub fn push(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// Returns whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns the errors in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.errors.iter()
    }

    /// Refuses the object if there are errors.
    ///
    /// # Errors
    ///
    /// With all of them.
    pub fn into_result(self) -> Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Error::of_kind(ErrorKind::Invalid, self))
        }
    }

    /// Returns the answer the API server gives for such mistakes: 422 with a cause for each.
    pub(crate) fn status(&self, group: &str, kind: &str, name: &str) -> Status {
        let dot = if group.is_empty() { "" } else { "." };
        let message = format!("{kind}{dot}{group} {} is invalid: {self}", quoted(name));
        let causes = self.errors.iter().map(|error| StatusCause {
            reason: error.reason.as_str().to_owned(),
            message: error.message.clone(),
            field: error.field.clone(),
        });
        Status::failure(&message, "Invalid")
            .with_code(422)
            .with_details(StatusDetails {
                name: name.to_owned(),
                group: group.to_owned(),
                kind: kind.to_owned(),
                uid: String::new(),
                causes: causes.collect(),
                retry_after_seconds: 0,
            })
    }
}

/// Returns a value as the API server shows it in a message: a text in quotes, the rest as JSON.
pub(super) fn shown(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => quoted(&text),
        Ok(value) => value.to_string(),
        Err(error) => format!("<cannot be shown: {error}>"),
    }
}

/// Quotes a text as Go does, since that is how every other message of the API server looks.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            char if char.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(char))),
            char if char.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => out.push(char),
        }
    }
    out.push('"');
    out
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// One error as it is, several in brackets; the same text is there once.
impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut seen = BTreeSet::new();
        let texts = self.errors.iter().map(ToString::to_string);
        let texts: Vec<String> = texts.filter(|text| seen.insert(text.clone())).collect();
        match texts.as_slice() {
            [text] => f.write_str(text),
            texts => write!(f, "[{}]", texts.join(", ")),
        }
    }
}

impl StdError for FieldError {}
impl StdError for FieldErrors {}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self { errors: vec![error] }
    }
}

impl Extend<FieldError> for FieldErrors {
    fn extend<I: IntoIterator<Item = FieldError>>(&mut self, errors: I) {
        self.errors.extend(errors);
    }
}

impl FromIterator<FieldError> for FieldErrors {
    fn from_iter<I: IntoIterator<Item = FieldError>>(errors: I) -> Self {
        Self {
            errors: errors.into_iter().collect(),
        }
    }
}

impl IntoIterator for FieldErrors {
    type Item = FieldError;
    type IntoIter = std::vec::IntoIter<FieldError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::field;
    use super::*;

    #[test]
    fn errors_read_as_those_of_the_api_server() {
        let check = |error: FieldError, reason: &str, text: &str| {
            assert_eq!(
                (error.reason().as_str(), error.to_string().as_str()),
                (reason, text)
            );
        };
        let a = field("spec.a");
        check(
            a.invalid(2, "must be odd"),
            "FieldValueInvalid",
            "spec.a: Invalid value: 2: must be odd",
        );
        check(
            a.invalid("x\"y\n", "no"),
            "FieldValueInvalid",
            "spec.a: Invalid value: \"x\\\"y\\n\": no",
        );
        check(
            a.invalid(json!({"b": [1]}), ""),
            "FieldValueInvalid",
            "spec.a: Invalid value: {\"b\":[1]}",
        );
        check(
            a.invalid(None::<i32>, "no"),
            "FieldValueInvalid",
            "spec.a: Invalid value: null: no",
        );
        check(
            a.type_invalid(true, "no"),
            "FieldValueTypeInvalid",
            "spec.a: Invalid value: true: no",
        );
        check(a.required(""), "FieldValueRequired", "spec.a: Required value");
        check(
            a.required("for b"),
            "FieldValueRequired",
            "spec.a: Required value: for b",
        );
        check(
            a.forbidden("may not change"),
            "FieldValueForbidden",
            "spec.a: Forbidden: may not change",
        );
        check(
            a.duplicate("x"),
            "FieldValueDuplicate",
            "spec.a: Duplicate value: \"x\"",
        );
        check(a.not_found("x"), "FieldValueNotFound", "spec.a: Not found: \"x\"");
        check(
            a.not_supported("C", ["A", "B"]),
            "FieldValueNotSupported",
            "spec.a: Unsupported value: \"C\": supported values: \"A\", \"B\"",
        );
        check(
            a.too_long(5),
            "FieldValueTooLong",
            "spec.a: Too long: may not be more than 5 bytes",
        );
        check(
            a.too_many(4, 3),
            "FieldValueTooMany",
            "spec.a: Too many: 4: must have at most 3 items",
        );
        check(
            a.too_many(2, 1),
            "FieldValueTooMany",
            "spec.a: Too many: 2: must have at most 1 item",
        );
        check(
            a.internal("no answer"),
            "InternalError",
            "spec.a: Internal error: no answer",
        );
    }

    #[test]
    fn paths_go_into_lists_and_maps() {
        let path = field("")
            .child("spec")
            .child("ports")
            .index(1)
            .child("labels")
            .key("a/b");
        assert_eq!(path.to_string(), "spec.ports[1].labels[a/b]");
    }

    #[test]
    fn several_errors_are_one_answer() {
        let twice = field("spec.b").required("");
        let errors: FieldErrors = [field("spec.a").invalid(1, "no"), twice.clone(), twice]
            .into_iter()
            .collect();
        let status = serde_json::to_value(errors.status("x.io", "Foo", "a")).unwrap();
        let expected = json!({
            "status": "Failure", "code": 422, "reason": "Invalid",
            "message": "Foo.x.io \"a\" is invalid: [spec.a: Invalid value: 1: no, spec.b: Required value]",
            "details": {
                "name": "a", "group": "x.io", "kind": "Foo",
                "causes": [
                    {"reason": "FieldValueInvalid", "message": "Invalid value: 1: no", "field": "spec.a"},
                    {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.b"},
                    {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.b"},
                ],
            },
        });
        for (key, value) in expected.as_object().unwrap() {
            if key == "details" {
                for (key, value) in value.as_object().unwrap() {
                    assert_eq!(&status["details"][key], value, "{key}");
                }
            } else {
                assert_eq!(&status[key], value, "{key}");
            }
        }
    }

    #[test]
    fn no_error_is_no_refusal() {
        assert!(FieldErrors::new().into_result().is_ok());
    }
}
