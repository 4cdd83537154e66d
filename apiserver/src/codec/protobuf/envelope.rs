//! What is around a message: four bytes, and which kind it is.

use serde_json::{Map, Value, json};

use super::message::{read, text};
use super::numbers::Numbers;
use super::place::Place;
use super::wire::{Content, Fields, Malformed};
use crate::schema::{Definitions, Node};

/// How a body starts.
const MAGIC: &[u8] = b"k8s\0";
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";

/// Returns the object in a body; nothing if it is of a kind that has no form in protobuf.
///
/// # Errors
/// What is wrong, in the words of the real server.
pub fn decode_protobuf(body: &[u8]) -> Result<Option<Value>, String> {
    let Some(envelope) = body.strip_prefix(MAGIC) else {
        return Err(
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
                .to_owned(),
        );
    };
    decode(envelope).map_err(|malformed| malformed.to_string())
}

fn decode(envelope: &[u8]) -> Result<Option<Value>, Malformed> {
    let (mut version, mut kind, mut message) = (String::new(), String::new(), &[][..]);
    for field in Fields::of(envelope) {
        match field? {
            (1, Content::Bytes(bytes)) => (version, kind) = kind_of(bytes)?,
            (2, Content::Bytes(bytes)) => message = bytes,
            _ => {}
        }
    }
    let definitions = Definitions::built_in();
    let Some(name) = definition(&version, &kind) else {
        return Ok(None);
    };
    let Some(schema) = definitions.get(&name) else {
        return Ok(None);
    };
    let mut object = Map::new();
    object.insert("apiVersion".to_owned(), json!(version));
    object.insert("kind".to_owned(), json!(kind));
    read(
        message,
        &name,
        Place::top(Node::new(schema, &definitions)),
        &mut object,
    )?;
    Ok(Some(Value::Object(object)))
}

fn kind_of(bytes: &[u8]) -> Result<(String, String), Malformed> {
    let (mut version, mut kind) = (String::new(), String::new());
    for field in Fields::of(bytes) {
        match field? {
            (1, Content::Bytes(bytes)) => version = text(bytes),
            (2, Content::Bytes(bytes)) => kind = text(bytes),
            _ => {}
        }
    }
    Ok((version, kind))
}

/// Returns the name of a kind's definition. Options of requests are kinds of every group.
fn definition(version: &str, kind: &str) -> Option<String> {
    let (group, version) = version.split_once('/').unwrap_or(("core", version));
    let group = group.split('.').next().unwrap_or_default();
    let package = match group {
        "apiextensions" => "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions".to_owned(),
        "apiregistration" => "io.k8s.kube-aggregator.pkg.apis.apiregistration".to_owned(),
        group => format!("io.k8s.api.{group}"),
    };
    let names = [format!("{package}.{version}.{kind}"), format!("{META}.{kind}")];
    names.into_iter().find(|name| Numbers::of(name).is_some())
}
