//! Paths outside the resources: health, version, keys of tokens, and what is served.

use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::about;
use super::body::Body;
use super::respond::{Reply, value};
use crate::core::Core;
use crate::registry::KUBERNETES_VERSION;
use crate::request::{Query, RequestInfo};
use crate::status::{Error, Result};

/// Answers a request for a path that is no resource.
pub(super) fn answer(core: &Core, info: &RequestInfo, query: &str, headers: &HeaderMap) -> Result<Reply> {
    let doubled = info.path.starts_with("//");
    if doubled || (info.method != "get" && info.method != "head") {
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
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}

fn text(text: &str) -> Reply {
    let mut response = http::Response::new(Body::full(text.to_owned()));
    let kind = header::HeaderValue::from_static("text/plain; charset=utf-8");
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
