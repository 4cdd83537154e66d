//! The token that carries a list from one page to the next.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::status::{Error, Result};

/// Where the next page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Continuation {
    /// Revision of the first page; `None` goes on with whatever is there now.
    pub(super) revision: Option<u64>,
    /// First key wanted, without the prefix of the range.
    pub(super) start: String,
}

impl Continuation {
    /// Returns the token clients send back.
    pub(super) fn encode(&self) -> String {
        let revision = self
            .revision
            .map_or_else(|| "-1".to_owned(), |revision| revision.to_string());
        // Quoted as Go quotes it: the key ends in a NUL.
        let start = json!(self.start).to_string();
        URL_SAFE_NO_PAD.encode(format!(
            "{{\"v\":\"meta.k8s.io/v1\",\"rv\":{revision},\"start\":{start}}}"
        ))
    }

    /// Reads a token.
    pub(super) fn decode(token: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::bad_request(format!(
                "invalid continue token: continue key is not valid: {why}"
            ))
        };
        let trimmed = token.trim_end_matches('=');
        let bytes = URL_SAFE_NO_PAD.decode(trimmed).map_err(|error| {
            let at = match error {
                base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                _ => trimmed.len(),
            };
            wrong(&format!("illegal base64 data at input byte {at}"))
        })?;
        let value = crate::codec::decode_json(&bytes)
            .map_err(|why| wrong(&why))?
            .value;
        let version = value["v"].as_str().unwrap_or_default();
        if version != "meta.k8s.io/v1" {
            return Err(wrong(&format!(
                "server does not recognize this encoded version {version:?}"
            )));
        }
        let start = value["start"].as_str().unwrap_or_default();
        if start.is_empty() {
            return Err(wrong("encoded start key empty (version meta.k8s.io/v1)"));
        }
        let revision = value
            .get("rv")
            .and_then(Value::as_i64)
            .filter(|revision| *revision != 0);
        let revision = revision
            .ok_or_else(|| wrong("incorrect encoded start resourceVersion (version meta.k8s.io/v1)"))?;
        Ok(Self {
            revision: u64::try_from(revision).ok(),
            start: start.strip_prefix('/').unwrap_or(start).to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_that_of_the_real_server() {
        let token = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzAxLCJzdGFydCI6ImMxXHUwMDAwIn0";
        let continuation = Continuation {
            revision: Some(301),
            start: "c1\0".to_owned(),
        };
        assert_eq!(continuation.encode(), token);
        assert_eq!(Continuation::decode(token).unwrap(), continuation);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let message = Continuation::decode("abc").unwrap_err().message;
        assert!(
            message.starts_with("invalid continue token: continue key is not valid: "),
            "{message}"
        );
    }
}
