//! What of a type has to be converted to what: fields with their counterparts.

use proc_macro2::Span;
use quote::format_ident;
use syn::spanned::Spanned;
use syn::{Error, Fields, Ident, Member};

use super::attribute::Part;

/// The fields of a struct or a variant.
pub(super) struct Shape {
    pub(super) fields: Vec<Field>,
    pub(super) named: bool,
}

/// A field, and its counterpart in the hub.
pub(super) struct Field {
    /// What it is called here.
    pub(super) member: Member,
    /// What it is called in the hub; means nothing for a field only the spoke has.
    pub(super) hub: Member,
    /// What it is called in a pattern.
    pub(super) binding: Ident,
    pub(super) part: Part,
    pub(super) span: Span,
}

impl Shape {
    pub(super) fn read(fields: &Fields, mistakes: &mut Vec<Error>) -> Self {
        let named = matches!(fields, Fields::Named(_));
        let mut in_hub = 0;
        let fields = fields.iter().zip(fields.members()).map(|(field, member)| {
            let part = Part::of_field(&field.attrs, mistakes);
            if !named && let Some(name) = &part.rename {
                mistakes.push(Error::new(
                    name.span(),
                    "a field without a name has none in the hub either: remove `rename`",
                ));
            }
            // Fields without names keep their order, less those the hub does not have.
            let hub = match (&part.rename, &member) {
                (Some(name), Member::Named(_)) | (_, Member::Named(name)) => Member::Named(name.clone()),
                (_, Member::Unnamed(index)) => {
                    let mut index = index.clone();
                    index.index = in_hub;
                    Member::Unnamed(index)
                }
            };
            in_hub += u32::from(part.spoke_only.is_none());
            let binding = match &member {
                Member::Named(name) => format_ident!("field_{}", name),
                Member::Unnamed(index) => format_ident!("field_{}", index.index),
            };
            Field {
                member,
                hub,
                binding,
                part,
                span: field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span),
            }
        });
        Self {
            fields: fields.collect(),
            named,
        }
    }
}

impl Field {
    /// Returns its name for messages.
    pub(super) fn name(&self) -> String {
        match &self.member {
            Member::Named(name) => {
                let text = name.to_string();
                text.trim_start_matches("r#").to_owned()
            }
            Member::Unnamed(index) => index.index.to_string(),
        }
    }
}
