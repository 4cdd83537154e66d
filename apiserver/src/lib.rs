//! A Kubernetes API server in one process, for development and tests.
//!
//! It answers as a real kube-apiserver does: the same verbs, errors, watch events, field ownership and
//! discovery documents, checked against recorded exchanges with a real one.
//! It is *not* for production: it keeps everything in memory and schedules no containers.
//!
//! Start reading at [`Server`], then follow a request: `request` (what is asked) → `authn`, `authz` (who asks,
//! may they) → `registry` (which kind) → `handler` (the verb) → `store` (the one revision).
//! `schema`, `patch` and `fields` are pure: values in, values out.

mod admission;
pub mod authn;
pub mod authz;
mod bootstrap;
pub mod cel;
#[cfg(feature = "client")]
mod client;
pub mod codec;
mod controllers;
mod core;
pub mod crd;
pub mod discovery;
pub mod document;
pub mod environment;
pub mod fields;
mod handler;
pub mod kubeconfig;
pub mod listen;
pub mod local;
pub mod object;
pub mod openapi;
pub mod patch;
pub mod registry;
pub mod request;
pub mod review;
pub mod schema;
pub mod selector;
mod serve;
mod server;
pub mod status;
pub mod store;
pub mod table;
pub mod tls;
pub mod token;
mod webhook;

pub use serve::{ApiService, Body, Entry, RequestLog};
pub use server::{Builder, Controllers, Server};
