//! What is wrong with which field, in the words of the API server itself.
//!
//! Start with [`field`]: it names a field, and the path it returns makes the errors.

mod error;
mod path;

pub use error::{FieldError, FieldErrors, FieldReason};
pub use path::{FieldPath, field};
