//! OpenAPI v3: an index, and a document per group and version.
//!
//! kubectl reads them to check fields before it sends, to explain kinds, and to merge lists by their keys. Documents
//! are put together from the definitions, their descriptions and the operations that follow from discovery, when they
//! are first asked for.

mod descriptions;
mod document;
mod expand;
mod operation;

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::{Map, Value, json};

pub use self::descriptions::description;
use crate::document::{Document, fingerprint};
use crate::registry::{Group, GroupVersion, KUBERNETES_VERSION, Kinds};

/// Built-in documents never change: one of each per process.
static BUILT_IN: LazyLock<Mutex<BTreeMap<String, Bytes>>> = LazyLock::new(Mutex::default);

/// How a document is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// The `hash` parameter.
    pub hash: Option<&'a str>,
    /// The `If-None-Match` header.
    pub known: Option<&'a str>,
}

/// Returns the document under `path`; nothing if `path` is none of OpenAPI v3 or nothing is served there.
#[must_use]
pub fn answer(kinds: &Kinds, path: &str, query: Query<'_>) -> Option<Document> {
    let path = path.strip_prefix("/openapi/v3")?.trim_matches('/');
    if path.is_empty() {
        return Some(index(kinds));
    }
    let (group, version) = find(kinds, path)?;
    let tag = hash(group, version);
    if query.hash.is_some_and(|hash| hash != tag) {
        let location = location(path, &tag);
        let moved = Document {
            code: 301,
            ..Document::new("application/json", "")
        };
        return Some(moved.with("location", location).with("vary", "Accept"));
    }
    let document = Document::new("application/json", body(group, version)).with("vary", "Accept");
    let document = if query.hash.is_some() {
        document.with("cache-control", "public, immutable")
    } else {
        document
    };
    Some(document.unless_known(&tag, query.known))
}

fn index(kinds: &Kinds) -> Document {
    let mut paths = Map::new();
    for group in kinds.groups() {
        for version in &group.versions {
            let path = path_of(&group.name, &version.version);
            let location = location(&path, &hash(group, version));
            paths.insert(path, json!({"serverRelativeURL": location}));
        }
    }
    Document::new("text/plain; charset=utf-8", json!({"paths": paths}).to_string())
}

fn path_of(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("api/{version}")
    } else {
        format!("apis/{group}/{version}")
    }
}

fn location(path: &str, hash: &str) -> String {
    format!("/openapi/v3/{path}?hash={hash}")
}

fn find<'k>(kinds: &'k Kinds, path: &str) -> Option<(&'k Group, &'k GroupVersion)> {
    let parts: Vec<&str> = path.split('/').collect();
    let (group, version) = match parts.as_slice() {
        ["api", version] => ("", *version),
        ["apis", group, version] => (*group, *version),
        _ => return None,
    };
    let group = kinds.group(group)?;
    Some((group, group.version(version)?))
}

/// Changes whenever the document does, without it having to be made.
fn hash(group: &Group, version: &GroupVersion) -> String {
    let mut text = format!(
        "{} {KUBERNETES_VERSION} {}/{}",
        env!("CARGO_PKG_VERSION"),
        group.name,
        version.version
    );
    for resource in version.resources.values().filter(|resource| resource.custom) {
        let source = resource.source.as_deref().unwrap_or(&Value::Null);
        text += &format!(
            "\n{} {} {:?} {:?} {} {source}",
            resource.plural, resource.kind, resource.scope, resource.scale, resource.has_status
        );
    }
    fingerprint(text.as_bytes())
}

fn body(group: &Group, version: &GroupVersion) -> Bytes {
    let build = || Bytes::from(document::build(group, version).to_string());
    if version.resources.values().any(|resource| resource.custom) {
        return build();
    }
    let mut made = BUILT_IN.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(path_of(&group.name, &version.version))
        .or_insert_with(build)
        .clone()
}

#[cfg(test)]
mod tests;
