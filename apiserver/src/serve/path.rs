//! Paths outside the resources: what is served, its schemas, health, version, keys of tokens.

use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::about;
use super::body::Body;
use super::respond::{Reply, value};
use crate::core::Core;
use crate::document::Document;
use crate::registry::KUBERNETES_VERSION;
use crate::request::{Query, RequestInfo};
use crate::status::{Error, Result};
use crate::{discovery, openapi};

/// Answers a request for a path that is no resource.
pub(super) fn answer(core: &Core, info: &RequestInfo, query: &str, headers: &HeaderMap) -> Result<Reply> {
    if let Some(document) = document(core, info, query, headers) {
        return document.map(written);
    }
    if info.method != "get" && info.method != "head" {
        return Err(Error::page_not_found());
    }
    match info.path.trim_end_matches('/') {
        "/version" => Ok(value(200, &version())),
        "/openid/v1/jwks" => Ok(typed(
            "application/jwk-set+json",
            &core.authenticator.issuer().key_set(),
        )),
        "/.well-known/openid-configuration" => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            let url = format!("https://{}", host.unwrap_or("kubernetes.default.svc"));
            Ok(typed(
                "application/json",
                &core.authenticator.issuer().configuration(&url),
            ))
        }
        path => match about::answer(core, path, query, headers) {
            Some(answer) => answer,
            None => health(path, query).ok_or_else(Error::page_not_found),
        },
    }
}

/// Returns the document of discovery or OpenAPI under the path.
fn document(core: &Core, info: &RequestInfo, query: &str, headers: &HeaderMap) -> Option<Result<Document>> {
    if info.path.starts_with("//") {
        return None;
    }
    let kinds = core.registry.kinds();
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let known = text(&header::IF_NONE_MATCH);
    let discovery = discovery::Query {
        accept: text(&header::ACCEPT),
        known,
        address: text(&header::HOST).unwrap_or_default(),
    };
    let found = discovery::answer(&kinds, &info.path, discovery).or_else(|| {
        let query = Query::parse(query);
        let hash = query.first("hash");
        openapi::answer(&kinds, &info.path, openapi::Query { hash, known }).map(Ok)
    })?;
    Some(if info.method == "get" {
        found
    } else {
        Err(Error::method_not_allowed())
    })
}

fn written(document: Document) -> Reply {
    let mut response = http::Response::new(Body::full(document.body));
    *response.status_mut() = StatusCode::from_u16(document.code).unwrap_or_default();
    for (name, value) in document.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What health is made of; in one process each holds as soon as a request is answered.
const CHECKS: [&str; 3] = ["ping", "log", "etcd"];

fn health(path: &str, query: &str) -> Option<Reply> {
    let (name, check) = path
        .strip_prefix('/')?
        .split_once('/')
        .unwrap_or((&path[1..], ""));
    if !matches!(name, "healthz" | "livez" | "readyz") {
        return None;
    }
    if !check.is_empty() {
        return CHECKS.contains(&check).then(|| text("ok"));
    }
    if Query::parse(query).first("verbose").is_none() {
        return Some(text("ok"));
    }
    let mut lines: String = CHECKS.iter().map(|check| format!("[+]{check} ok\n")).collect();
    lines += &format!("{name} check passed\n");
    Some(text(&lines))
}

fn typed(kind: &'static str, body: &Value) -> Reply {
    let mut response = value(200, body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn text(text: &str) -> Reply {
    let mut response = http::Response::new(Body::full(text.to_owned()));
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn version() -> Value {
    let mut parts = KUBERNETES_VERSION.split('.');
    let mut part = || parts.next().unwrap_or_default();
    json!({
        "major": part(), "minor": part(), "gitVersion": format!("v{KUBERNETES_VERSION}"), "gitCommit": "",
        "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "rustc",
        "platform": "embedded",
    })
}
