//! The runtime of krate, the Kubernetes operator framework: watch, cache, queue, reconcile, apply.
//!
//! # Types alone
//!
//! A crate that only holds API types, for clients or for several operators, turns the default features off:
//!
//! ```toml
//! krate = { package = "krate-runtime", version = "0.1", default-features = false }
//! ```
//!
//! What is left are the derives `CustomResource` and `KubeSchema`, [`crd`], [`condition`], [`Error`]
//! and the traits that convert versions: neither a client nor an async runtime nor TLS is built.
//! Everything else is the feature `runtime`.
//!
//! # Without kubeconfigs
//!
//! An operator in a pod needs no kubeconfig: the feature `kubeconfig`, a third of a small program, is for a developer's
//! machine. A scaffolded project turns it off where its image is built.

pub mod condition;
pub mod crd;
pub mod error;
pub mod object;
pub mod prelude;
pub mod webhook;

#[cfg(feature = "runtime")]
pub mod action;
#[cfg(feature = "runtime")]
pub mod cache;
#[cfg(feature = "runtime")]
pub mod certificate;
#[cfg(feature = "runtime")]
pub mod client;
#[cfg(feature = "runtime")]
pub mod context;
#[cfg(feature = "runtime")]
pub mod controller;
#[cfg(feature = "runtime")]
pub mod debug;
#[cfg(feature = "runtime")]
pub mod election;
#[cfg(feature = "runtime")]
pub mod environment;
#[cfg(feature = "runtime")]
pub mod health;
#[cfg(feature = "runtime")]
pub mod kind;
#[cfg(feature = "runtime")]
pub mod manifest;
#[cfg(feature = "runtime")]
pub mod metrics;
#[cfg(feature = "runtime")]
pub mod operator;
#[cfg(feature = "runtime")]
pub mod permission;
#[cfg(feature = "runtime")]
pub mod program;
#[cfg(feature = "runtime")]
mod query;
#[cfg(feature = "runtime")]
pub mod queue;
#[cfg(feature = "runtime")]
pub mod reconcile;
#[cfg(feature = "runtime")]
pub mod serve;
#[cfg(feature = "runtime")]
pub mod trigger;
#[cfg(feature = "runtime")]
pub mod write;

pub use crd::CustomResource;
pub use error::{Error, ErrorKind, Result};
pub use object::Object;

#[cfg(feature = "runtime")]
pub use action::Action;
#[cfg(feature = "runtime")]
pub use context::Context;
#[cfg(feature = "runtime")]
pub use environment::Environment;
#[cfg(feature = "runtime")]
pub use kind::Kind;
#[cfg(feature = "runtime")]
pub use operator::Operator;
#[cfg(feature = "runtime")]
pub use program::main;
#[cfg(feature = "runtime")]
pub use reconcile::{Reconcile, Reconciler};

#[doc(hidden)]
pub mod __private;

pub use k8s_openapi;
#[cfg(feature = "runtime")]
pub use krate_macros::Reconciler;
pub use krate_macros::{CustomResource, KubeSchema};
pub use kube;
pub use kube_derive::Resource;
