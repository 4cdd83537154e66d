//! Objects as rows of a table: what kubectl prints.
//!
//! Columns of custom kinds come from their CRD; those of built-in kinds are data, with a function per kind that
//! fills the cells. Kinds nobody looks at have their name and the time of their creation.

mod age;
mod built_in;
mod cell;
mod columns;
mod path;

use std::borrow::Borrow;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub use self::age::age;
pub use self::columns::columns;
use crate::object::Meta as _;
use crate::registry::Resource;
use crate::status::{Error, Result};

/// What a row carries of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Include {
    /// Nothing.
    None,
    /// Its metadata.
    #[default]
    Metadata,
    /// All of it.
    Object,
}

impl Include {
    /// Returns what the `includeObject` parameter asks for.
    ///
    /// # Errors
    ///
    /// Fails if the text is none that is known.
    pub fn parse(text: Option<&str>) -> Result<Self> {
        match text.unwrap_or_default() {
            "" | "Metadata" => Ok(Self::Metadata),
            "None" => Ok(Self::None),
            "Object" => Ok(Self::Object),
            other => Err(Error::bad_request(format!(
                "Unable to convert to Table as requested: includeObject: Invalid value: {other:?}: must be 'Metadata', \
                 'Object', 'None', or empty"
            ))),
        }
    }
}

/// How a table is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Version of `meta.k8s.io`: `v1` or `v1beta1`.
    pub version: &'a str,
    /// What rows carry.
    pub include: Include,
    /// Ages are told from here.
    pub now: Timestamp,
}

/// Returns the table of a list; `metadata` is that of the list.
#[must_use]
pub fn list<O: Borrow<Value>>(
    resource: &Resource,
    objects: impl IntoIterator<Item = O>,
    mut metadata: Value,
    request: Request<'_>,
) -> Value {
    // Lists of custom kinds name an empty token, their tables do not.
    if let Some(fields) = metadata
        .as_object_mut()
        .filter(|fields| fields.get("continue") == Some(&json!("")))
    {
        fields.remove("continue");
    }
    let rows: Vec<Value> = objects
        .into_iter()
        .map(|object| row(resource, object.borrow(), request))
        .collect();
    table(Value::Array(columns(resource)), rows, metadata, request)
}

/// Returns the table of one object.
#[must_use]
pub fn single(resource: &Resource, object: &Value, request: Request<'_>) -> Value {
    let rows = vec![row(resource, object, request)];
    table(
        Value::Array(columns(resource)),
        rows,
        revision_of(object),
        request,
    )
}

/// Returns the table in an event of a watch; only the first of a stream names the columns.
#[must_use]
pub fn event(resource: &Resource, object: &Value, first: bool, request: Request<'_>) -> Value {
    let columns = if first {
        Value::Array(columns(resource))
    } else {
        Value::Null
    };
    table(
        columns,
        vec![row(resource, object, request)],
        revision_of(object),
        request,
    )
}

fn revision_of(object: &Value) -> Value {
    json!({"resourceVersion": object.resource_version()})
}

fn table(columns: Value, rows: Vec<Value>, metadata: Value, request: Request<'_>) -> Value {
    let fields = [
        ("kind", json!("Table")),
        ("apiVersion", json!(format!("meta.k8s.io/{}", request.version))),
        ("metadata", metadata),
        ("columnDefinitions", columns),
        ("rows", Value::Array(rows)),
    ];
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    Value::Object(fields.collect())
}

fn row(resource: &Resource, object: &Value, request: Request<'_>) -> Value {
    let carried = match request.include {
        Include::None => Value::Null,
        Include::Metadata => partial(object, request.version),
        Include::Object => object.clone(),
    };
    let mut row = Map::new();
    row.insert("cells".into(), Value::Array(cells(resource, object, request.now)));
    if resource.plural == "pods"
        && let Some(conditions) = built_in::pod_conditions(resource, object)
    {
        row.insert("conditions".into(), conditions);
    }
    row.insert("object".into(), carried);
    Value::Object(row)
}

fn partial(object: &Value, version: &str) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": format!("meta.k8s.io/{version}"),
        "metadata": object.get("metadata").cloned().unwrap_or_else(|| json!({})),
    })
}

fn cells(resource: &Resource, object: &Value, now: Timestamp) -> Vec<Value> {
    if resource.custom {
        return cell::custom(resource, object, now);
    }
    match built_in::cells(resource, object, now) {
        Some(cells) => cells,
        None => vec![json!(object.name()), json!(object.meta_str("creationTimestamp"))],
    }
}

#[cfg(test)]
mod tests;
