//! Names that meet in JSON: serde writes both, and nobody reads the second.

use darling::error::Accumulator;
use syn::spanned::Spanned;
use syn::{Data, DataEnum, DeriveInput, Fields};

use crate::wire::{Attributes, name};

/// Refuses fields, and variants, that have the same name in JSON.
pub(super) fn check(input: &DeriveInput, errors: &mut Accumulator) {
    let container = Attributes::of(&input.attrs);
    let rule = container.text("rename_all");
    match &input.data {
        Data::Struct(data) => fields(&data.fields, rule.as_deref(), errors),
        Data::Enum(data) => {
            // Without a tag, no name of a variant is ever written.
            if !container.has("untagged") {
                variants(data, rule.as_deref(), errors);
            }
            let all = container.text("rename_all_fields");
            for variant in &data.variants {
                let own = Attributes::of(&variant.attrs).text("rename_all");
                fields(&variant.fields, own.or_else(|| all.clone()).as_deref(), errors);
            }
        }
        Data::Union(_) => {}
    }
}

fn fields(fields: &Fields, rule: Option<&str>, errors: &mut Accumulator) {
    let mut seen = Vec::new();
    for field in fields {
        let attributes = Attributes::of(&field.attrs);
        if attributes.is_skipped() || attributes.has("flatten") {
            continue;
        }
        if let Some(name) = name::field_name(rule, field) {
            told("fields", name, &field.ident, &mut seen, errors);
        }
    }
}

fn variants(data: &DataEnum, rule: Option<&str>, errors: &mut Accumulator) {
    let mut seen = Vec::new();
    for variant in &data.variants {
        let attributes = Attributes::of(&variant.attrs);
        if !attributes.is_skipped() && !attributes.has("untagged") {
            let name = name::variant_name(rule, variant);
            told("variants", name, &variant.ident, &mut seen, errors);
        }
    }
}

fn told(what: &str, name: String, at: &impl Spanned, seen: &mut Vec<String>, errors: &mut Accumulator) {
    if seen.contains(&name) {
        let message =
            format!("two {what} are called `{name}` in JSON: rename one with `#[serde(rename = \"..\")]`");
        errors.push(darling::Error::custom(message).with_span(&at.span()));
    }
    seen.push(name);
}
