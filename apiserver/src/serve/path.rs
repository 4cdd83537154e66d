//! Paths outside the resources: health, version, keys of tokens, and what is served.

use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::body::Body;
use super::respond::{Reply, value};
use crate::core::Core;
use crate::registry::KUBERNETES_VERSION;
use crate::request::RequestInfo;
use crate::status::{Error, Result};

/// Answers a request for a path that is no resource.
pub(super) fn answer(core: &Core, info: &RequestInfo, query: &str, headers: &HeaderMap) -> Result<Reply> {
    if info.method != "get" && info.method != "head" {
        return Err(Error::page_not_found());
    }
    let path = info.path.trim_end_matches('/');
    let _ = (core, headers);
    match path {
        "/version" => Ok(value(200, &version())),
        "/healthz" | "/livez" | "/readyz" => Ok(health(&path[1..], query)),
        _ => match path
            .strip_prefix("/livez/")
            .or_else(|| path.strip_prefix("/readyz/"))
            .or_else(|| path.strip_prefix("/healthz/"))
        {
            Some(check) if CHECKS.contains(&check) => Ok(text(200, "ok")),
            _ => Err(Error::page_not_found()),
        },
    }
}

/// What health is made of; in one process each holds as soon as a request is answered.
const CHECKS: [&str; 3] = ["ping", "log", "etcd"];

fn health(name: &str, query: &str) -> Reply {
    if !query
        .split('&')
        .any(|pair| pair == "verbose" || pair.starts_with("verbose="))
    {
        return text(200, "ok");
    }
    let mut lines: String = CHECKS.iter().map(|check| format!("[+]{check} ok\n")).collect();
    lines += &format!("{name} check passed\n");
    text(200, &lines)
}

fn text(code: u16, text: &str) -> Reply {
    let mut response = http::Response::new(Body::full(text.to_owned()));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or_default();
    let kind = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn version() -> Value {
    let mut parts = KUBERNETES_VERSION.trim_start_matches('v').split('.');
    let mut part = || parts.next().unwrap_or_default();
    json!({
        "major": part(), "minor": part(), "gitVersion": KUBERNETES_VERSION, "gitCommit": "",
        "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "rustc",
        "platform": "embedded",
    })
}
