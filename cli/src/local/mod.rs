//! A user's operator on a cluster of its own: what `cluster`, `dev` and `quickstart` are made of.
//!
//! The cluster is the embedded API server in this process; the operator is a process of its own, with the
//! ServiceAccount it would have anywhere else. Nothing here needs kubectl.

mod api;
mod cluster;
mod install;
pub(crate) mod manifest;
mod process;

pub(crate) use api::{Api, Unmet};
pub(crate) use cluster::Cluster;
pub(crate) use install::{crds, namespace, rbac, samples};
pub(crate) use process::Operator;
