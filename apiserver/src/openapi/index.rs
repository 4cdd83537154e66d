//! Which documents there are, and whether a client has the right one.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Map, Value, json};

use super::descriptions;
use super::document;
use crate::document::{Document, fingerprint};
use crate::registry::{GroupVersion, KUBERNETES_VERSION, Kinds, Resource};
use crate::schema::Definitions;

const ROOT: &str = "/openapi/v3";

/// Fingerprint of all that built-in documents are made from.
static DATA: LazyLock<String> = LazyLock::new(|| {
    let made_by = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let parts = [
        made_by.as_bytes(),
        KUBERNETES_VERSION.as_bytes(),
        Definitions::BUILT_IN_DATA.as_bytes(),
        descriptions::PACKED,
    ];
    fingerprint(&parts.concat())
});

/// Built-in documents never change: each is made once per process.
static BUILT_IN: LazyLock<Mutex<BTreeMap<String, Arc<OnceLock<Bytes>>>>> = LazyLock::new(Mutex::default);

/// How a document is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<'a> {
    /// The `hash` parameter.
    pub hash: Option<&'a str>,
    /// The `If-None-Match` header.
    pub known: Option<&'a str>,
    /// The `Accept` header.
    pub accept: Option<&'a str>,
    /// The time, for `Expires`.
    pub now: Timestamp,
}

/// Returns the document under `path`; nothing if `path` is none of OpenAPI v3 or nothing is served there.
#[must_use]
pub fn answer(kinds: &Kinds, path: &str, query: Query<'_>) -> Option<Document> {
    let path = path.strip_prefix(ROOT)?;
    if path.trim_matches('/').is_empty() {
        return Some(index(kinds));
    }
    let path = path.strip_prefix('/')?.trim_end_matches('/');
    let (_, group, version) = versions(kinds).find(|(known, _, _)| known == path)?;
    Some(respond(path, group, version, query))
}

fn index(kinds: &Kinds) -> Document {
    let paths = versions(kinds).map(|(path, _, version)| {
        let location = location(&path, &hash(&path, version));
        (path, json!({"serverRelativeURL": location}))
    });
    let paths: BTreeMap<String, Value> = paths.collect();
    let index = json!({"paths": paths.into_iter().collect::<Map<_, _>>()});
    Document::new("text/plain; charset=utf-8", index.to_string())
}

fn respond(path: &str, group: &str, version: &GroupVersion, query: Query<'_>) -> Document {
    if !takes_json(query.accept) {
        let refused = Document {
            code: 406,
            ..Document::new("application/json", "")
        };
        return refused.with("vary", "Accept");
    }
    let tag = hash(path, version);
    let wanted = query.hash.filter(|hash| !hash.is_empty());
    if wanted.is_some_and(|hash| hash != tag) {
        let moved = Document {
            code: 301,
            ..Document::new("application/json", "")
        };
        return moved
            .with("location", location(path, &tag))
            .with("etag", format!("\"{tag}\""))
            .with("vary", "Accept");
    }
    let mut document = Document::new("application/json", Bytes::new()).with("vary", "Accept");
    if wanted.is_some() {
        // What a hash leads to never changes.
        document = document
            .with("cache-control", "public, immutable")
            .with("expires", in_a_year(query.now));
    }
    document = document.unless_known(&tag, query.known);
    if document.code == 200 {
        document.body = body(path, group, version);
    }
    document
}

/// Each group and version with its path below the root.
fn versions(kinds: &Kinds) -> impl Iterator<Item = (String, &str, &GroupVersion)> {
    kinds.groups().into_iter().flat_map(|group| {
        group.versions.iter().map(|version| {
            let path = if group.name.is_empty() {
                format!("api/{}", version.version)
            } else {
                format!("apis/{}/{}", group.name, version.version)
            };
            (path, group.name.as_str(), version)
        })
    })
}

fn location(path: &str, hash: &str) -> String {
    format!("{ROOT}/{path}?hash={hash}")
}

/// Changes whenever the document does, without it having to be made.
fn hash(path: &str, version: &GroupVersion) -> String {
    let custom = version.resources.values().filter(|resource| resource.custom);
    let custom: String = custom.map(|resource| shown(resource)).collect();
    fingerprint(format!("{} {path}\n{custom}", *DATA).as_bytes())
}

/// All a document shows of a custom kind.
fn shown(resource: &Resource) -> String {
    let below = resource.subresources.iter();
    let shown = json!([
        resource.plural,
        resource.kind,
        resource.list_kind,
        resource.is_namespaced(),
        resource.verbs,
        below.map(|one| one.name.as_str()).collect::<Vec<_>>(),
        resource.selectable_fields,
        resource.source.as_deref(),
    ]);
    format!("{shown}\n")
}

fn body(path: &str, group: &str, version: &GroupVersion) -> Bytes {
    let build = || Bytes::from(document::document(path, group, version).to_string());
    if version.resources.values().any(|resource| resource.custom) {
        return build();
    }
    let made = {
        let mut all = BUILT_IN.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(path.to_owned()).or_default())
    };
    made.get_or_init(build).clone()
}

fn takes_json(accept: Option<&str>) -> bool {
    let mut kinds = accept.unwrap_or_default().split(',').map(|clause| {
        let kind = clause.split(';').next();
        kind.unwrap_or_default().trim()
    });
    kinds.any(|kind| matches!(kind, "" | "*/*" | "application/*" | "application/json"))
}

fn in_a_year(now: Timestamp) -> String {
    let now = now.to_zoned(TimeZone::UTC);
    let then = now.checked_add(1.year()).unwrap_or(now);
    then.strftime("%a, %d %b %Y %H:%M:%S UTC").to_string()
}
