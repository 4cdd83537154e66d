//! Types that JSON writes in a form of their own.

use serde_json::{Map, Value, json};

use super::message::{read, text};
use super::place::Place;
use super::wire::{Content, Fields, Malformed};

/// Reads a message of such a type.
pub(super) type Read = fn(&[u8], Place<'_>) -> Result<Value, Malformed>;

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const API: &str = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

/// Returns how a definition is read, if it has a form of its own.
pub(super) fn special(definition: &str) -> Option<Read> {
    if let Some(name) = definition.strip_prefix(META) {
        return match name {
            "Time" => Some(|bytes, _| time(bytes, "%Y-%m-%dT%H:%M:%SZ")),
            "MicroTime" => Some(|bytes, _| time(bytes, "%Y-%m-%dT%H:%M:%S.%6fZ")),
            "FieldsV1" => Some(|bytes, _| json_of(bytes)),
            _ => None,
        };
    }
    if let Some(name) = definition.strip_prefix(API) {
        return match name {
            "JSON" => Some(|bytes, _| json_of(bytes)),
            "JSONSchemaPropsOrArray" => Some(|bytes, place| either(bytes, place, Other::Schemas)),
            "JSONSchemaPropsOrBool" => Some(|bytes, place| either(bytes, place, Other::Allows)),
            "JSONSchemaPropsOrStringArray" => Some(|bytes, place| either(bytes, place, Other::Names)),
            _ => None,
        };
    }
    match definition {
        "io.k8s.apimachinery.pkg.api.resource.Quantity" => Some(|bytes, _| quantity(bytes)),
        "io.k8s.apimachinery.pkg.runtime.RawExtension" => Some(|bytes, _| json_of(bytes)),
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString" => Some(|bytes, _| int_or_string(bytes)),
        _ => None,
    }
}

/// Seconds and nanoseconds; none at all is no time.
fn time(bytes: &[u8], format: &str) -> Result<Value, Malformed> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let (mut seconds, mut nanoseconds) = (0, 0);
    for field in Fields::of(bytes) {
        match field? {
            (1, Content::Number(number)) => seconds = number.cast_signed(),
            (2, Content::Number(number)) => nanoseconds = i32::try_from(number).map_err(|_| Malformed)?,
            _ => {}
        }
    }
    let time = jiff::Timestamp::new(seconds, nanoseconds).map_err(|_| Malformed)?;
    Ok(json!(time.strftime(format).to_string()))
}

fn quantity(bytes: &[u8]) -> Result<Value, Malformed> {
    let mut quantity = "0".to_owned();
    for field in Fields::of(bytes) {
        if let (1, Content::Bytes(bytes)) = field? {
            quantity = text(bytes);
        }
    }
    Ok(json!(quantity))
}

/// Which it is comes first: 0 is a number, 1 a text.
fn int_or_string(bytes: &[u8]) -> Result<Value, Malformed> {
    let (mut is_text, mut number, mut words) = (false, 0, String::new());
    for field in Fields::of(bytes) {
        match field? {
            (1, Content::Number(kind)) => is_text = kind == 1,
            (2, Content::Number(its)) => number = its.cast_signed(),
            (3, Content::Bytes(bytes)) => words = text(bytes),
            _ => {}
        }
    }
    Ok(if is_text { json!(words) } else { json!(number) })
}

/// The first field holds JSON as text.
fn json_of(bytes: &[u8]) -> Result<Value, Malformed> {
    let mut found = Value::Null;
    for field in Fields::of(bytes) {
        if let (1, Content::Bytes(bytes)) = field? {
            found = serde_json::from_slice(bytes).map_err(|_| Malformed)?;
        }
    }
    Ok(found)
}

/// What may stand in place of a schema.
#[derive(Clone, Copy, PartialEq)]
enum Other {
    Schemas,
    Allows,
    Names,
}

/// A schema, or something else.
fn either(bytes: &[u8], place: Place<'_>, other: Other) -> Result<Value, Malformed> {
    // The definition says nothing of what is in it.
    let name = format!("{API}JSONSchemaProps");
    let schema = |bytes: &[u8]| {
        let place = place.as_definition(&name)?.ok_or(Malformed)?;
        let mut object = Map::new();
        read(bytes, &name, place, &mut object)?;
        Ok(Value::Object(object))
    };
    let schema_number = if other == Other::Allows { 2 } else { 1 };
    let (mut found, mut list) = (json!(false), Vec::new());
    for field in Fields::of(bytes) {
        match (field?, other) {
            ((number, Content::Bytes(bytes)), _) if number == schema_number => return schema(bytes),
            ((1, Content::Number(allows)), Other::Allows) => found = json!(allows != 0),
            ((2, Content::Bytes(bytes)), Other::Schemas) => list.push(schema(bytes)?),
            ((2, Content::Bytes(bytes)), Other::Names) => list.push(json!(text(bytes))),
            _ => {}
        }
    }
    if other != Other::Allows {
        found = Value::Array(list);
    }
    Ok(found)
}
