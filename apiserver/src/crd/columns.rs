//! Columns, subresources and selectable fields of the versions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::path;
use crate::cel::{Arrays, resolve};
use crate::registry::strategy::Rules;
use crate::schema::{Definitions, Node, Schema, Type};
use crate::status::FieldError;

/// Checks what the versions declare besides their schema.
pub(super) fn validate(rules: &mut Rules, crd: &Value) {
    for (index, version) in path::distinct(crd, "additionalPrinterColumns") {
        let place = path::of(crd, index, "additionalPrinterColumns", "additionalPrinterColumns");
        for (at, column) in list(&version["additionalPrinterColumns"]).iter().enumerate() {
            validate_column(rules, &format!("{place}[{at}]"), column);
        }
    }
    for (index, version) in path::distinct(crd, "subresources") {
        let scale = &version["subresources"]["scale"];
        if scale.is_object() {
            validate_scale(
                rules,
                &path::of(crd, index, "subresources", "subresources"),
                scale,
            );
        }
    }
    for (index, version) in path::distinct(crd, "selectableFields") {
        let place = path::of(crd, index, "selectableFields", "selectableFields");
        selectable_fields(rules, &place, version);
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

const TYPES: [&str; 5] = ["boolean", "date", "integer", "number", "string"];
const FORMATS: [&str; 8] = [
    "byte",
    "date",
    "date-time",
    "double",
    "float",
    "int32",
    "int64",
    "password",
];
const SIMPLE_PATH: &str = "must be a simple json path starting with .";

fn validate_column(rules: &mut Rules, place: &str, column: &Value) {
    let text = |field: &str| column[field].as_str().unwrap_or_default();
    if text("name").is_empty() {
        rules.required(format!("{place}.name"), "");
    }
    let types = format!("must be one of {}", TYPES.join(","));
    match text("type") {
        "" => rules.required(format!("{place}.type"), &types),
        kind if !TYPES.contains(&kind) => rules.invalid(format!("{place}.type"), &json!(kind), &types),
        _ => {}
    }
    match text("jsonPath") {
        "" => rules.required(format!("{place}.JSONPath"), ""),
        path if !path.starts_with('.') => {
            rules.invalid(format!("{place}.JSONPath"), &json!(path), SIMPLE_PATH);
        }
        _ => {}
    }
    let format = text("format");
    if !format.is_empty() && !FORMATS.contains(&format) {
        let detail = format!("must be one of {}", FORMATS.join(","));
        rules.invalid(format!("{place}.format"), &json!(format), &detail);
    }
}

fn validate_scale(rules: &mut Rules, place: &str, scale: &Value) {
    for (field, under) in [("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")] {
        let place = format!("{place}.scale.{field}");
        match scale[field].as_str().unwrap_or_default() {
            "" => rules.required(place, ""),
            text if !text.starts_with('.') => rules.invalid(place, &scale[field], SIMPLE_PATH),
            text if !text.starts_with(&format!("{under}.")) => {
                rules.invalid(
                    place,
                    &scale[field],
                    &format!("should be a json path under {under}"),
                );
            }
            _ => {}
        }
    }
    let place = format!("{place}.scale.labelSelectorPath");
    match scale["labelSelectorPath"].as_str().unwrap_or_default() {
        "" => {}
        text if !text.starts_with('.') => rules.invalid(place, &json!(text), SIMPLE_PATH),
        text if !text.starts_with(".spec.") && !text.starts_with(".status.") => {
            rules.invalid(
                place,
                &json!(text),
                "should be a json path under either .spec or .status",
            );
        }
        _ => {}
    }
}

/// Most selectable fields of a version.
const MOST_FIELDS: usize = 8;

fn selectable_fields(rules: &mut Rules, place: &str, version: &Value) {
    let fields = list(&version["selectableFields"]);
    let schema = Schema::parse(&version["schema"]["openAPIV3Schema"]);
    let mut seen = BTreeSet::new();
    for (index, field) in fields.iter().enumerate() {
        let place = format!("{place}[{index}].jsonPath");
        let text = field["jsonPath"].as_str().unwrap_or_default();
        if text.is_empty() {
            rules.required(&place, "");
        } else if let Err(detail) = selectable(&schema, text) {
            rules.invalid(&place, &json!(text), &detail);
        } else if !seen.insert(text) {
            rules.duplicate(&place, &json!(text));
        }
    }
    if seen.len() > MOST_FIELDS {
        rules.push(FieldError::too_many(place, seen.len(), MOST_FIELDS));
    }
}

fn selectable(schema: &Schema, path: &str) -> Result<(), String> {
    let definitions = Definitions::new();
    let found = resolve(Node::new(schema, &definitions), path, Arrays::Forbidden);
    let (name, field) = found.map_err(|why| format!("is an invalid path: {why}"))?;
    if name == "metadata" || name.starts_with("metadata.") {
        return Err("must not point to fields in metadata".to_owned());
    }
    match field.and_then(|field| field.schema().kind) {
        Some(Type::String | Type::Boolean | Type::Integer) => Ok(()),
        _ => Err(
            "must point to a field of type string, boolean or integer. Enum string fields and strings with \
                  formats are allowed."
                .to_owned(),
        ),
    }
}
