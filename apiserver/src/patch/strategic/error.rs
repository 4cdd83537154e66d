//! Why a strategic merge patch cannot be carried out.

use serde_json::{Map, Value, json};

use crate::patch::printed::printed;
use crate::status::Error;

/// A mistake in a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// A directive is malformed: the client's mistake, 400.
    Malformed(String),
    /// A list of lists is to be merged: 422 without a message of its own.
    ListOfLists,
    /// Everything else: 500, as the real server answers.
    Failed(String),
}

impl Problem {
    pub(super) fn no_merge_key(item: &Map<String, Value>, key: &str) -> Self {
        let item = printed(&json!(item));
        Self::Failed(format!("map: {item} does not contain declared merge key: {key}"))
    }

    pub(super) fn unknown_directive(directive: &Value, patch: &Map<String, Value>) -> Self {
        let (directive, patch) = (printed(directive), printed(&json!(patch)));
        Self::Failed(format!("unknown patch type: {directive} in map: {patch}"))
    }

    /// A value has not the type a strategy needs.
    pub(super) fn wrong_type(expected: &str, actual: &Value) -> Self {
        Self::Failed(format!(
            "expected a {expected}, but received a {}",
            go_type(actual)
        ))
    }

    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Malformed(message) => Error::bad_request(message),
            Self::ListOfLists => Error::rejected_patch(),
            Self::Failed(message) => Error::untyped(500, message),
        }
    }
}

pub(super) const MAP: &str = "map[string]interface {}";
pub(super) const SLICE: &str = "[]interface {}";

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "%!s(<nil>)",
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::Array(_) => SLICE,
        Value::Object(_) => MAP,
    }
}
