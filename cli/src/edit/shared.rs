//! Types that two versions have in common: those with parameters, of which there is no one hub, and what stands in their
//! arguments, since a `Page<Port>` of two versions is one type only if their `Port` is.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{File, Ident, Item, Type, Visibility};

use crate::error::{Error, Result};

use super::version::Derive;

/// Names of types.
pub(super) type Names = BTreeSet<String>;

/// Returns the types of a file that another version takes over as they are.
pub(super) fn of(file: &File) -> Names {
    let local: Names = file
        .items
        .iter()
        .filter_map(written)
        .map(|written| written.name.to_string())
        .collect();
    let generic = file
        .items
        .iter()
        .filter_map(written)
        .filter(|written| written.is_generic);
    let mut shared: Names = generic.map(|written| written.name.to_string()).collect();
    let tokens = file.to_token_stream();
    loop {
        let mut more = Names::new();
        arguments(tokens.clone(), &shared, &mut more);
        more.retain(|name| local.contains(name) && !shared.contains(name));
        if more.is_empty() {
            return shared;
        }
        shared.extend(more);
    }
}

/// A type that is read and written.
struct Written<'a> {
    name: &'a Ident,
    is_generic: bool,
    visibility: &'a Visibility,
}

/// Returns the type an item is, if it is one that is read and written, and no kind.
fn written(item: &Item) -> Option<Written<'_>> {
    let (attributes, name, generics, visibility) = match item {
        Item::Struct(item) => (&item.attrs, &item.ident, &item.generics, &item.vis),
        Item::Enum(item) => (&item.attrs, &item.ident, &item.generics, &item.vis),
        _ => return None,
    };
    let is_kind = attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("kube"));
    Derive::read(attributes).filter(|_| !is_kind)?;
    Some(Written {
        name,
        is_generic: !generics.params.is_empty(),
        visibility,
    })
}

/// Finds what stands between the angle brackets behind some names.
fn arguments(tokens: TokenStream, of: &Names, found: &mut Names) {
    let (mut depth, mut after) = (0_usize, false);
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if depth > 0 => {
                found.insert(ident.to_string());
            }
            TokenTree::Ident(ident) => {
                after = of.contains(&ident.to_string());
                continue;
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                '<' if depth > 0 || after => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => {}
            },
            TokenTree::Group(group) if depth > 0 => {
                let all = group.stream().into_iter().filter_map(|token| match token {
                    TokenTree::Ident(ident) => Some(ident.to_string()),
                    _ => None,
                });
                found.extend(all);
            }
            TokenTree::Group(group) => arguments(group.stream(), of, found),
            TokenTree::Literal(_) => {}
        }
        after = false;
    }
}

/// Returns what becomes of the text of the shared types: they are taken from the other version, where their methods are.
///
/// # Errors
/// If one of them cannot be taken from there.
pub(super) fn edits(
    path: &str,
    text: &str,
    file: &File,
    shared: &Names,
    hub: &str,
) -> Result<Vec<(Range<usize>, String)>> {
    let mut edits = Vec::new();
    for item in &file.items {
        let at = item.span().byte_range();
        match item {
            Item::Impl(item) if is_one(&item.self_ty, shared) => {
                let rest = &text[at.end..];
                let blank = rest.len() - rest.trim_start_matches('\n').len();
                edits.push((at.start..at.end + blank, String::new()));
            }
            item => {
                let taken = |written: &Written<'_>| shared.contains(&written.name.to_string());
                let Some(Written { name, visibility, .. }) = written(item).filter(taken) else {
                    continue;
                };
                if matches!(visibility, Visibility::Inherited) {
                    return Err(private(path, name));
                }
                let visibility = &text[visibility.span().byte_range()];
                edits.push((at, format!("{WHY}\n{visibility} use {hub}::{name};")));
            }
        }
    }
    Ok(edits)
}

/// What stands above a type that is taken over.
const WHY: &str = "// The same in both versions, as a type with parameters has no one hub. To change it, write it out here, and say\n\
                   // with `#[spoke(with = module)]` how fields of it are converted.";

fn is_one(ty: &Type, shared: &Names) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|last| shared.contains(&last.ident.to_string()))
}

fn private(path: &str, name: &Ident) -> Error {
    let message = format!(
        "`{name}` is private, and both versions share it: it has parameters, or stands in the arguments of a type that has"
    );
    Error::project(message)
        .at(path, Some(name.span().start().line))
        .help("write `pub` before it and run the command again")
}
