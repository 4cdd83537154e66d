//! The versions reviews are sent in.

use serde_json::Value;

/// A version of a review that both sides know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V1Beta1,
}

impl Version {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1Beta1 => "v1beta1",
        }
    }
}

/// Returns the first version of a list of review versions that the server knows; validation lets no list pass
/// that has none.
pub(crate) fn review_version(versions: &Value) -> Version {
    let known = versions
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let mut known = known.filter_map(|version| match version {
        "v1" => Some(Version::V1),
        "v1beta1" => Some(Version::V1Beta1),
        _ => None,
    });
    known.next().unwrap_or(Version::V1)
}
