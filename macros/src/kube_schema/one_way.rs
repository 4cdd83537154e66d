//! What serde writes in one way and reads in another: a schema is of what is read, and API servers drop the rest.

use darling::error::Accumulator;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Meta, Token};

use crate::wire::Attributes;

const UNREAD: &str = "what is written here is in no schema, so the API server drops it: write `skip`, or read it, \
                      with `default` where it may be missing";
const TWO_NAMES: &str = "the API server knows only the name that is read, and drops what is written by another: write one name for both";

/// Refuses what is written but not read, or not by the same name.
pub(super) fn check(input: &DeriveInput, errors: &mut Accumulator) {
    let all = Attributes::of(&input.attrs);
    // What the schema does not know is kept, or another type says what is written.
    if all.own("preserve_unknown_fields") || all.serde("into").is_some() {
        return;
    }
    place(&input.attrs, errors);
    let fields = match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(data) => {
            data.variants
                .iter()
                .for_each(|variant| place(&variant.attrs, errors));
            data.variants.iter().flat_map(|variant| &variant.fields).collect()
        }
        Data::Union(_) => Vec::new(),
    };
    fields.iter().for_each(|field| place(&field.attrs, errors));
}

fn place(attributes: &[Attribute], errors: &mut Accumulator) {
    let attributes = Attributes::of(attributes);
    if let Some(unread) = attributes.serde("skip_deserializing")
        && attributes.serde("skip_serializing").is_none()
    {
        errors.push(at(unread, UNREAD));
    }
    for key in ["rename", "rename_all", "rename_all_fields"] {
        if let Some(Meta::List(sides)) = attributes.serde(key)
            && has_two_names(sides)
        {
            errors.push(at(sides, TWO_NAMES));
        }
    }
}

/// Whether a name, or a rule for names, is not the same in both directions.
fn has_two_names(sides: &syn::MetaList) -> bool {
    let Ok(sides) = sides.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
        return false;
    };
    let values: Option<Vec<_>> = sides
        .iter()
        .map(|side| side.require_name_value().ok().map(|side| &side.value))
        .collect();
    match values.as_deref() {
        Some([one, other]) => one != other,
        // One side alone leaves the other as it was.
        Some([_]) => true,
        _ => false,
    }
}

fn at(token: &impl Spanned, message: &str) -> darling::Error {
    darling::Error::custom(message).with_span(&token.span())
}
