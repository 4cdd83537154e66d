//! What `#[kube(...)]` may say.

#![expect(
    clippy::unreachable,
    reason = "darling's derives write it, behind a check of the field they read"
)]

use darling::FromMeta;
use darling::util::{Flag, Override};
use syn::{LitStr, Path};

use super::column::Column;
use super::scale::Scale;
use crate::rule::Rule;

/// What the attributes say, unchecked.
#[derive(Debug, Default, FromMeta)]
pub(crate) struct Attributes {
    pub(super) group: Option<LitStr>,
    pub(super) version: Option<LitStr>,
    pub(crate) kind: Option<LitStr>,
    pub(crate) root: Option<LitStr>,
    pub(super) doc: Option<LitStr>,
    pub(super) plural: Option<LitStr>,
    pub(super) singular: Option<LitStr>,
    #[darling(default)]
    pub(super) namespaced: bool,
    #[darling(default)]
    pub(super) no_spec: bool,
    pub(crate) status: Option<Path>,
    #[darling(multiple, rename = "shortname")]
    pub(super) shortnames: Vec<LitStr>,
    #[darling(multiple, rename = "category")]
    pub(super) categories: Vec<LitStr>,
    #[darling(multiple, rename = "printcolumn")]
    pub(super) columns: Vec<Column>,
    #[darling(multiple)]
    pub(super) selectable: Vec<LitStr>,
    pub(super) scale: Option<Scale>,
    #[darling(multiple, rename = "validation")]
    pub(super) validations: Vec<Rule>,
    #[darling(multiple, rename = "derive")]
    pub(super) derives: Vec<LitStr>,
    #[darling(multiple, rename = "attr")]
    pub(super) attributes: Vec<LitStr>,
    #[darling(multiple, rename = "annotation")]
    pub(super) annotations: Vec<Pair>,
    #[darling(multiple, rename = "label")]
    pub(super) labels: Vec<Pair>,
    /// True if it is left out.
    pub(super) storage: Option<bool>,
    /// True if it is left out.
    pub(super) served: Option<bool>,
    pub(super) skip: Flag,
    pub(super) deprecated: Option<Override<LitStr>>,
    #[darling(default)]
    pub(super) schema: SchemaMode,
    pub(super) cel: Flag,
    #[darling(rename = "crate")]
    pub(super) krate: Option<Path>,
    #[darling(default)]
    pub(super) crates: Crates,
}

/// Where the schema comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromMeta)]
pub(super) enum SchemaMode {
    /// From the types.
    #[default]
    Derived,
    /// From an implementation of `JsonSchema` for the root type, written by hand.
    Manual,
    /// From nowhere: the author adds it to the definition.
    Disabled,
}

/// Other names for the crates generated code uses, as kube spells them.
#[derive(Debug, Default, FromMeta)]
pub(super) struct Crates {
    pub(super) kube: Option<Path>,
    pub(super) kube_core: Option<Path>,
    pub(super) k8s_openapi: Option<Path>,
    pub(super) schemars: Option<Path>,
    pub(super) serde: Option<Path>,
    #[expect(
        dead_code,
        reason = "kube's grammar has it; generated code here needs no such crate"
    )]
    pub(super) serde_json: Option<Path>,
    pub(super) std: Option<Path>,
}

/// An annotation or a label: `("key", "value")`.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) key: LitStr,
    pub(super) value: LitStr,
}

impl FromMeta for Pair {
    fn from_list(items: &[darling::ast::NestedMeta]) -> darling::Result<Self> {
        use darling::ast::NestedMeta::Lit;
        match items {
            [Lit(syn::Lit::Str(key)), Lit(syn::Lit::Str(value))] => Ok(Self {
                key: key.clone(),
                value: value.clone(),
            }),
            _ => Err(darling::Error::custom(
                "expected a key and a value: (\"key\", \"value\")",
            )),
        }
    }
}
