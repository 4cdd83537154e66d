//! Writing the implementations: little code that calls the runtime.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Path};

use super::access::{self, Access};
use super::attribute::{Declaration, Followed, Watch};
use super::vocabulary::{SUBRESOURCES, VERBS, type_of};

/// Returns the implementations of `Reconciler`, `Owns` and `Permits`.
pub(super) fn expand(input: &DeriveInput, declaration: &Declaration) -> TokenStream {
    let accesses = access::of(declaration);
    let reconciler = reconciler(input, declaration, &accesses);
    let owns = owns(input, declaration);
    let permits = accesses
        .iter()
        .map(|access| permits(input, &declaration.krate, access));
    quote! {
        #reconciler
        #owns
        #(#permits)*
    }
}

fn reconciler(input: &DeriveInput, declaration: &Declaration, accesses: &[Access]) -> TokenStream {
    let krate = &declaration.krate;
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let object = &declaration.object;
    let finalizer = finalizer(declaration);
    let name = name(declaration);
    let permissions = accesses.iter().map(|access| permission(krate, access));
    let triggers = triggers(declaration);
    let owned = owned(declaration);
    let crds = crds(declaration);
    quote! {
        #[automatically_derived]
        impl #generics #krate::Reconciler for #ident #arguments #bounds {
            type Object = #object;

            #finalizer

            fn name(&self) -> ::std::borrow::Cow<'static, str> {
                #name
            }

            fn permissions() -> ::std::vec::Vec<#krate::permission::Permission> {
                ::std::vec![#(#permissions),*]
            }

            #triggers
            #owned
            #crds
        }
    }
}

fn finalizer(declaration: &Declaration) -> Option<TokenStream> {
    let finalizer = declaration.finalizer.as_ref()?;
    Some(quote! {
        const FINALIZER: ::std::option::Option<&'static str> = ::std::option::Option::Some(#finalizer);
    })
}

fn name(declaration: &Declaration) -> TokenStream {
    let Declaration { krate, object, .. } = declaration;
    match &declaration.name {
        Some(name) => quote!(::std::borrow::Cow::Borrowed(#name)),
        None => quote!(#krate::__private::default_name::<#object>()),
    }
}

fn triggers(declaration: &Declaration) -> Option<TokenStream> {
    let Declaration {
        krate, owns, watches, ..
    } = declaration;
    if owns.is_empty() && watches.is_empty() {
        return None;
    }
    let owns = owns.iter().map(|owned| {
        let stored = stored(krate, owned);
        quote_spanned!(owned.kind.span()=> .owns::<#stored>())
    });
    let watches = watches.iter().map(|Watch { followed, via }| {
        let (span, stored) = (followed.kind.span(), stored(krate, followed));
        match via {
            Some(via) => quote_spanned!(span=> .watches::<#stored, _>(#via)),
            // Kept for reading: its changes lead to nothing.
            None => quote_spanned!(span=> .watches::<#stored, _>(#krate::__private::nothing::<#stored>)),
        }
    });
    Some(quote! {
        fn triggers(triggers: #krate::trigger::Triggers<Self>) -> #krate::trigger::Triggers<Self> {
            triggers #(#owns)* #(#watches)*
        }
    })
}

/// Returns the type of what the cache holds of a kind.
fn stored(krate: &Path, followed: &Followed) -> TokenStream {
    let kind = &followed.kind;
    if followed.metadata_only {
        quote_spanned!(kind.span()=> #krate::cache::Metadata<#kind>)
    } else {
        quote!(#kind)
    }
}

fn owned(declaration: &Declaration) -> Option<TokenStream> {
    let Declaration { krate, owns, .. } = declaration;
    if owns.is_empty() {
        return None;
    }
    let owns = owns
        .iter()
        .map(|Followed { kind, .. }| quote_spanned!(kind.span()=> .with::<#kind>()));
    Some(quote! {
        fn owned() -> #krate::write::OwnedKinds {
            #krate::write::OwnedKinds::new() #(#owns)*
        }
    })
}

fn crds(declaration: &Declaration) -> Option<TokenStream> {
    if declaration.external {
        return None;
    }
    let Declaration { krate, object, .. } = declaration;
    // The runtime's probe picks the method by whether the kind has a definition.
    Some(quote! {
        fn crds() -> #krate::Result<::std::vec::Vec<#krate::__private::CustomResourceDefinition>> {
            #[allow(unused_imports)]
            use #krate::__private::{ForeignDefinition as _, NoDefinition as _, OwnDefinition as _};
            (&&#krate::__private::DefinitionProbe::<#object>::new()).definitions()
        }
    })
}

fn permission(krate: &Path, access: &Access) -> TokenStream {
    let Access { kind, .. } = access;
    let verbs = VERBS
        .iter()
        .filter(|(word, _)| access.verbs.contains(*word))
        .map(|(_, variant)| {
            let variant = format_ident!("{variant}");
            quote!(#krate::permission::Verb::#variant)
        });
    match &access.subresource {
        Some(name) => {
            quote!(#krate::permission::Permission::of_subresource::<#kind>(#name, [#(#verbs),*]))
        }
        None => quote!(#krate::permission::Permission::of::<#kind>([#(#verbs),*])),
    }
}

fn owns(input: &DeriveInput, declaration: &Declaration) -> TokenStream {
    let krate = &declaration.krate;
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let implementations = declaration.owns.iter().map(|Followed { kind, .. }| {
        quote! {
            #[automatically_derived]
            impl #generics #krate::permission::Owns<#kind> for #ident #arguments #bounds {}
        }
    });
    quote!(#(#implementations)*)
}

fn permits(input: &DeriveInput, krate: &Path, access: &Access) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let target = target(krate, access);
    let implementations = VERBS
        .iter()
        .filter(|(word, _)| access.verbs.contains(*word))
        .map(|(word, _)| {
            let verb = format_ident!("{word}");
            quote! {
                #[automatically_derived]
                impl #generics #krate::permission::Permits<#krate::permission::verb::#verb, #target>
                    for #ident #arguments #bounds {}
            }
        });
    quote!(#(#implementations)*)
}

fn target(krate: &Path, access: &Access) -> TokenStream {
    let kind = &access.kind;
    let subresource = access
        .subresource
        .as_ref()
        .and_then(|name| type_of(SUBRESOURCES, name));
    match subresource {
        Some(name) => {
            let name = format_ident!("{name}");
            quote!(#krate::permission::subresource::#name<#kind>)
        }
        None => quote!(#kind),
    }
}
