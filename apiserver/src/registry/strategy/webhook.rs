//! How webhooks are called, in configurations and definitions alike.

use serde_json::{Value, json};

use super::name;
use super::rule::Rules;

const FORM: &str = "; desired format: https://host[/path]";

/// Checks how a webhook is called.
pub(crate) fn client(rules: &mut Rules, place: &str, client: &Value) {
    match (client["url"].as_str(), &client["service"]) {
        (Some(address), Value::Null) => url(rules, &format!("{place}.url"), address),
        (None, called @ Value::Object(_)) => service(rules, &format!("{place}.service"), called),
        _ => rules.required(place, "exactly one of url or service is required"),
    }
}

fn url(rules: &mut Rules, field: &str, url: &str) {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = rest.split_once(':').unwrap_or(("", rest));
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split('/').next());
    let (user, host) = authority
        .map(|authority| authority.rsplit_once('@').unwrap_or(("", authority)))
        .unwrap_or_default();
    if scheme != "https" {
        let detail = format!("'https' is the only allowed URL scheme{FORM}");
        rules.invalid(field, &json!(scheme), &detail);
    }
    if host.is_empty() {
        rules.invalid(field, &json!(""), &format!("host must be specified{FORM}"));
    }
    for (part, what) in [
        (user, "user information is"),
        (fragment, "fragments are"),
        (query, "query parameters are"),
    ] {
        if !part.is_empty() {
            rules.invalid(field, &json!(part), &format!("{what} not permitted in the URL"));
        }
    }
}

fn service(rules: &mut Rules, field: &str, service: &Value) {
    // The real server mixes the two up.
    for (part, told) in [("name", "namespace"), ("namespace", "name")] {
        if service[part].as_str().unwrap_or_default().is_empty() {
            rules.required(format!("{field}.{told}"), "");
        }
    }
    let port = &service["port"];
    if !port.is_null() && !port.as_i64().is_some_and(|port| (1..=65535).contains(&port)) {
        let detail = "port is not valid: must be between 1 and 65535, inclusive";
        rules.invalid(format!("{field}.port"), port, detail);
    }
    path(
        rules,
        &format!("{field}.path"),
        service["path"].as_str().unwrap_or_default(),
    );
}

fn path(rules: &mut Rules, field: &str, path: &str) {
    let mut wrong = |detail: &str| rules.invalid(field, &json!(path), detail);
    match path {
        "" | "/" => return,
        "//" => return wrong("segment[0] may not be empty"),
        _ if !path.starts_with('/') => wrong("must start with a '/'"),
        _ => {}
    }
    // Whatever the path starts with is left out.
    let rest = path.chars().next().map_or("", |first| &path[first.len_utf8()..]);
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    for (index, segment) in rest.split('/').enumerate() {
        if segment.is_empty() {
            wrong(&format!("segment[{index}] may not be empty"));
            continue;
        }
        for reason in name::subdomain(segment) {
            wrong(&format!("segment[{index}]: {reason}"));
        }
    }
}
