//! The generated code: `Spoke` for the type, and for the root of a custom resource if the type is its spec.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Ident, Path, Result};

use super::attribute::{Container, HubOnly, Part};
use super::shape::{Field, Shape};
use crate::custom_resource::Attributes;
use crate::wire;

/// Which way a value goes.
#[derive(Clone, Copy)]
enum Way {
    ToHub,
    FromHub,
}

/// The name of the hub inside the generated functions.
const HUB: &str = "__Hub";

pub(super) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let mut mistakes = Vec::new();
    let container = Container::read(&input.attrs, input.ident.span(), &mut mistakes);
    if let Some(parameter) = input.generics.params.first() {
        mistakes.push(Error::new(
            parameter.span(),
            "a type with parameters has no one hub: write `impl Spoke` by hand",
        ));
    }
    let bodies = container
        .as_ref()
        .and_then(|container| Bodies::read(input, container, &mut mistakes));
    if let Some(error) = mistakes.into_iter().reduce(|mut all, mistake| {
        all.combine(mistake);
        all
    }) {
        return Err(error);
    }
    let (Some(container), Some(bodies)) = (container, bodies) else {
        return Ok(TokenStream::new());
    };
    let root = Root::read(input);
    let hub = &container.hub;
    let krate = &container.krate;
    let part_hub = match &root {
        // On the spec of a custom resource, the hub is the whole object.
        Some(_) => quote_spanned!(hub.span()=> <#hub as #krate::kube::core::object::HasSpec>::Spec),
        None => hub.to_token_stream(),
    };
    let part = implementation(&container, &input.ident, &part_hub, &bodies, false);
    let stores = root.as_ref().map(|root| {
        let name = &root.name;
        let stores = quote!(const _: () = #krate::__private::stores::<#name, #hub>(););
        // Of a path the compiler shows one name, so the last is what it is given.
        let at = hub
            .segments
            .last()
            .map_or_else(|| hub.span(), |last| last.ident.span());
        wire::placed(stores, at)
    });
    let root = root.map(|root| {
        let bodies = root.bodies(&container);
        implementation(
            &container,
            &root.name,
            &hub.to_token_stream(),
            &bodies,
            container.keep,
        )
    });
    Ok(quote!(#part #root #stores))
}

/// The bodies of the two functions.
struct Bodies {
    to_hub: TokenStream,
    from_hub: TokenStream,
}

fn implementation(
    container: &Container,
    name: &Ident,
    hub: &TokenStream,
    bodies: &Bodies,
    keep: bool,
) -> TokenStream {
    let krate = &container.krate;
    let alias = format_ident!("{HUB}");
    let Bodies { to_hub, from_hub } = bodies;
    let prelude = quote! {
        #[allow(unused_imports)]
        use #krate::__private::conversion::{Differs as _, Same as _};
        type #alias = #hub;
    };
    let keep = keep.then(|| {
        quote!(
            const KEEP: bool = true;
        )
    });
    quote! {
        #[automatically_derived]
        #[allow(unreachable_patterns, clippy::unnecessary_wraps)]
        impl #krate::webhook::Spoke for #name {
            type Hub = #hub;
            #keep
            fn to_hub(self) -> #krate::Result<Self::Hub> {
                #prelude
                #to_hub
            }
            fn from_hub(hub: Self::Hub) -> #krate::Result<Self> {
                #prelude
                #from_hub
            }
        }
    }
}

impl Bodies {
    fn read(input: &DeriveInput, container: &Container, mistakes: &mut Vec<Error>) -> Option<Self> {
        match &input.data {
            Data::Struct(data) => {
                let shape = Shape::read(&data.fields, mistakes);
                Some(structure(&shape, container))
            }
            Data::Enum(data) => {
                for field in &container.hub_only {
                    mistakes.push(Error::new(
                        field.name.span(),
                        "what only the hub has can be left to a default in a struct, not in an enum: write `impl Spoke` by hand",
                    ));
                }
                let variants = data.variants.iter().map(|variant| Variant {
                    name: variant.ident.clone(),
                    hub: Part::of_variant(&variant.attrs, mistakes)
                        .rename
                        .unwrap_or_else(|| variant.ident.clone()),
                    shape: Shape::read(&variant.fields, mistakes),
                });
                let variants: Vec<Variant> = variants.collect();
                Some(enumeration(&variants, container))
            }
            Data::Union(data) => {
                mistakes.push(Error::new(
                    data.union_token.span(),
                    "a union is no part of an API: use a struct or an enum",
                ));
                None
            }
        }
    }
}

struct Variant {
    name: Ident,
    hub: Ident,
    shape: Shape,
}

fn structure(shape: &Shape, container: &Container) -> Bodies {
    let hub = Ident::new(HUB, container.hub.span());
    let both = shape
        .fields
        .iter()
        .filter(|field| field.part.spoke_only.is_none());
    let there = both.map(|field| {
        let Field {
            member,
            hub: counterpart,
            ..
        } = field;
        let pair = pair(container, field, &access(field));
        let value = convert(container, field, Way::ToHub, &pair, &quote!(self.#member));
        quote!(#counterpart: #value)
    });
    let hub_only = container.hub_only.iter().map(HubOnly::initializer);
    let back = shape.fields.iter().map(|field| {
        let Field {
            member,
            hub: counterpart,
            ..
        } = field;
        let pair = pair(container, field, &access(field));
        let value = convert(container, field, Way::FromHub, &pair, &quote!(hub.#counterpart));
        quote!(#member: #value)
    });
    let to_hub = quote!(::core::result::Result::Ok(#hub { #(#there,)* #(#hub_only,)* }));
    let from_hub = quote!(::core::result::Result::Ok(Self { #(#back,)* }));
    Bodies { to_hub, from_hub }
}

fn enumeration(variants: &[Variant], container: &Container) -> Bodies {
    let arms = |way: Way| {
        variants.iter().map(move |variant| {
            let Variant {
                name,
                hub: counterpart,
                shape,
            } = variant;
            let hub = Ident::new(HUB, name.span());
            let (from, to) = match way {
                Way::ToHub => (quote!(Self::#name), quote!(#hub::#counterpart)),
                Way::FromHub => (quote!(#hub::#counterpart), quote!(Self::#name)),
            };
            let pattern = shape.pattern(way);
            let fields = shape.fields.iter().filter(|field| match way {
                Way::ToHub => field.part.spoke_only.is_none(),
                Way::FromHub => true,
            });
            let fields = fields.map(|field| {
                let binding = &field.binding;
                let pair = pair(container, field, &variant.access(field));
                let value = convert(container, field, way, &pair, &quote!(#binding));
                let member = match way {
                    Way::ToHub => &field.hub,
                    Way::FromHub => &field.member,
                };
                quote!(#member: #value)
            });
            quote!(#from #pattern => ::core::result::Result::Ok(#to { #(#fields,)* }))
        })
    };
    let (there, back) = (arms(Way::ToHub), arms(Way::FromHub));
    Bodies {
        to_hub: quote!(match self { #(#there,)* }),
        from_hub: quote!(match hub { #(#back,)* }),
    }
}

impl Shape {
    /// Returns the pattern that takes the fields apart, on the side a value comes from.
    fn pattern(&self, way: Way) -> TokenStream {
        if self.fields.is_empty() {
            return if self.named {
                quote!({})
            } else {
                TokenStream::new()
            };
        }
        let bindings = self.fields.iter().filter_map(|field| {
            let binding = &field.binding;
            let here = field.part.spoke_only.is_none();
            match way {
                Way::ToHub if here => {
                    let member = &field.member;
                    Some(quote!(#member: #binding))
                }
                Way::ToHub => {
                    let member = &field.member;
                    Some(quote!(#member: _))
                }
                Way::FromHub if here => {
                    let member = &field.hub;
                    Some(quote!(#member: #binding))
                }
                Way::FromHub => None,
            }
        });
        quote!({ #(#bindings,)* })
    }
}

/// Functions from a spoke and from its hub to one field; the compiler learns its types from them.
struct Access {
    spoke: TokenStream,
    hub: TokenStream,
}

fn access(field: &Field) -> Access {
    let Field { member, hub, .. } = field;
    Access {
        spoke: some(&quote!(&spoke.#member)),
        hub: some(&quote!(&hub.#hub)),
    }
}

impl Variant {
    fn access(&self, field: &Field) -> Access {
        let Self { name, hub, .. } = self;
        let Field {
            member,
            hub: counterpart,
            binding,
            ..
        } = field;
        let alias = Ident::new(HUB, name.span());
        let (found, other) = (some(&quote!(#binding)), quote!(_ => ::core::option::Option::None));
        Access {
            spoke: quote!(match spoke { Self::#name { #member: #binding, .. } => #found, #other }),
            hub: quote!(match hub { #alias::#hub { #counterpart: #binding, .. } => #found, #other }),
        }
    }
}

fn some(place: &TokenStream) -> TokenStream {
    quote!(::core::option::Option::Some(#place))
}

fn pair(container: &Container, field: &Field, access: &Access) -> TokenStream {
    pair_at(&container.krate, access, field.span)
}

fn pair_at(krate: &Path, access: &Access, span: Span) -> TokenStream {
    let Access { spoke, hub } = access;
    let alias = Ident::new(HUB, span);
    quote_spanned! {span=>
        (&#krate::__private::conversion::Pair::of(|spoke: &Self| #spoke, |hub: &#alias| #hub)).way()
    }
}

/// Returns the value of a field on the other side.
fn convert(
    container: &Container,
    field: &Field,
    way: Way,
    pair: &TokenStream,
    value: &TokenStream,
) -> TokenStream {
    if let Some(given) = &field.part.spoke_only {
        return default_or(given.as_ref(), field.span);
    }
    let converted = match (&field.part.with, way) {
        (Some(module), Way::ToHub) => quote_spanned!(module.span()=> #module::to_hub(#value)),
        (Some(module), Way::FromHub) => quote_spanned!(module.span()=> #module::from_hub(#value)),
        (None, Way::ToHub) => quote_spanned!(field.span=> #pair.to_hub(#value)),
        (None, Way::FromHub) => quote_spanned!(field.span=> #pair.from_hub(#value)),
    };
    told(&container.krate, &field.name(), &converted)
}

fn told(krate: &Path, name: &str, converted: &TokenStream) -> TokenStream {
    quote!(#krate::__private::conversion::field(#name, #converted)?)
}

fn default_or(given: Option<&syn::Expr>, span: Span) -> TokenStream {
    match given {
        Some(value) => value.to_token_stream(),
        None => quote_spanned!(span=> ::core::default::Default::default()),
    }
}

impl HubOnly {
    fn initializer(&self) -> TokenStream {
        let value = default_or(self.value.as_ref(), self.name.span());
        let name = &self.name;
        quote!(#name: #value)
    }
}

/// The root type of the custom resource whose spec this is.
struct Root {
    name: Ident,
    status: Option<Path>,
}

impl Root {
    /// Returns nothing for a type that is no spec; what is wrong with `#[kube(..)]` is told by its own derive.
    fn read(input: &DeriveInput) -> Option<Self> {
        if !input
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("kube"))
        {
            return None;
        }
        let (attributes, _) = Attributes::read(input);
        let name = attributes.root.or(attributes.kind)?;
        Some(Self {
            name: name.parse().ok()?,
            status: attributes.status,
        })
    }

    fn bodies(&self, container: &Container) -> Bodies {
        let krate = &container.krate;
        let hub = Ident::new(HUB, container.hub.span());
        let status = self.status.as_ref();
        let parts = [
            Some(("spec", container.hub.span())),
            status.map(|status| ("status", status.span())),
        ];
        let parts: Vec<(Ident, TokenStream, Span)> = parts
            .into_iter()
            .flatten()
            .map(|(name, span)| {
                let name = Ident::new(name, span);
                let access = Access {
                    spoke: some(&quote!(&spoke.#name)),
                    hub: some(&quote!(&hub.#name)),
                };
                (name.clone(), pair_at(krate, &access, span), span)
            })
            .collect();
        let there = parts.iter().map(|(name, pair, span)| {
            let converted = quote_spanned!(*span=> #pair.to_hub(self.#name));
            let value = told(krate, &name.to_string(), &converted);
            quote!(#name: #value)
        });
        let back = parts.iter().map(|(name, pair, span)| {
            let converted = quote_spanned!(*span=> #pair.from_hub(hub.#name));
            let value = told(krate, &name.to_string(), &converted);
            quote!(#name: #value)
        });
        Bodies {
            to_hub: quote!(::core::result::Result::Ok(#hub { metadata: self.metadata, #(#there,)* })),
            from_hub: quote!(::core::result::Result::Ok(Self { metadata: hub.metadata, #(#back,)* })),
        }
    }
}
