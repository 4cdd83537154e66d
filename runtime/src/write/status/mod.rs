//! Status: only what changed is sent, against the version it was computed from.
//!
//! [`change`] turns two states into a merge patch, [`stamp`] fills in times and generations, [`rebase`] carries an
//! edit over to a newer state after a conflict. All three are pure; the request is in [`send`].

mod change;
mod rebase;
mod send;
mod stamp;

pub(super) use change::merge_patch;
pub(crate) use send::{update, update_value};
