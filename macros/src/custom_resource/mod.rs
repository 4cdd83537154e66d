//! `#[derive(CustomResource)]`: from a spec and its `#[kube(...)]` attributes to the root type of a custom resource.
//!
//! Read in order: `grammar` and `attributes` (kube's own), `name` (Kubernetes' rules for names), `check` (what
//! contradicts what), `path` (where paths and rules lead), `expand` (the code, mostly calls into the runtime).

mod attributes;
mod check;
mod column;
mod expand;
mod grammar;
mod name;
mod path;
mod plural;
mod scale;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use syn::DeriveInput;

pub(crate) use attributes::Attributes;

use crate::kube_schema::asked;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let (attributes, errors) = Attributes::read(&input);
    let mut mistakes = darling::Error::accumulator();
    errors.into_iter().for_each(|error| mistakes.push(error));
    let mut needs = Vec::new();
    let names = check::check(&input, &attributes, &mut mistakes, &mut needs);
    // The root type is generated all the same: its absence would bury the mistake under errors about it.
    let expansion = names.map(|names| {
        let private = expand::private(&attributes);
        let asked = asked(&needs, &private);
        let expansion = expand::expand(&input, &attributes, &names);
        quote::quote!(#expansion #asked)
    });
    let mistakes = mistakes
        .finish()
        .map_or_else(darling::Error::write_errors, |()| TokenStream::new());
    quote::quote! { #expansion #mistakes }
}
