//! Who owns which field: server-side apply and `metadata.managedFields`.
//!
//! Pure: JSON values and schemas in, values or [`Error`](crate::status::Error)s out. The clock is a string the
//! caller passes, storage and defaulting are the caller's business.
//!
//! Start at [`update`] (every write that is not an apply) and [`apply`]. Both read the owners of the stored
//! object ([`owner`]), compute sets of fields ([`set`], [`element`]) by walking values along their schema
//! ([`shape`], then one file per walk), and write the owners back.
//!
//! Objects of another served version are taken to look the same: an owner keeps its `apiVersion`, its fields are
//! compared as if they were of this one.

mod apply;
mod collect;
mod compare;
mod complete;
mod conflict;
mod element;
mod item;
mod last_applied;
mod merge;
mod meta;
mod number;
mod owner;
mod prune;
mod reconcile;
mod remove;
mod scale;
mod set;
mod shape;
mod timestamp;
mod update;
mod validate;
mod writer;

pub use apply::apply;
pub use element::{Element, Path};
pub use scale::{scale_kind, scale_to_parent, scale_to_subresource};
pub use set::Set;
pub use timestamp::keep_timestamps;
pub use update::update;
pub use writer::Writer;
