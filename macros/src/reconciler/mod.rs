//! `#[derive(Reconciler)]`: a reconciler's declaration, as trait implementations.
//!
//! [`attribute`] reads `#[reconciler(..)]` and collects every mistake, [`access`] works out who may do what,
//! [`expand`] writes the implementations.

mod access;
mod attribute;
mod expand;
mod name;
mod vocabulary;

use proc_macro2::TokenStream;
use syn::DeriveInput;

/// Returns the implementations, or every mistake in the attribute as a compile error at its place.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    syn::parse2::<DeriveInput>(input)
        .and_then(|input| {
            let declaration = attribute::Declaration::read(&input)?;
            Ok(expand::expand(&input, &declaration))
        })
        .unwrap_or_else(syn::Error::into_compile_error)
}

#[cfg(test)]
mod tests;
