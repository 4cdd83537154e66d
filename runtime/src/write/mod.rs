//! Everything an operator writes, and how: server-side apply for children, minimal patches for status, finalizers
//! with a version test, events in the background. Nothing is sent that would change nothing.
//!
//! Reconcilers come here through [`Context`](crate::Context). What decides is pure (`desired`, `memory`, `status`,
//! the series of `event`); requests leave through the context's run, which tells the cache of each.

mod apply;
mod children;
mod contest;
mod desired;
mod direct;
mod event;
mod finalizer;
mod memory;
mod owned;
mod owner;
mod status;

pub use crate::condition::{Condition, ConditionStatus, Conditions};
pub use children::{Children, Dynamic, OwnsAll};
pub use contest::{ContestedField, ContestedFields};
pub use event::Event;
pub use owned::OwnedKinds;
pub use owner::{BelongsToNobody, ControlledByAnother, controller_of, owner_reference};

/// How the types of children tell themselves apart; never named by hand.
pub use children::{AnyKind, Many, Maybe, One};

pub(crate) use apply::{Manner, Wanted, apply, apply_owned};
pub(crate) use children::apply_children;
pub(crate) use direct::{create, delete, patch};
pub(crate) use event::Recorder;
pub(crate) use finalizer::reconcile;
pub(crate) use memory::Memory;
pub(crate) use status::{update as update_status, update_value as update_status_value};

#[cfg(test)]
mod tests;
