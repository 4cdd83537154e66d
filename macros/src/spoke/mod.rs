//! `#[derive(Spoke)]`: a type of a version that is not stored, converted to that of the stored version and back.
//!
//! `attribute` reads `#[spoke(..)]` and collects every mistake, `shape` makes of fields and variants what has to be
//! converted to what, `expand` writes the implementations. Which way a field is converted – not at all, or as a
//! spoke – is left to the compiler, since a macro does not see types.

mod attribute;
mod expand;
mod shape;

use proc_macro2::TokenStream;
use syn::DeriveInput;

/// Returns the implementations, or every mistake as a compile error at its place.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    syn::parse2::<DeriveInput>(input)
        .and_then(|input| expand::expand(&input))
        .unwrap_or_else(syn::Error::into_compile_error)
}

#[cfg(test)]
mod tests;
