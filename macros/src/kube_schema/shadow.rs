//! The shadow: a copy of the type that only schemars' derive sees.

#![expect(
    clippy::unreachable,
    reason = "darling's derives write it, behind a check of the field they read"
)]

use darling::FromMeta;
use darling::error::Accumulator;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Field, Fields, GenericParam, Generics, Meta, Path, parse_quote};

use super::ask::Asker;
use super::check::{self, On};
use super::grammar::{self, Rule, RuleValue, Takes};
use super::{collision, one_way, translate, union};
use crate::wire::Attributes;

/// Attributes that schemars' derive understands.
const UNDERSTOOD: [&str; 5] = ["serde", "schemars", "validate", "garde", "doc"];

/// Where generated code finds what it names.
#[derive(Debug)]
pub(super) struct Paths {
    pub(super) private: TokenStream,
    pub(super) schemars: TokenStream,
}

impl Default for Paths {
    fn default() -> Self {
        Self::below(&parse_quote!(::krate))
    }
}

impl Paths {
    fn below(krate: &Path) -> Self {
        let private = quote!(#krate::__private);
        Self {
            schemars: quote!(#private::schemars),
            private,
        }
    }

    /// Reads `crate = path` and kube's `crates(schemars = path)`.
    pub(super) fn of(attributes: &[Attribute]) -> darling::Result<Self> {
        #[derive(FromMeta)]
        struct Crates {
            schemars: Option<Path>,
            #[darling(rename = "kube_core")]
            _kube_core: Option<Path>,
            #[darling(rename = "serde")]
            _serde: Option<Path>,
            #[darling(rename = "serde_json")]
            _serde_json: Option<Path>,
            #[darling(rename = "std")]
            _std: Option<Path>,
        }
        let mut paths = Self::default();
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("x_kube"))
        {
            let parser = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
            for meta in attribute.parse_args_with(parser).into_iter().flatten() {
                if meta.path().is_ident("crate") {
                    paths = Self::below(&Path::from_meta(&meta)?);
                } else if meta.path().is_ident("crates")
                    && let Some(schemars) = Crates::from_meta(&meta)?.schemars
                {
                    paths.schemars = schemars.into_token_stream();
                }
            }
        }
        Ok(paths)
    }
}

/// Returns the shadow and the implementation that asks it.
pub(super) fn shadow(input: &DeriveInput, paths: &Paths, errors: &mut Accumulator) -> TokenStream {
    // No type of the author's is called so.
    let ident = format_ident!("__{}Shadow", input.ident);
    let mut asker = Asker::new(input);
    let copy = copy(input, &ident, paths, &mut asker, errors);
    let default = default(input, &ident);
    let implementation = implementation(input, &ident, paths);
    let asked = asker.tokens(paths);
    quote! {
        #[allow(deprecated, unused_imports, unused_qualifications)]
        const _: () = {
            // Schemars' derive expects them in scope, and some modules have no prelude.
            use ::core::convert::{From as _, Into as _};
            #copy
            #default
            #implementation
        };
        #asked
    }
}

fn copy(
    input: &DeriveInput,
    ident: &syn::Ident,
    paths: &Paths,
    asker: &mut Asker<'_>,
    errors: &mut Accumulator,
) -> TokenStream {
    let mut copy = input.clone();
    let schemars = &paths.schemars;
    let schemars_text = schemars.to_string().replace(' ', "");
    let rules = grammar::rules(&input.attrs, errors);
    check::check(&rules, On::Type, errors);
    check_unions(&rules, input, errors);
    collision::check(input, errors);
    one_way::check(input, errors);
    asker.on_type(&rules, errors);
    let extra = translate::attributes(&rules, paths);
    copy.attrs = understood(&input.attrs);
    copy.attrs.extend(extra);
    if !is_renamed(&input.attrs) {
        let name = name(&input.ident, &input.generics);
        copy.attrs.push(parse_quote!(#[schemars(rename = #name)]));
    }
    copy.ident = ident.clone();
    // Nobody else sees it, and the lint for items that are public in vain would say so.
    copy.vis = syn::Visibility::Inherited;
    let (_, ty_generics, _) = input.generics.split_for_impl();
    let input_ident = &input.ident;
    let owner = quote!(#input_ident #ty_generics);
    for (field, rule) in fields_mut(&mut copy.data, &input.attrs) {
        translate_field(field, rule.as_deref(), paths, asker, errors);
        if let Ok(ty) = syn::parse2(own(field.ty.to_token_stream(), &owner)) {
            field.ty = ty;
        }
    }
    if let Data::Enum(data) = &mut copy.data {
        for variant in &mut data.variants {
            variant.attrs = understood(&variant.attrs);
        }
        if data
            .variants
            .iter()
            .all(|variant| matches!(variant.fields, Fields::Unit))
        {
            let private = &paths.private;
            copy.attrs
                .push(parse_quote!(#[schemars(transform = #private::schema::words)]));
        }
    }
    quote! {
        #[derive(#schemars::JsonSchema)]
        #[schemars(crate = #schemars_text)]
        #[allow(dead_code, missing_docs, non_camel_case_types, unused_qualifications, deprecated)]
        #copy
    }
}

fn translate_field(
    field: &mut Field,
    rule: Option<&str>,
    paths: &Paths,
    asker: &mut Asker<'_>,
    errors: &mut Accumulator,
) {
    let rules = grammar::rules(&field.attrs, errors);
    // What is written in place of the type is not known.
    let known = (!Attributes::of(&field.attrs).is_opaque()).then_some(&field.ty);
    check::check(&rules, On::Value(known), errors);
    asker.on_field(&rules, field, rule, errors);
    field.attrs = understood(&field.attrs);
    field.attrs.extend(translate::attributes(&rules, paths));
}

fn check_unions(rules: &[Rule], input: &DeriveInput, errors: &mut Accumulator) {
    let fields = match &input.data {
        Data::Struct(data) => Some(&data.fields),
        Data::Enum(_) | Data::Union(_) => None,
    };
    for rule in rules.iter().filter(|rule| rule.key.takes == Takes::Fields) {
        if let RuleValue::Texts(names) = &rule.value {
            union::check(rule, names, &input.attrs, fields, errors);
        }
    }
}

fn understood(attributes: &[Attribute]) -> Vec<Attribute> {
    let known = |attribute: &&Attribute| UNDERSTOOD.iter().any(|name| attribute.path().is_ident(name));
    attributes.iter().filter(known).cloned().collect()
}

/// Returns every field with serde's rule for its name.
fn fields_mut<'a>(data: &'a mut Data, container: &[Attribute]) -> Vec<(&'a mut Field, Option<String>)> {
    let container = Attributes::of(container);
    match data {
        Data::Struct(data) => {
            let rule = container.text("rename_all");
            data.fields
                .iter_mut()
                .map(|field| (field, rule.clone()))
                .collect()
        }
        Data::Enum(data) => {
            let all = container.text("rename_all_fields");
            let variants = data.variants.iter_mut().flat_map(|variant| {
                let rule = Attributes::of(&variant.attrs)
                    .text("rename_all")
                    .or_else(|| all.clone());
                variant.fields.iter_mut().map(move |field| (field, rule.clone()))
            });
            variants.collect()
        }
        Data::Union(_) => Vec::new(),
    }
}

/// Whether the type has a name of its own for schemas.
fn is_renamed(attributes: &[Attribute]) -> bool {
    let ours =
        |attribute: &&Attribute| attribute.path().is_ident("serde") || attribute.path().is_ident("schemars");
    attributes.iter().filter(ours).any(|attribute| {
        let parser = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
        let metas = attribute.parse_args_with(parser);
        metas
            .into_iter()
            .flatten()
            .any(|meta| meta.path().is_ident("rename"))
    })
}

/// The name schemars would give: with the parameters of a generic type in it.
fn name(ident: &syn::Ident, generics: &Generics) -> String {
    let parameters: Vec<String> = generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(it) => Some(format!("{{{}}}", it.ident)),
            GenericParam::Const(it) => Some(format!("{{{}}}", it.ident)),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    match parameters.is_empty() {
        true => ident.to_string(),
        false => format!("{ident}_for_{}", parameters.join("_and_")),
    }
}

/// `#[serde(default)]` on a struct asks the type for its default: the shadow takes that of the real one apart.
fn default(input: &DeriveInput, shadow: &syn::Ident) -> Option<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return None;
    };
    let asks = |attribute: &Attribute| {
        let parser = syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated;
        let metas = attribute.parse_args_with(parser);
        metas
            .into_iter()
            .flatten()
            .any(|meta| matches!(&meta, Meta::Path(path) if path.is_ident("default")))
    };
    let serde =
        |attribute: &&Attribute| attribute.path().is_ident("serde") || attribute.path().is_ident("schemars");
    input
        .attrs
        .iter()
        .filter(serde)
        .find(|attribute| asks(attribute))?;
    let (ident, generics) = (&input.ident, &input.generics);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let members: Vec<_> = data.fields.members().collect();
    let body = match &data.fields {
        Fields::Unit => quote!(Self),
        _ => quote!(Self { #(#members: whole.#members),* }),
    };
    let mut bounds: Generics = generics.clone();
    let predicate = parse_quote!(#ident #ty_generics: ::core::default::Default);
    bounds.make_where_clause().predicates.push(predicate);
    let (_, _, bounded) = bounds.split_for_impl();
    let bounded = if generics.params.is_empty() {
        quote!(#where_clause)
    } else {
        quote!(#bounded)
    };
    Some(quote! {
        impl #impl_generics ::core::default::Default for #shadow #ty_generics #bounded {
            fn default() -> Self {
                let whole = <#ident #ty_generics as ::core::default::Default>::default();
                #body
            }
        }
    })
}

fn implementation(input: &DeriveInput, shadow: &syn::Ident, paths: &Paths) -> TokenStream {
    let (ident, schemars) = (&input.ident, &paths.schemars);
    let (impl_generics, ty_generics, _) = input.generics.split_for_impl();
    let mut generics = input.generics.clone();
    if !generics.params.is_empty() {
        // Whatever schemars' derive asks of the parameters.
        let predicate = parse_quote!(#shadow #ty_generics: #schemars::JsonSchema);
        generics.make_where_clause().predicates.push(predicate);
    }
    let (_, _, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #schemars::JsonSchema for #ident #ty_generics #where_clause {
            fn inline_schema() -> bool {
                <#shadow #ty_generics as #schemars::JsonSchema>::inline_schema()
            }
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                <#shadow #ty_generics as #schemars::JsonSchema>::schema_name()
            }
            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                <#shadow #ty_generics as #schemars::JsonSchema>::schema_id()
            }
            fn json_schema(generator: &mut #schemars::SchemaGenerator) -> #schemars::Schema {
                <#shadow #ty_generics as #schemars::JsonSchema>::json_schema(generator)
            }
        }
    }
}

/// In the shadow `Self` is the shadow; what was meant is the type.
fn own(tokens: TokenStream, owner: &TokenStream) -> TokenStream {
    let own = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => owner.clone(),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), own(group.stream(), owner));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        other => other.into(),
    };
    tokens.into_iter().flat_map(own).collect()
}
