//! Reading `#[kube(...)]` item by item, so that one mistake does not hide the next.

use std::collections::BTreeSet;

use darling::FromMeta;
use darling::ast::NestedMeta;
use syn::ext::IdentExt;
use syn::{DeriveInput, Meta};

use super::attributes::Attributes;
use crate::suggest;

/// Every key, in the order of the documentation, and whether it may be given more than once.
const KEYS: [(&str, bool); 28] = [
    ("group", false),
    ("version", false),
    ("kind", false),
    ("root", false),
    ("doc", false),
    ("plural", false),
    ("singular", false),
    ("shortname", true),
    ("category", true),
    ("namespaced", false),
    ("status", false),
    ("printcolumn", true),
    ("selectable", true),
    ("scale", false),
    ("validation", true),
    ("derive", true),
    ("attr", true),
    ("annotation", true),
    ("label", true),
    ("storage", false),
    ("served", false),
    ("deprecated", false),
    ("skip", false),
    ("schema", false),
    ("no_spec", false),
    ("crate", false),
    ("crates", false),
    ("cel", false),
];

impl Attributes {
    /// Reads the attributes of a spec, as far as they are right, and everything that is not.
    pub(crate) fn read(input: &DeriveInput) -> (Self, Vec<darling::Error>) {
        let mut errors = Vec::new();
        let mut kept = Vec::new();
        let mut seen = BTreeSet::new();
        for item in items(input, &mut errors) {
            match check(&item, &mut seen) {
                Ok(()) => kept.push(item),
                Err(error) => errors.extend(error.flatten()),
            }
        }
        match Self::from_list(&kept) {
            Ok(attributes) => (attributes, errors),
            Err(error) => {
                errors.extend(error.flatten());
                (Self::default(), errors)
            }
        }
    }
}

fn items(input: &DeriveInput, errors: &mut Vec<darling::Error>) -> Vec<NestedMeta> {
    let ours = input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("kube"));
    let mut items = Vec::new();
    for attribute in ours {
        let list = attribute.meta.require_list().map_err(darling::Error::from);
        let read = list
            .and_then(|list| NestedMeta::parse_meta_list(list.tokens.clone()).map_err(darling::Error::from));
        match read {
            Ok(read) => items.extend(read),
            Err(error) => errors.push(error),
        }
    }
    items
}

/// Checks one item by itself.
fn check(item: &NestedMeta, seen: &mut BTreeSet<&'static str>) -> darling::Result<()> {
    let NestedMeta::Meta(meta) = item else {
        return Err(darling::Error::custom("write `key = \"value\"`").with_span(item));
    };
    let name = name(meta);
    let known = &KEYS;
    let Some((key, repeatable)) = known.iter().find(|(key, _)| *key == name) else {
        let message = format!("unknown key `{name}`: {}", hint(&name));
        return Err(darling::Error::custom(message).with_span(meta.path()));
    };
    if !seen.insert(key) && !repeatable {
        let message = format!("`{key}` is given twice: remove one");
        return Err(darling::Error::custom(message).with_span(meta.path()));
    }
    Attributes::from_list(std::slice::from_ref(item)).map(|_| ())
}

fn name(meta: &Meta) -> String {
    let ident = meta.path().get_ident();
    ident.map(|ident| ident.unraw().to_string()).unwrap_or_default()
}

/// What to write in place of a key that is none; controller-gen's words are met with those of kube.
fn hint(name: &str) -> String {
    let said = match name {
        "path" | "resource" => "write `plural = \"..\"`",
        "scope" => "write `namespaced`, or nothing for objects of the whole cluster",
        "shortnames" | "short_name" => "write `shortname = \"..\"`, as often as needed",
        "categories" => "write `category = \"..\"`, as often as needed",
        "storageversion" | "storage_version" => "a version is stored unless it says `storage = false`",
        "unservedversion" | "unserved_version" | "unserved" => "write `served = false`",
        "deprecatedversion" | "deprecated_version" | "warning" => "write `deprecated = \"use v2\"`",
        "skipversion" | "skip_version" => "write `skip`",
        "selectablefield" | "selectable_field" => "write `selectable = \".spec.field\"`",
        "print_column" | "column" => "write `printcolumn(name = \"..\", type_ = \"..\", json_path = \"..\")`",
        "subresource" | "subresources" => "write `status = \"..\"` and `scale(..)`",
        "rule" => "write `validation = \"self.spec.min <= self.spec.max\"`",
        "annotations" => "write `annotation(\"key\", \"value\")`, as often as needed",
        "labels" => "write `label(\"key\", \"value\")`, as often as needed",
        "struct" => "write `root = \"..\"`",
        "conversion" => "derive `Spoke` for the versions that are not stored",
        _ => {
            let known: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
            return suggest::help(name, &known);
        }
    };
    said.to_owned()
}
