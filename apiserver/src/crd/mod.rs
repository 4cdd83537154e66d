//! CustomResourceDefinitions: what is refused, when they are established, and the resources they give.
//!
//! Everything here is pure; a handler that writes a CRD follows up in the same request:
//!
//! 1. [`settle`] gives the state with the conditions a real server's controllers would set a moment later;
//!    it is stored as a second write.
//! 2. [`resources`] gives what to serve, for [`Registry::set_custom`](crate::registry::Registry::set_custom).
//! 3. Before the deletion of one, [`begin_deletion`] adds the finalizer that holds it while instances exist;
//!    once they are gone, [`end_deletion`] takes it away.

mod columns;
mod conversion;
mod defaulting;
mod formats;
mod names;
mod path;
mod rules;
mod schema;
mod served;
mod settle;
mod shown;
mod update;

pub(crate) use self::rules::HOOKS;
pub use self::served::resources;
pub use self::settle::{CLEANUP_FINALIZER, begin_deletion, end_deletion, is_established, settle};

#[cfg(test)]
mod tests;
