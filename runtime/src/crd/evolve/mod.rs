//! What a new definition of a kind breaks for those who use the old one.
//!
//! [`evolve`] compares two definitions and returns every difference that matters to somebody, with whom it hurts:
//! stored objects, clients, or only objects that are made anew. Differences it has no rule for count as breaking:
//! silence would be a promise. It compares definitions, not data: what is stored, it does not know.
//!
//! Read in order: `change` (what is told), `definition` (names, versions, subresources), `schema` (fields),
//! `keyword` (one rule per keyword of a schema).

mod change;
mod definition;
mod keyword;
mod schema;

#[cfg(test)]
mod tests;

pub use change::{Change, Impact};
pub use definition::evolve;

pub(super) use schema::{keeps_unknown, kind_of};
