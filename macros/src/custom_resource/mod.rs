//! `#[derive(CustomResource)]`: from a spec and its `#[kube(...)]` attributes to the root type of a custom resource.
//!
//! Read in order: `attributes` (the grammar, kube's own), `name` (Kubernetes' rules for names), `check` (what
//! contradicts what), `expand` (the code, mostly calls into the runtime).

mod attributes;
mod check;
mod column;
mod expand;
mod name;
mod plural;
mod scale;

#[cfg(test)]
mod tests;

use darling::FromDeriveInput;
use proc_macro2::TokenStream;
use syn::DeriveInput;

pub(crate) use attributes::Attributes;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    try_derive(input).unwrap_or_else(|tokens| tokens)
}

/// Fails with the errors as tokens where nothing can be generated beside them.
fn try_derive(input: TokenStream) -> Result<TokenStream, TokenStream> {
    let input: DeriveInput = syn::parse2(input).map_err(|error| error.to_compile_error())?;
    let attributes = Attributes::from_derive_input(&input).map_err(darling::Error::write_errors)?;
    let names = check::names(&input, &attributes).map_err(darling::Error::write_errors)?;
    let expansion = expand::expand(&input, &attributes, &names);
    // The root type is generated all the same: its absence would bury the mistake under errors about it.
    let mistakes = check::check(&input, &attributes, &names)
        .map_or_else(darling::Error::write_errors, |()| TokenStream::new());
    Ok(quote::quote! { #expansion #mistakes })
}
