//! From an answer to an HTTP response: form, encoding, headers.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::stream;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, VARY, WARNING,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use serde_json::Value;

use super::body::Body;
use crate::codec::{Accept, Encoding, Form, encode_yaml, partial_list, partial_object};
use crate::environment::Environment;
use crate::handler::{Answer, ListAnswer, Shown, Watch};
use crate::object::{Object, map_mut};
use crate::registry::Resource;
use crate::status::Error;
use crate::table::{self, Include};

/// A response of the server.
pub(super) type Reply = Response<Body>;

/// Smaller bodies are not worth compressing.
const COMPRESSED_FROM: usize = 128 * 1024;
/// How long the text of all warnings, and of each, may be.
const WARNINGS_TOTAL: usize = 4096;
const WARNING_LONGEST: usize = 256;

/// How an answer is to be written.
#[derive(Debug, Clone)]
pub(super) struct Style {
    pub(super) accept: Accept,
    /// Indented, for people.
    pub(super) pretty: bool,
    /// What rows of a table carry.
    pub(super) include: Include,
    /// Ages in tables are told by its clock.
    pub(super) environment: Environment,
}

impl Style {
    /// Returns how a table of this version is asked for.
    fn table<'a>(&self, version: &'a str) -> table::Request<'a> {
        table::Request {
            version,
            include: self.include,
            now: self.environment.now(),
        }
    }
}

/// Writes an answer.
pub(super) fn answer(answer: Answer, style: &Style) -> Reply {
    match answer {
        Answer::Object {
            code,
            object,
            resource,
        } => one(code, &object, &resource, style),
        Answer::Value { code, value } => encoded(code, &value, style),
        Answer::List(list) => collection(&list, style),
        Answer::Watch(watch) => stream_of(*watch, style.clone()),
    }
}

/// Writes an error.
pub(super) fn error(error: &Error, style: &Style) -> Reply {
    let mut response = if error.plain {
        let mut response = Response::new(Body::full(error.message.clone()));
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        *response.status_mut() = status(error.code);
        response
    } else {
        encoded(error.code, &error.to_status(), style)
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let seconds = error
        .details
        .as_ref()
        .and_then(|details| details.retry_after_seconds);
    if let Some(seconds) = seconds {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Compresses a large body.
pub(super) fn compress(response: &mut Reply) {
    let Some(bytes) = response
        .body()
        .bytes()
        .filter(|bytes| bytes.len() > COMPRESSED_FROM)
    else {
        return;
    };
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::fast());
    let compressed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    let compressed = compressed.expect("a vector takes all that is written");
    *response.body_mut() = Body::full(compressed);
    let headers = response.headers_mut();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
}

/// Adds the headers every answer has.
pub(super) fn finish(response: &mut Reply, audit_id: &str, warnings: &[String]) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(audit_id) {
        headers.insert(HeaderName::from_static("audit-id"), id);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache, private"));
    let mut room = WARNINGS_TOTAL;
    let mut seen: Vec<&String> = Vec::new();
    for warning in warnings {
        if seen.contains(&warning) {
            continue;
        }
        seen.push(warning);
        let text: String = warning.chars().take(WARNING_LONGEST.min(room)).collect();
        room -= text.chars().count();
        let value = format!("299 - \"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        if let (false, Ok(value)) = (text.is_empty(), HeaderValue::from_str(&value)) {
            headers.append(WARNING, value);
        }
    }
}

/// Writes a value as compact JSON.
pub(super) fn value(code: u16, value: &Value) -> Reply {
    bytes_of(code, Bytes::from(value.to_string()), Encoding::Json)
}

fn one(code: u16, object: &Object, resource: &Resource, style: &Style) -> Reply {
    match &style.accept.form {
        Form::Partial(version) => encoded(code, &partial_object(object.value(), version), style),
        Form::Table(version) => {
            let table = table::single(resource, object.value(), style.table(version));
            encoded(code, &table, style)
        }
        Form::Whole if is_compact(style) => bytes(code, object.bytes(), style),
        Form::Whole => encoded(code, object.value(), style),
    }
}

fn collection(list: &ListAnswer, style: &Style) -> Reply {
    let mut metadata = list.metadata();
    let values = list.objects.iter().map(|object| object.value());
    match &style.accept.form {
        Form::Partial(version) => {
            if list.continue_token.is_empty() {
                map_mut(&mut metadata).remove("continue");
            }
            encoded(200, &partial_list(values, &metadata, version), style)
        }
        Form::Table(version) => {
            let table = table::list(&list.resource, values, metadata, style.table(version));
            encoded(200, &table, style)
        }
        Form::Whole if is_compact(style) => bytes(200, joined(list, &metadata), style),
        Form::Whole => {
            let joined = joined(list, &metadata);
            let value = serde_json::from_slice(&joined).unwrap_or_default();
            encoded(200, &value, style)
        }
    }
}

/// Joins the bytes objects have been encoded to before.
fn joined(list: &ListAnswer, metadata: &Value) -> Bytes {
    let resource = &list.resource;
    let size: usize = list.objects.iter().map(|object| object.bytes().len() + 1).sum();
    let mut out = Vec::with_capacity(size + 256);
    let (kind, version) = (
        Value::from(resource.list_kind.as_str()),
        Value::from(resource.api_version()),
    );
    out.extend_from_slice(
        format!("{{\"kind\":{kind},\"apiVersion\":{version},\"metadata\":{metadata},\"items\":[").as_bytes(),
    );
    for (at, object) in list.objects.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if resource.custom {
            out.extend_from_slice(&object.bytes());
        } else {
            out.push(b'{');
            out.extend_from_slice(&object.item_bytes());
        }
    }
    out.extend_from_slice(b"]}");
    if !resource.custom {
        out.push(b'\n');
    }
    out.into()
}

fn stream_of(watch: Watch, style: Style) -> Reply {
    let kind = style.accept.content_type();
    let lines = stream::unfold((watch, style, true), |(mut watch, style, first)| async move {
        let shown = watch.next().await?;
        let line = line(&shown, &watch.resource, first, &style);
        Some((line, (watch, style, false)))
    });
    let mut response = Response::new(Body::stream(lines));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Writes one event; the first of a table names its columns.
fn line(shown: &Shown, resource: &Resource, first: bool, style: &Style) -> Bytes {
    if style.accept == Accept::JSON {
        return shown.line();
    }
    let (kind, object) = shown.parts();
    let object = match &style.accept.form {
        _ if kind == "ERROR" => object,
        Form::Whole => object,
        Form::Partial(version) => partial_object(&object, version),
        Form::Table(version) => table::event(resource, &object, first, style.table(version)),
    };
    let event = serde_json::json!({"type": kind, "object": object});
    match style.accept.encoding {
        Encoding::Yaml => encode_yaml(&event).into(),
        Encoding::Json => format!("{event}\n").into(),
    }
}

fn is_compact(style: &Style) -> bool {
    !style.pretty && style.accept.encoding == Encoding::Json
}

fn encoded(code: u16, value: &Value, style: &Style) -> Reply {
    let text = match style.accept.encoding {
        Encoding::Yaml => Ok(Bytes::from(encode_yaml(value))),
        Encoding::Json if style.pretty => serde_json::to_string_pretty(value)
            .map(|text| Bytes::from(text + "\n"))
            .map_err(Error::internal),
        Encoding::Json => Ok(Bytes::from(value.to_string())),
    };
    bytes(code, text.unwrap_or_default(), style)
}

fn bytes(code: u16, bytes: Bytes, style: &Style) -> Reply {
    bytes_of(code, bytes, style.accept.encoding)
}

fn bytes_of(code: u16, bytes: Bytes, encoding: Encoding) -> Reply {
    let mut response = Response::new(Body::full(bytes));
    *response.status_mut() = status(code);
    let kind = HeaderValue::from_static(encoding.content_type());
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
