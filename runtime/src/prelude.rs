//! What almost every operator uses: `use krate::prelude::*;`.

pub use std::sync::Arc;

pub use crate::action::Action;
pub use crate::context::Context;
pub use crate::error::{Error, Result};
pub use crate::reconcile::{Reconcile, Reconciler};
pub use krate_macros::Reconciler;
