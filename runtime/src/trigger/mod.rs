//! From changes to keys: which objects have to be reconciled because something happened.
//!
//! A trigger looks at a [`Change`](crate::cache::Change), asks its [`Predicate`] whether it matters, and maps the
//! object before and after the change to keys of the reconciled kind. Only keys leave this module: a reconciler
//! never sees what happened, it looks at what is.

mod mapper;
mod outside;
mod owner;
mod predicate;
mod source;
mod triggers;
mod watch;

pub use mapper::{ByCaches, ByObject, Mapper};
pub use outside::Request;
pub use predicate::{
    Predicate, annotations_changed, generation_changed, labels_changed, predicate, resource_version_changed,
};
pub use triggers::Triggers;
pub use watch::{Own, Watch};

pub(crate) use outside::{Asked, Outside};
pub(crate) use source::{Feed, Sink, Trigger};
