//! A finished answer about the server itself: discovery and OpenAPI documents.

use bytes::Bytes;
use ring::digest::{SHA512, digest};
use serde_json::Value;

/// What to answer: code, headers and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// HTTP status code.
    pub code: u16,
    /// Headers beyond those every answer has; these win over them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Document {
    /// Returns a JSON answer.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::new("application/json", value.to_string())
    }

    /// Returns an answer of this content type.
    #[must_use]
    pub fn new(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            code: 200,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        }
    }

    /// Returns the answer with a header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the answer as the client needs it that has the one tagged `known`: without body if that is this one.
    #[must_use]
    pub fn unless_known(mut self, tag: &str, known: Option<&str>) -> Self {
        let quoted = format!("\"{tag}\"");
        if known.is_some_and(|known| known.split(',').any(|one| one.trim() == quoted)) {
            self.code = 304;
            self.body = Bytes::new();
        }
        self.with("etag", quoted)
    }
}

/// Returns the fingerprint documents are told apart by.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    digest(&SHA512, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect()
}
