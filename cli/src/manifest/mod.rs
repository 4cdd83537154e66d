//! The manifests an operator writes about itself, and their place under `config/`.
//!
//! The operator's own binary is asked ([`mod@build`]), because it holds the very types that run. Its files are planned as they
//! are ([`files`]), together with the lists that name them.

mod build;
mod files;
mod webhooks;

pub(crate) use build::{build, manifests_of};
pub(crate) use files::{name_prefix, plan_manifests};
