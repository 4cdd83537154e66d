//! What an identity may do: role-based access control, evaluated over a compiled snapshot.
//!
//! [`Rbac::compile`] turns the stored roles and bindings into an index by subject once per change of theirs;
//! [`Rbac::decide`] then looks at the bindings of the asking user and groups alone.
//! Pure: no store, no clock. [`Policy`] is the one place that holds the current snapshot.

mod attributes;
mod policy;
mod rbac;
mod rule;

pub use attributes::{Attributes, Target};
pub use policy::Policy;
pub use rbac::{Decision, Rbac, Rules, Snapshot};
pub use rule::Rule;
