//! The runtime of krate, the Kubernetes operator framework: watch, cache, queue, reconcile, apply.

pub mod action;
pub mod cache;
pub mod certificate;
pub mod client;
pub mod context;
pub mod controller;
pub mod crd;
pub mod debug;
pub mod election;
pub mod environment;
pub mod error;
pub mod health;
pub mod kind;
pub mod manifest;
pub mod metrics;
pub mod operator;
pub mod permission;
pub mod prelude;
pub mod program;
mod query;
pub mod queue;
pub mod reconcile;
pub mod serve;
pub mod trigger;
pub mod webhook;
pub mod write;

pub use action::Action;
pub use context::Context;
pub use crd::CustomResource;
pub use environment::Environment;
pub use error::{Error, ErrorKind, Result};
pub use kind::Kind;
pub use operator::Operator;
pub use program::main;
pub use reconcile::{Object, Reconcile, Reconciler};

#[doc(hidden)]
pub mod __private;

pub use k8s_openapi;
pub use krate_macros::{CustomResource, KubeSchema, Reconciler};
pub use kube;
pub use kube_derive::Resource;
