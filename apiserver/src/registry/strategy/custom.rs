//! Rules of custom kinds: those of their schema.

use serde_json::{Value, json};

use super::embedded;
use super::metadata::finalizer_warnings;
use super::rule::Rules;
use crate::cel;
use crate::object::Meta as _;
use crate::registry::Resource;
use crate::schema;
use crate::status::FieldError;

/// Fills in the schema's defaults.
pub(super) fn default(resource: &Resource, value: &mut Value) {
    if let Some(node) = resource.node() {
        schema::default(value, node);
    }
}

/// Checks the object against its schema; on `/status`, only the status.
pub(super) fn validate(
    rules: &mut Rules,
    resource: &Resource,
    new: &Value,
    old: Option<&Value>,
    subresource: &str,
) {
    scale(rules, resource, new);
    let Some(node) = resource.node() else { return };
    let errors = if subresource == "status" {
        let Some(field) = node.property("status") else {
            return;
        };
        let status = new.get("status").unwrap_or(&Value::Null);
        if status.is_null() {
            return;
        }
        let errors = schema::validate(status, field, old.and_then(|old| old.get("status")), "");
        errors.into_iter().map(under_status).collect()
    } else {
        let mut errors = schema::validate(new, node, old, "");
        errors.extend(embedded::validate_inside(new, node));
        errors
    };
    let blocked = !errors.is_empty() && schema::has_rules(node);
    rules.extend(errors);
    if blocked {
        rules.invalid("<nil>", &Value::Null, schema::UNCHECKED_RULES);
    }
    if rules.is_empty() {
        rules.extend(cel::validate(new, node, old));
    }
}

/// The status is checked as a value of its own: its texts name fields from there, its causes from the object.
fn under_status(mut error: FieldError) -> FieldError {
    error.field = match error.field.as_str() {
        "<nil>" => error.field,
        "" => "status".to_owned(),
        index if index.starts_with('[') => format!("status{index}"),
        field => format!("status.{field}"),
    };
    error
}

/// What scales must have a number of replicas that is one.
fn scale(rules: &mut Rules, resource: &Resource, value: &Value) {
    let Some(scale) = &resource.scale else { return };
    let path = &scale.spec_replicas;
    let mut place = value;
    for name in path.split('.').filter(|name| !name.is_empty()) {
        match place {
            Value::Object(fields) => match fields.get(name) {
                Some(next) => place = next,
                None => return,
            },
            other => {
                let text = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                let kind = go_kind(other);
                let detail = format!(
                    "{path} accessor error: {text} is of the type {kind}, expected map[string]interface{{}}"
                );
                return rules.invalid(path, &json!(0), &detail);
            }
        }
    }
    match place.as_i64() {
        Some(number) if number < 0 => rules.invalid(path, &json!(number), "should be a non-negative integer"),
        Some(number) if number > i64::from(i32::MAX) => {
            rules.invalid(path, &json!(number), "should be less than or equal to 2147483647");
        }
        _ => {}
    }
}

fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// Returns what the client should be warned of.
pub(super) fn warnings(resource: &Resource, value: &Value, old: Option<&Value>) -> Vec<String> {
    let mut warnings = Vec::new();
    if old.is_none_or(|old| old.finalizers() != value.finalizers()) {
        warnings = finalizer_warnings(value, old);
    }
    if let (Some(node), Some(old)) = (resource.node(), old) {
        let broken = cel::let_pass(value, node, old);
        warnings.extend(broken.iter().map(ToString::to_string));
    }
    warnings
}
