//! Defaults in schemas: each must be legal by the schema it stands in.

use serde_json::{Value, json};

use crate::cel;
use crate::registry::strategy::{Rules, embedded};
use crate::schema::{self, Definitions, Node, Schema};
use crate::status::FieldError;

/// Checks every default of a schema and of those inside it.
pub(super) fn validate(rules: &mut Rules, place: &str, schema: &Value) {
    if !schema["default"].is_null() {
        check(rules, &format!("{place}.default"), schema);
    }
    for (name, child) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{place}.properties[{name}]");
        if name == "metadata" && schema["x-kubernetes-embedded-resource"] == true {
            metadata(rules, &place, child, &mut vec![name]);
        } else {
            validate(rules, &place, child);
        }
    }
    if schema["items"].is_object() {
        validate(rules, &format!("{place}.items"), &schema["items"]);
    }
}

/// Checks the defaults of the metadata of an embedded resource: each makes it what it has to be.
fn metadata<'s>(rules: &mut Rules, place: &str, schema: &'s Value, way: &mut Vec<&'s String>) {
    let default = &schema["default"];
    if !default.is_null() {
        let wrapped = way
            .iter()
            .rev()
            .fold(default.clone(), |value, name| json!({(*name): value}));
        let whole = Schema::parse(&json!({"type": "object", "x-kubernetes-embedded-resource": true}));
        let wrong = embedded::validate(&wrapped, Node::new(&whole, &Definitions::new()));
        let told: Vec<String> = wrong
            .iter()
            .map(|error| format!("{}: {}", error.field, error.message))
            .collect();
        let told = match told.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("[{}]", several.join(", "))),
        };
        if let Some(told) = told {
            let detail = format!("must result in valid metadata: {told}");
            rules.invalid(format!("{place}.default"), default, &detail);
        }
    }
    for (name, child) in schema["properties"].as_object().into_iter().flatten() {
        way.push(name);
        metadata(rules, &format!("{place}.properties[{name}]"), child, way);
        way.pop();
    }
}

fn check(rules: &mut Rules, place: &str, schema: &Value) {
    let mut schema = schema.clone();
    any_type(&mut schema);
    let mut parsed = Schema::parse(&schema);
    // The whole object is a resource.
    parsed.embedded_resource |= place.ends_with("openAPIV3Schema.default");
    let definitions = Definitions::new();
    let node = Node::new(&parsed, &definitions);
    let value = &schema["default"];
    if !schema::prune_value(&mut value.clone(), node).is_empty() {
        return rules.invalid(place, value, "must not have unknown fields");
    }
    let wrong = embedded::validate(value, node);
    if !wrong.is_empty() {
        return rules.extend(wrong.into_iter().map(|error| below(place, error)));
    }
    let errors = schema::validate(value, node, None, "").into_iter();
    // Whether the items of a list differ is not looked at.
    let errors = errors.filter(|error| error.reason != "FieldValueDuplicate");
    let errors: Vec<FieldError> = errors.map(|error| at(place, error)).collect();
    if errors.is_empty() {
        rules.extend(broken(node, value).into_iter().map(|error| below(place, error)));
    }
    rules.extend(errors);
}

/// The real server looks at defaults of integers or strings as at values of any type.
fn any_type(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("x-kubernetes-int-or-string");
            fields
                .iter_mut()
                .filter(|(name, _)| *name != "default")
                .for_each(|(_, value)| any_type(value));
        }
        Value::Array(items) => items.iter_mut().for_each(any_type),
        _ => {}
    }
}

/// Rules a default breaks: as one that was always there, and as one that is new.
fn broken(node: Node<'_>, value: &Value) -> Vec<FieldError> {
    let told = cel::told(value, node, Some(value));
    match told.is_empty() {
        true => cel::told(value, node, None),
        false => told,
    }
}

/// An error of a schema, which the real server tells of a path that begins with a dot.
fn at(place: &str, mut error: FieldError) -> FieldError {
    let field = error.field.clone();
    if !field.is_empty() && !field.starts_with('[') && field != "<nil>" {
        error.message = error
            .message
            .replacen(&format!("{field} in body"), &format!(".{field} in body"), 1);
    }
    error.field = match field.as_str() {
        "<nil>" => field,
        "" => place.to_owned(),
        _ => format!("{place}.{field}"),
    };
    error
}

/// An error of a rule.
fn below(place: &str, mut error: FieldError) -> FieldError {
    error.field = match error.field.as_str() {
        "<nil>" => place.to_owned(),
        index if index.starts_with('[') => format!("{place}{index}"),
        field => format!("{place}.{field}"),
    };
    error
}
