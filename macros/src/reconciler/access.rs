//! Who may do what: the declared kinds, merged to one entry per kind and subresource.

use std::collections::BTreeSet;

use syn::ext::IdentExt;
use syn::{Ident, Type, parse_quote};

use super::attribute::{Declaration, Followed};
use super::vocabulary::{FOR, FOR_FINALIZERS, FOR_STATUS, OWNS, WATCHES};

/// Every verb permitted on one kind, or on one subresource of it.
pub(super) struct Access {
    pub(super) kind: Type,
    pub(super) subresource: Option<String>,
    pub(super) verbs: BTreeSet<String>,
}

/// Returns what a declaration permits, each kind once, in the order they are declared.
///
/// Kinds are told apart by how they are written; two spellings of one kind become a conflict the compiler reports
/// at both.
pub(super) fn of(declaration: &Declaration) -> Vec<Access> {
    let mut all = Vec::new();
    let object = &declaration.object;
    add(&mut all, object, None, FOR);
    add(&mut all, object, Some("status"), FOR_STATUS);
    add(&mut all, object, Some("finalizers"), FOR_FINALIZERS);
    for owned in &declaration.owns {
        add(&mut all, &owned.kind, None, OWNS);
        add_metadata(&mut all, declaration, owned);
    }
    for watch in &declaration.watches {
        add(&mut all, &watch.followed.kind, None, WATCHES);
        add_metadata(&mut all, declaration, &watch.followed);
    }
    for permit in &declaration.permits {
        let subresource = permit.subresource.as_ref().map(unraw);
        let verbs: Vec<String> = permit.verbs.iter().map(unraw).collect();
        add(&mut all, &permit.kind, subresource.as_deref(), &verbs);
    }
    all
}

/// Lets the metadata be read where it is what the cache holds.
fn add_metadata(all: &mut Vec<Access>, declaration: &Declaration, followed: &Followed) {
    if followed.metadata_only {
        let Declaration { krate, .. } = declaration;
        let kind = &followed.kind;
        add(all, &parse_quote!(#krate::cache::Metadata<#kind>), None, WATCHES);
    }
}

fn add(all: &mut Vec<Access>, kind: &Type, subresource: Option<&str>, verbs: &[impl AsRef<str>]) {
    let verbs = verbs.iter().map(|verb| verb.as_ref().to_owned());
    let known = all
        .iter_mut()
        .find(|access| access.kind == *kind && access.subresource.as_deref() == subresource);
    match known {
        Some(access) => access.verbs.extend(verbs),
        None => all.push(Access {
            kind: kind.clone(),
            subresource: subresource.map(str::to_owned),
            verbs: verbs.collect(),
        }),
    }
}

fn unraw(ident: &Ident) -> String {
    ident.unraw().to_string()
}
