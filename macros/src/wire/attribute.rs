//! The attributes of serde, schemars and this crate that decide what a type is on the wire.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

/// What is written behind the keys of some attributes.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    metas: Vec<(String, Meta)>,
}

/// Keys of schemars that leave the kind of a value as it is.
const HARMLESS: [&str; 17] = [
    "range",
    "length",
    "regex",
    "pattern",
    "title",
    "description",
    "example",
    "default",
    "rename",
    "rename_all",
    "rename_all_fields",
    "skip_serializing_if",
    "deprecated",
    "crate",
    "bound",
    "deny_unknown_fields",
    "required",
];

impl Attributes {
    /// Reads the attributes of a type, a field or a variant; what does not parse is somebody else's to report.
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        let mut metas = Vec::new();
        for attribute in attributes {
            let Some(owner) = attribute.path().get_ident().map(ToString::to_string) else {
                continue;
            };
            if !["serde", "schemars", "x_kube"].contains(&owner.as_str()) {
                continue;
            }
            let inner = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            metas.extend(inner.into_iter().flatten().map(|meta| (owner.clone(), meta)));
        }
        Self { metas }
    }

    fn find(&self, owners: &[&str], key: &str) -> Option<&Meta> {
        self.metas
            .iter()
            .find(|(owner, meta)| owners.contains(&owner.as_str()) && is(meta, key))
            .map(|(_, meta)| meta)
    }

    /// Whether serde or schemars is told something.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.find(&["serde", "schemars"], key).is_some()
    }

    /// What serde is told by a key.
    pub(crate) fn serde(&self, key: &str) -> Option<&Meta> {
        self.find(&["serde"], key)
    }

    /// The text behind a key of serde or schemars.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        match self.find(&["schemars", "serde"], key)? {
            Meta::NameValue(it) => literal(&it.value),
            // What is read counts, as it does for the schema.
            Meta::List(list) => {
                let sides = list
                    .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                    .ok()?;
                let read = sides.iter().find(|side| is(side, "deserialize"))?;
                literal(&read.require_name_value().ok()?.value)
            }
            Meta::Path(_) => None,
        }
    }

    /// Whether this crate's own attribute has a key.
    pub(crate) fn own(&self, key: &str) -> bool {
        self.find(&["x_kube"], key).is_some()
    }

    /// The text behind a key of this crate's own attribute.
    pub(crate) fn own_text(&self, key: &str) -> Option<String> {
        match self.find(&["x_kube"], key)? {
            Meta::NameValue(it) => literal(&it.value),
            _ => None,
        }
    }

    /// Whether the value is not what its type says.
    pub(crate) fn is_opaque(&self) -> bool {
        let opaque = ["with", "serialize_with", "deserialize_with", "getter"];
        opaque.iter().any(|key| self.has(key))
            || self.metas.iter().any(|(owner, meta)| {
                let known = HARMLESS.iter().any(|key| is(meta, key));
                let flags = [
                    "skip",
                    "skip_deserializing",
                    "skip_serializing",
                    "flatten",
                    "alias",
                ];
                owner == "schemars" && !known && !flags.iter().any(|key| is(meta, key))
            })
    }

    /// Whether nothing is read into the field.
    pub(crate) fn is_skipped(&self) -> bool {
        self.has("skip") || self.has("skip_deserializing")
    }
}

fn is(meta: &Meta, key: &str) -> bool {
    meta.path().get_ident().is_some_and(|ident| ident.unraw() == key)
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => Some(text.value()),
        _ => None,
    }
}
