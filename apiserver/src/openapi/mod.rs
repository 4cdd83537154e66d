//! What the server can do, as OpenAPI v3: an index, and a document for each group and version.
//!
//! kubectl checks fields with it before it sends, explains kinds, and merges lists by the keys it names; other clients
//! generate code. Pure: kinds in, documents out. OpenAPI v2 is *not* made: no client that knows v3 needs it.
//!
//! Reading order: [`answer`] (which documents there are) → `document` (one of them) → `path` and `verb` (what can be
//! asked of a resource) → `component` (the schemas it is said in).

mod component;
mod custom;
mod descriptions;
mod document;
mod index;
mod name;
mod operation;
mod parameter;
mod path;
mod verb;

pub use self::descriptions::description;
pub use self::index::{Query, answer};

#[cfg(test)]
mod tests;
