//! From the body of a create or update to an object of the kind the endpoint speaks.

use serde_json::{Value, json};

use super::call::{Call, Payload};
use crate::codec::{decode, is_json, is_yaml};
use crate::object::{Meta as _, metadata_mut};
use crate::registry::Resource;
use crate::request::FieldValidation;
use crate::schema::decode::{DecodeError, Decoded, custom, typed_json, typed_value};
use crate::status::{Error, FieldError, Result};

const OWNERS: &[u8] = b"\"managedFields\"";
/// How much of a body an error quotes.
const QUOTED: usize = 30;

/// Returns the object in the body, of the endpoint's kind and version, without what the kind does not know.
pub(super) fn object(call: &mut Call<'_>, validation: FieldValidation) -> Result<Value> {
    let payload = std::mem::replace(&mut call.request.payload, Payload::Value(Value::Null));
    let decoded = match payload {
        Payload::Value(value) => from_value(call, value, Vec::new()),
        Payload::Bytes(body) => from_bytes(call, &body),
    }?;
    match validation {
        FieldValidation::Ignore => {}
        FieldValidation::Warn => call.warnings.extend(decoded.strict),
        FieldValidation::Strict if decoded.strict.is_empty() => {}
        FieldValidation::Strict => {
            let why = format!("strict decoding error: {}", decoded.strict.join(", "));
            return Err(cannot_handle(call, &call.speaks.kind, &why));
        }
    }
    let mut value = decoded.value;
    value["kind"] = json!(call.speaks.kind);
    value["apiVersion"] = json!(call.speaks.api_version());
    Ok(value)
}

fn from_bytes(call: &Call<'_>, body: &[u8]) -> Result<Decoded> {
    let content_type = &call.request.content_type;
    if !is_json(content_type) && !is_yaml(content_type) {
        return Err(Error {
            details: None,
            ..Error::unsupported_media_type(
                "the body of the request was in an unknown format - accepted media types include: application/json, \
                 application/yaml, application/vnd.kubernetes.protobuf",
            )
        });
    }
    if let (false, false, Some(node)) = (call.speaks.custom, is_yaml(content_type), call.speaks.node())
        && let Ok(decoded) = typed_json(body, node)
        && decoded.value.is_object()
        && !(owners_sent(body) && owners(&decoded.value).is_none())
    {
        check_built_in_type(call, &decoded.value)?;
        return Ok(decoded);
    }
    // Slower, and with the complaint that comes first: syntax, then kind, then types.
    let unreadable = |why: String| {
        let why = format!("couldn't get version/kind; json parse error: {why}");
        unrecognized(call, &why, body)
    };
    let decoded = decode(content_type, body).map_err(unreadable)?;
    if !decoded.value.is_object() {
        let found = go_type(&decoded.value);
        return Err(unreadable(format!(
            "json: cannot unmarshal {found} into Go value of type struct {{ APIVersion string \
             \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
        )));
    }
    from_value(call, decoded.value, decoded.strict)
}

fn from_value(call: &Call<'_>, value: Value, duplicates: Vec<String>) -> Result<Decoded> {
    check_type(call, &value)?;
    as_kind(&call.speaks, value, duplicates).map_err(|why| cannot_handle(call, &call.speaks.kind, &why))
}

/// Returns a value as an object of the resource's kind: typed, and without what the kind does not know.
///
/// # Errors
/// The decoder's complaint about a value of the wrong type.
pub(super) fn as_kind(resource: &Resource, value: Value, duplicates: Vec<String>) -> Result<Decoded, String> {
    // An empty list of owners is more than none: it clears them. Decoders drop it.
    let cleared = owners(&value).is_some_and(|owners| owners.as_array().is_some_and(Vec::is_empty));
    let decoded = match resource.node() {
        _ if resource.custom => custom(value, duplicates, resource),
        None => Ok(Decoded {
            value,
            strict: duplicates,
        }),
        Some(node) => typed_value(&value, node).map(|mut decoded| {
            decoded.strict.extend(duplicates);
            decoded
        }),
    };
    let mut decoded = decoded.map_err(|error| match error {
        DecodeError::Syntax(text) | DecodeError::Type(text) => text,
    })?;
    if cleared {
        metadata_mut(&mut decoded.value).insert("managedFields".to_owned(), json!([]));
    }
    Ok(decoded)
}

fn owners(object: &Value) -> Option<&Value> {
    object.metadata()?.get("managedFields")
}

/// Returns whether a body may speak of owners, without reading it.
fn owners_sent(body: &[u8]) -> bool {
    body.windows(OWNERS.len()).any(|window| window == OWNERS)
}

fn check_type(call: &Call<'_>, value: &Value) -> Result<()> {
    if call.speaks.custom {
        check_custom_type(call, value)
    } else {
        check_built_in_type(call, value)
    }
}

/// Custom resources have to say what they are.
fn check_custom_type(call: &Call<'_>, value: &Value) -> Result<()> {
    for (field, name) in [("kind", "Kind"), ("apiVersion", "apiVersion")] {
        if value.get(field).and_then(Value::as_str).is_none_or(str::is_empty) {
            let body = value.to_string();
            let why = format!("Object '{name}' is missing in '{body}'");
            return Err(unrecognized(call, &why, body.as_bytes()));
        }
    }
    let (expected, found) = (call.speaks.api_version(), value.api_version());
    if found != expected {
        let message = format!(
            "the API version in the data ({found}) does not match the expected API version ({expected})"
        );
        return Err(Error::bad_request(message));
    }
    if value.kind() != call.speaks.kind {
        let detail = format!("must be {}", call.speaks.kind);
        let error = FieldError::invalid("kind", &json!(value.kind()), &detail);
        return Err(Error::invalid(
            &call.speaks.group,
            value.kind(),
            value.name(),
            &[error],
        ));
    }
    Ok(())
}

/// Built-in kinds may leave their type out; the URL says it.
fn check_built_in_type(call: &Call<'_>, value: &Value) -> Result<()> {
    let kind = if value.kind().is_empty() {
        &call.speaks.kind
    } else {
        value.kind()
    };
    built_in_type(call, value, kind).map_err(|why| cannot_handle(call, kind, &why))
}

/// Returns why a value of `kind` is none of the endpoint's kind.
fn built_in_type(call: &Call<'_>, value: &Value, kind: &str) -> Result<(), String> {
    let resource = &call.speaks;
    let version = value.api_version();
    if version.is_empty() || version == resource.api_version() {
        if kind == resource.kind {
            return Ok(());
        }
        let internal = if resource.group.is_empty() {
            "core"
        } else {
            &resource.group
        };
        let internal = internal.split('.').next().unwrap_or_default();
        let (version, ours) = (&resource.version, &resource.kind);
        let why = format!("converting ({version}.{kind}) to ({internal}.{ours}): unknown conversion");
        return Err(why);
    }
    let (group, short) = version.split_once('/').unwrap_or(("", version));
    let kinds = call.core.registry.kinds();
    if group == resource.group && kind == resource.kind && kinds.by_kind(group, short, kind).is_some() {
        return Ok(());
    }
    let scheme = "pkg/runtime/scheme.go:111";
    Err(format!(
        "no kind {kind:?} is registered for version {version:?} in scheme {scheme:?}"
    ))
}

/// Returns an object that a patch made as one of the endpoint's kind.
///
/// # Errors
/// What the decoder of the kind it names says of it, or that this is another kind.
pub(super) fn patched(call: &Call<'_>, value: Value) -> Result<Decoded, String> {
    let (kind, version) = (value.kind(), value.api_version());
    if call.speaks.custom {
        if (kind, version) != (call.speaks.kind.as_str(), call.speaks.api_version().as_str()) {
            return Err(format!("no kind {kind:?} is registered for version {version:?}"));
        }
        return as_kind(&call.speaks, value, Vec::new());
    }
    if !kind.is_empty() && kind != call.speaks.kind {
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        if let Some(other) = call.core.registry.kinds().by_kind(group, version, kind) {
            as_kind(other, value.clone(), Vec::new())?;
        }
    }
    if !kind.is_empty() {
        built_in_type(call, &value, kind)?;
    }
    as_kind(&call.speaks, value, Vec::new())
}

/// 400: the body was read but is not what this path takes.
pub(super) fn cannot_handle(call: &Call<'_>, kind: &str, why: &str) -> Error {
    let (version, ours) = (&call.speaks.version, &call.speaks.kind);
    Error::bad_request(format!(
        "{kind} in version {version:?} cannot be handled as a {ours}: {why}"
    ))
}

fn unrecognized(call: &Call<'_>, why: &str, body: &[u8]) -> Error {
    let kind = &call.speaks.kind;
    let quoted = quote(body);
    Error::bad_request(format!(
        "the object provided is unrecognized (must be of type {kind}): {why} ({quoted})"
    ))
}

fn quote(body: &[u8]) -> String {
    let shown = &body[..body.len().min(QUOTED)];
    let more = if body.len() > QUOTED { " ..." } else { "" };
    match body.first() {
        None => "<empty>".to_owned(),
        Some(b'{') => format!("{}{more}", String::from_utf8_lossy(shown)),
        Some(_) => {
            let hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
            hex + more
        }
    }
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
