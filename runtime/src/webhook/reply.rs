//! What a call is answered with: a review, or a refusal of what is none.

use serde_json::Value;

/// A review as an answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) review: Value,
    /// Whether a panic led to it.
    pub(super) panicked: bool,
}

impl Reply {
    pub(super) fn of(review: Value) -> Self {
        Self {
            review,
            panicked: false,
        }
    }

    pub(super) fn after_panic(self) -> Self {
        Self {
            panicked: true,
            ..self
        }
    }
}

/// A body that no review can answer, as it has no id to be repeated.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Unanswerable {
    message: String,
}

impl Unanswerable {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    /// Reads a body as JSON that should be a review.
    pub(super) fn parse(body: &[u8], kind: &str) -> Result<Value, Self> {
        if body.is_empty() {
            return Err(Self::new(format!("the body is empty: POST an {kind} as JSON")));
        }
        let review: Value = serde_json::from_slice(body)
            .map_err(|error| Self::new(format!("the body is no JSON: {error}")))?;
        if review["request"].is_object() {
            Ok(review)
        } else {
            Err(Self::new(format!("the body is no {kind}: it has no `request`")))
        }
    }

    /// Returns the `apiVersion` of a review, which is one of the right kind and group.
    pub(super) fn api_version(review: &Value, group: &str, kind: &str) -> Result<String, Self> {
        let text = |key: &str| review[key].as_str().unwrap_or_default();
        let (api_version, found) = (text("apiVersion"), text("kind"));
        if found == kind
            && api_version
                .split_once('/')
                .is_some_and(|(found, _)| found == group)
        {
            return Ok(api_version.to_owned());
        }
        Err(Self::new(format!(
            "expected {kind} of `{group}/v1`, got `{found}` of `{api_version}`"
        )))
    }
}
