//! `#[derive(KubeSchema)]`: `JsonSchema` for a type whose `#[x_kube(...)]` attributes say what only Kubernetes knows.
//!
//! The type is copied into a shadow that exists for schemars' own derive alone, with each rule written as one of
//! schemars' attributes. So serde's and schemars' attributes mean here what they mean there, and nothing about
//! schemas is done twice. It does *not* make a custom resource: that is `#[derive(CustomResource)]`.
//!
//! Read in order: `grammar` (the keys, as a table), `kind` (what a Rust type is in JSON), `check` (what contradicts
//! what), `collision` (names that meet), `one_way` (what is written and not read), `ask` (what rules mean for other
//! types), `value` (defaults and examples), `translate` (from a rule to an attribute), `shadow` (the copy).

mod ask;
mod check;
mod collision;
mod grammar;
mod kind;
mod number;
mod one_way;
mod shadow;
mod translate;
mod union;
mod value;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(crate) use ask::asked;
use shadow::Paths;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = darling::Error::accumulator();
    let paths = errors.handle(Paths::of(&input.attrs)).unwrap_or_default();
    let shadow = shadow::shadow(&input, &paths, &mut errors);
    // The implementation is generated all the same: its absence would bury the mistake under errors about it.
    let mistakes = errors
        .finish()
        .map_or_else(darling::Error::write_errors, |()| TokenStream::new());
    quote! { #shadow #mistakes }
}
