//! Reading `#[spoke(..)]` on a type, a field or a variant.

use proc_macro2::{Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, Ident, Path, Result, Token, parenthesized, parse_quote};

use crate::suggest;

/// What is said about the type.
pub(super) struct Container {
    /// What it is converted to.
    pub(super) hub: Path,
    /// Fields only the hub has, with their values.
    pub(super) hub_only: Vec<HubOnly>,
    /// Whether what a version has no room for is kept.
    pub(super) keep: bool,
    /// Where the runtime is found.
    pub(super) krate: Path,
}

/// A field only the hub has.
pub(super) struct HubOnly {
    pub(super) name: Ident,
    pub(super) value: Option<Expr>,
}

/// What is said about a field or a variant.
#[derive(Default)]
pub(super) struct Part {
    pub(super) rename: Option<Ident>,
    pub(super) with: Option<Path>,
    /// Only the spoke has it; with its value, or the default.
    pub(super) spoke_only: Option<Option<Expr>>,
}

impl Container {
    pub(super) fn read(attributes: &[Attribute], whole: Span, mistakes: &mut Vec<Error>) -> Option<Self> {
        let (mut hub, mut hub_only, mut keep, mut krate) = (None, Vec::new(), false, None);
        items(attributes, mistakes, |key, stream| {
            match key.to_string().as_str() {
                "hub" => hub = Some(value(stream, key, "hub = v1::Memcached")?),
                "hub_only" => {
                    if !stream.peek(syn::token::Paren) {
                        return Err(Error::new_spanned(
                            key,
                            "`hub_only` needs fields: `hub_only(tls)`",
                        ));
                    }
                    let inside;
                    parenthesized!(inside in stream);
                    hub_only.extend(Punctuated::<HubOnly, Token![,]>::parse_terminated(&inside)?);
                }
                "keep" => keep = true,
                "crate" => krate = Some(value(stream, key, "crate = path::to::krate")?),
                _ => return Err(unknown(key, &["hub", "hub_only", "keep", "crate"])),
            }
            Ok(())
        });
        if hub.is_none() {
            mistakes.push(Error::new(
                whole,
                "`hub` is missing: add `#[spoke(hub = v1::Memcached)]` with the type of the stored version",
            ));
        }
        Some(Self {
            hub: hub?,
            hub_only,
            keep,
            krate: krate.unwrap_or_else(|| parse_quote!(::krate)),
        })
    }
}

impl Part {
    /// Reads what is said about a field.
    pub(super) fn of_field(attributes: &[Attribute], mistakes: &mut Vec<Error>) -> Self {
        let mut part = Self::default();
        items(attributes, mistakes, |key, stream| {
            match key.to_string().as_str() {
                "rename" => part.rename = Some(value(stream, key, "rename = replicas")?),
                "with" => part.with = Some(value(stream, key, "with = module")?),
                "spoke_only" => {
                    let given = stream.parse::<Option<Token![=]>>()?;
                    part.spoke_only = Some(given.map(|_| stream.parse()).transpose()?);
                }
                _ => return Err(unknown(key, &["rename", "with", "spoke_only"])),
            }
            Ok(())
        });
        if let (Some(_), Some(with)) = (&part.spoke_only, &part.with) {
            mistakes.push(Error::new(
                with.span(),
                "a field that only the spoke has is not converted: remove `with` or `spoke_only`",
            ));
        }
        if let (Some(_), Some(name)) = (&part.spoke_only, &part.rename) {
            mistakes.push(Error::new(
                name.span(),
                "a field that only the spoke has has no name in the hub: remove `rename` or `spoke_only`",
            ));
        }
        part
    }

    /// Reads what is said about a variant.
    pub(super) fn of_variant(attributes: &[Attribute], mistakes: &mut Vec<Error>) -> Self {
        let mut part = Self::default();
        items(attributes, mistakes, |key, stream| {
            match key.to_string().as_str() {
                "rename" => part.rename = Some(value(stream, key, "rename = Other")?),
                _ => return Err(unknown(key, &["rename"])),
            }
            Ok(())
        });
        part
    }
}

impl Parse for HubOnly {
    fn parse(stream: ParseStream<'_>) -> Result<Self> {
        let name = stream.call(Ident::parse_any)?;
        let given = stream.parse::<Option<Token![=]>>()?;
        let value = given.map(|_| stream.parse()).transpose()?;
        Ok(Self { name, value })
    }
}

/// Reads the items of all attributes; a mistake costs the rest of its item only.
fn items(
    attributes: &[Attribute],
    mistakes: &mut Vec<Error>,
    mut item: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    let attributes = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("spoke"));
    for attribute in attributes {
        let read = attribute.parse_args_with(|stream: ParseStream<'_>| {
            while !stream.is_empty() {
                let key = stream.call(Ident::parse_any);
                if let Err(mistake) = key.and_then(|key| item(&key, stream)) {
                    mistakes.push(mistake);
                    skip_to_comma(stream);
                }
                if !stream.is_empty()
                    && let Err(mistake) = stream.parse::<Token![,]>()
                {
                    mistakes.push(mistake);
                    skip_to_comma(stream);
                    let _ = stream.parse::<Option<Token![,]>>();
                }
            }
            Ok(())
        });
        if let Err(mistake) = read {
            mistakes.push(mistake);
        }
    }
}

fn value<T: Parse>(stream: ParseStream<'_>, key: &Ident, example: &str) -> Result<T> {
    if !stream.peek(Token![=]) {
        return Err(Error::new_spanned(
            key,
            format!("`{key}` needs a value: `{example}`"),
        ));
    }
    stream.parse::<Token![=]>()?;
    stream.parse()
}

fn unknown(key: &Ident, known: &[&str]) -> Error {
    let text = key.to_string();
    Error::new_spanned(
        key,
        format!("unknown key `{text}`: {}", suggest::help(&text, known)),
    )
}

fn skip_to_comma(stream: ParseStream<'_>) {
    while !stream.is_empty() && !stream.peek(Token![,]) {
        if stream.parse::<TokenTree>().is_err() {
            return;
        }
    }
}
