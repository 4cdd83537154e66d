//! The version of an API.

use crate::error::{Error, Result};

/// An API version as Kubernetes orders them: `v1`, `v1beta2`, `v2alpha1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version(String);

impl Version {
    pub(crate) fn parse(text: &str) -> Result<Version> {
        if text.len() <= super::LABEL_MAX && is_version(text) {
            return Ok(Version(text.to_owned()));
        }
        Err(Error::usage(format!("`{text}` is not an API version"))
            .help("write `v1`, `v1beta1` or `v1alpha1`: a `v`, a number, and perhaps `alpha` or `beta` with a number"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v').and_then(after_number) else {
        return false;
    };
    let stage = rest.strip_prefix("alpha").or_else(|| rest.strip_prefix("beta"));
    rest.is_empty() || stage.and_then(after_number) == Some("")
}

/// Returns what follows a number without leading zeros.
fn after_number(text: &str) -> Option<&str> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (!digits.is_empty() && !digits.starts_with('0')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_the_pattern_of_kubernetes() {
        for good in ["v1", "v12", "v1alpha1", "v1beta10", "v2beta2"] {
            assert!(Version::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "1",
            "v",
            "v0",
            "v01",
            "V1",
            "v1alpha",
            "v1gamma1",
            "v1alpha0",
            "v1.0",
            "v1alpha1x",
            "v1-alpha1",
        ] {
            assert!(Version::parse(bad).is_err(), "{bad}");
        }
    }
}
