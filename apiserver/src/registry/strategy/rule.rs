//! Collecting mistakes field by field.

use serde_json::{Value, json};

use crate::status::FieldError;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Rules {
    errors: Vec<FieldError>,
}

impl Rules {
    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    pub(crate) fn push(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    pub(crate) fn extend(&mut self, errors: impl IntoIterator<Item = FieldError>) {
        self.errors.extend(errors);
    }

    pub(crate) fn required(&mut self, field: impl Into<String>, detail: &str) {
        self.push(FieldError::required(field, detail));
    }

    pub(crate) fn invalid(&mut self, field: impl Into<String>, value: &Value, detail: &str) {
        self.push(FieldError::invalid(field, value, detail));
    }

    pub(crate) fn forbidden(&mut self, field: impl Into<String>, detail: &str) {
        self.push(FieldError::forbidden(field, detail));
    }

    pub(crate) fn duplicate(&mut self, field: impl Into<String>, value: &Value) {
        self.push(FieldError::duplicate(field, value));
    }

    /// The string at `pointer` must be given.
    pub(crate) fn require_text(&mut self, value: &Value, pointer: &str) {
        if value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .is_empty()
        {
            self.required(dotted(pointer), "");
        }
    }

    /// The string must be one of these, if `required` also given.
    pub(crate) fn one_of(&mut self, field: impl Into<String>, text: &str, known: &[&str]) {
        if !known.contains(&text) {
            self.push(FieldError::not_supported(field, &json!(text), known));
        }
    }

    /// The number at `pointer` must not be negative, if given.
    pub(crate) fn not_negative(&mut self, value: &Value, pointer: &str) {
        if let Some(number) = value
            .pointer(pointer)
            .and_then(Value::as_i64)
            .filter(|number| *number < 0)
        {
            self.invalid(
                dotted(pointer),
                &json!(number),
                "must be greater than or equal to 0",
            );
        }
    }

    /// The field must be what it was.
    pub(crate) fn immutable(&mut self, new: &Value, old: &Value, pointer: &str) {
        let (new, old) = (
            new.pointer(pointer).unwrap_or(&Value::Null),
            old.pointer(pointer).unwrap_or(&Value::Null),
        );
        if new != old {
            self.invalid(dotted(pointer), new, "field is immutable");
        }
    }

    /// Each text is a reason why `value` is wrong.
    pub(crate) fn reasons(&mut self, field: &str, value: &str, reasons: impl IntoIterator<Item = String>) {
        for reason in reasons {
            self.invalid(field, &json!(value), &reason);
        }
    }
}

/// `/spec/replicas` as `spec.replicas`; a number is an index.
pub(crate) fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').filter(|part| !part.is_empty()) {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{part}]"));
            continue;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(part);
    }
    path
}
