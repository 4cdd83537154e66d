//! An operator for Memcached: for each `Memcached` a Deployment of that many pods and a headless Service, with the
//! state of the cluster in the status.
//!
//! Read `api` (what users write), then `children` (what it becomes), then `reconciler` (how it is kept so).

pub mod api;
mod children;
mod reconciler;

pub use api::{Memcached, MemcachedSpec, MemcachedStatus};
pub use reconciler::MemcachedReconciler;

use krate::Operator;

/// Returns the operator, as `main` runs it and tests do.
#[must_use]
pub fn operator() -> Operator {
    Operator::new().controller(MemcachedReconciler)
}
