//! The manifests an operator writes about itself, and their place under `config/`.
//!
//! The operator's own binary is asked ([`mod@build`]), because it holds the very types that run. Its files are planned as they
//! are ([`files`]), together with the lists that name them, the bindings of roles in other [`namespaces`] and, for webhooks,
//! the [`prefix`] the operator is told.

mod build;
mod files;
mod namespaces;
mod prefix;
mod webhooks;

pub(crate) use build::{Change, build, changes_of, manifests_of};
pub(crate) use files::{generated_crds, plan_manifests};
pub(crate) use prefix::{MANAGER, name_prefix, plan_prefix};
