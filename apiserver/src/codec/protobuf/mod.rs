//! Bodies in protobuf, which Go's typed clients and `kubectl create` send for built-in kinds; answers are JSON.
//!
//! A body is the four bytes `k8s\0` and an envelope that says the kind ([`envelope`]). What it holds is read by the
//! definition of the kind ([`message`]), with the numbers of its fields ([`numbers`]) and a few types that JSON writes in
//! a form of their own ([`special`]). [`wire`] knows bytes only.
//!
//! The format: <https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>.

mod envelope;
mod message;
mod numbers;
mod place;
mod special;
#[cfg(test)]
mod tests;
mod wire;

pub use envelope::decode_protobuf;

/// Returns whether a content type is protobuf's.
#[must_use]
pub fn is_protobuf(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind == "application/vnd.kubernetes.protobuf"
}
