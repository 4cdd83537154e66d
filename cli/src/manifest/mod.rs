//! The manifests an operator prints about itself, and their files under `config/`.
//!
//! The operator's own binary is asked ([`build`]), because it holds the very types that run. Its YAML is taken apart
//! ([`document`]) and planned ([`files`]), never rewritten.

mod build;
mod document;
mod files;

pub(crate) use build::print_manifests;
pub(crate) use files::plan_manifests;
