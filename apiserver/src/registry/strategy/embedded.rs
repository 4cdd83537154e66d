//! Whole objects inside another: what they say of themselves is checked as that of the object itself is, but for names,
//! which nobody looks them up by.

use serde_json::Value;

use super::metadata;
use super::name;
use super::rule::Rules;
use crate::schema::decode::{DecodeError, typed_value};
use crate::schema::{Definitions, Node, Schema};
use crate::status::FieldError;

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// Returns what is wrong with the objects inside a value, in fields from there on.
///
/// That such an object has a type at all is for its schema to say.
pub(crate) fn validate(value: &Value, node: Node<'_>) -> Vec<FieldError> {
    let mut found = Vec::new();
    visit(value, node, "", &mut found);
    found
}

/// As [`validate`], of what is inside a whole object, which is checked by itself.
pub(super) fn validate_inside(value: &Value, node: Node<'_>) -> Vec<FieldError> {
    let mut found = Vec::new();
    parts(value, node, "", &mut found);
    found
}

fn visit(value: &Value, node: Node<'_>, path: &str, found: &mut Vec<FieldError>) {
    if node.schema().embedded_resource && value.is_object() {
        let mut rules = Rules::default();
        object(&mut rules, value);
        found.extend(rules.into_errors().into_iter().map(|error| FieldError {
            field: joined(path, &error.field),
            ..error
        }));
    }
    parts(value, node, path, found);
}

fn parts(value: &Value, node: Node<'_>, path: &str, found: &mut Vec<FieldError>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if let Some(node) = node.field(name) {
                    visit(field, node, &joined(path, name), found);
                }
            }
        }
        Value::Array(items) => {
            let node = node.items();
            for (index, item) in items.iter().enumerate() {
                if let Some(node) = node {
                    visit(item, node, &format!("{path}[{index}]"), found);
                }
            }
        }
        _ => {}
    }
}

fn joined(path: &str, field: &str) -> String {
    match path {
        "" => field.to_owned(),
        path => format!("{path}.{field}"),
    }
}

fn object(rules: &mut Rules, value: &Value) {
    let text = |field: &str| value[field].as_str().unwrap_or_default();
    let version = text("apiVersion");
    if version.split('/').count() > 2 {
        let detail = format!("unexpected GroupVersion string: {version}");
        rules.invalid("apiVersion", &version.into(), &detail);
    }
    let kind = text("kind");
    if !kind.is_empty() {
        let reasons = name::label_1035(&kind.to_lowercase());
        let told = format!(
            "may have mixed case, but should otherwise match: {}",
            reasons.join(",")
        );
        rules.reasons("kind", kind, (!reasons.is_empty()).then_some(told));
    }
    let Some(said) = value.get("metadata") else { return };
    let (schema, definitions) = (Schema::reference(OBJECT_META), Definitions::built_in());
    match typed_value(said, Node::new(&schema, &definitions)) {
        Ok(_) => metadata::validate_embedded(rules, value),
        Err(DecodeError::Type(why) | DecodeError::Syntax(why)) => rules.invalid("metadata", said, &why),
    }
}
