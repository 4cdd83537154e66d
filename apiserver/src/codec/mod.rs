//! Bodies: from bytes to JSON values and back, with the real server's words for what cannot be read.
//!
//! [`decode`] reads JSON and YAML and says which fields were given twice; [`Accept`] decides what form an answer
//! has; what Go's clients send in `protobuf` becomes JSON first. Which fields a kind has is not decided here but in `schema`.

mod accept;
mod json;
mod ordered;
mod partial;
mod protobuf;
mod syntax;
mod write_yaml;
mod yaml;

pub use self::accept::{Accept, Encoding, Form};
pub use self::json::{decode_json, json_complaint};
pub use self::ordered::{object_json, owners_json};
pub use self::partial::{partial_list, partial_object};
pub use self::protobuf::{decode_protobuf, is_protobuf};
pub use self::write_yaml::encode_yaml;
pub use self::yaml::decode_yaml;

use crate::schema::decode::Decoded;

/// Reads a body of the given content type; an absent one, or any that is not YAML, is JSON.
///
/// # Errors
/// What is wrong, in the words of Go's decoders.
pub fn decode(content_type: &str, body: &[u8]) -> Result<Decoded, String> {
    if is_yaml(content_type) {
        decode_yaml(body)
    } else {
        decode_json(body)
    }
}

/// Returns whether a content type is JSON's; none at all is.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    matches!(kind, "" | "*/*" | "application/json")
}

/// Returns whether a content type is one of YAML's.
#[must_use]
pub fn is_yaml(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.ends_with("/yaml") || kind.ends_with("+yaml")
}
