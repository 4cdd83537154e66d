//! `scale`: typed, or kube's older JSON in a string.

#![expect(
    clippy::unreachable,
    reason = "darling's derives write it, behind a check of the field they read"
)]

use darling::FromMeta;
use darling::ast::NestedMeta;
use syn::{Lit, LitStr};

use super::column::{JsonObject, placed};

/// Where the scale subresource finds its numbers.
#[derive(Debug)]
pub(super) struct Scale {
    pub(super) spec_replicas_path: LitStr,
    pub(super) status_replicas_path: LitStr,
    pub(super) label_selector_path: Option<LitStr>,
}

#[derive(FromMeta)]
struct Typed {
    spec_replicas_path: LitStr,
    status_replicas_path: LitStr,
    label_selector_path: Option<LitStr>,
}

impl FromMeta for Scale {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        let typed = Typed::from_list(items).map_err(|error| placed(error, items))?;
        Ok(Self {
            spec_replicas_path: typed.spec_replicas_path,
            status_replicas_path: typed.status_replicas_path,
            label_selector_path: typed.label_selector_path,
        })
    }

    fn from_value(value: &Lit) -> darling::Result<Self> {
        const KEYS: [&str; 3] = ["specReplicasPath", "statusReplicasPath", "labelSelectorPath"];
        let object = JsonObject::parse(value, &KEYS)?;
        Ok(Self {
            spec_replicas_path: object.text("specReplicasPath")?,
            status_replicas_path: object.text("statusReplicasPath")?,
            label_selector_path: object.optional("labelSelectorPath")?,
        })
    }
}
