//! What an object becomes under a patch: [`json`] (RFC 6902), [`merge`] (RFC 7386) and [`strategic`].
//!
//! Pure: decoded values in, a value or an error out. Decoding the body, ownership, defaults and validation are
//! the caller's business; server-side apply is in [`fields`](crate::fields).

pub mod json;
pub mod merge;
mod printed;
mod restore;
pub mod strategic;

pub use printed::printed;
