//! Which groups, versions and resources there are, as clients ask for it under `/api` and `/apis`.
//!
//! Two forms: the old one, a document per group and version, and the aggregated one, everything at once, which
//! kubectl and newer clients prefer. Both are made from a snapshot of the registry.

mod aggregated;
mod legacy;

use crate::document::Document;
use crate::registry::Kinds;
use crate::status::{Error, Result};

/// Who asks, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// The `Accept` header.
    pub accept: Option<&'a str>,
    /// The `If-None-Match` header.
    pub known: Option<&'a str>,
    /// Address and port the server is reached at.
    pub address: &'a str,
}

/// Returns the document under `path`; nothing if `path` is none of discovery.
///
/// # Errors
///
/// Fails if no such group or version is served.
pub fn answer(kinds: &Kinds, path: &str, query: Query<'_>) -> Option<Result<Document>> {
    let path = path.strip_prefix('/')?;
    let mut parts = path.strip_suffix('/').unwrap_or(path).split('/');
    let root = parts.next()?;
    let (group, version, rest) = match root {
        "api" => (Some(""), parts.next(), parts.next()),
        "apis" => (parts.next(), parts.next(), parts.next()),
        _ => return None,
    };
    match (root, group, version, rest) {
        ("api", _, None, _) | ("apis", None, ..) => Some(Ok(overview(kinds, root, query))),
        (_, Some(group), None, _) => Some(legacy::group(kinds, group)),
        (_, Some(group), Some(version), None) => Some(legacy::resources(kinds, group, version)),
        _ => None,
    }
}

fn overview(kinds: &Kinds, root: &str, query: Query<'_>) -> Document {
    let version = query.accept.and_then(aggregated::wanted);
    match (version, root) {
        (Some(version), _) => aggregated::document(kinds, root, version, query.known),
        (None, "api") => legacy::core(query.address),
        (None, _) => legacy::groups(kinds),
    }
}

/// What is answered where nothing is served: of a built-in group, a status; else a bare page.
fn missing(kinds: &Kinds, group: &str) -> Error {
    let custom = |group: &crate::registry::Group| {
        let mut resources = group
            .versions
            .iter()
            .flat_map(|version| version.resources.values());
        resources.any(|resource| resource.custom)
    };
    match kinds.group(group) {
        Some(found) if !custom(found) => Error::resource_not_found(),
        _ => Error::page_not_found(),
    }
}

#[cfg(test)]
mod tests;
