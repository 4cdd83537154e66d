//! Checks a value against a CRD's schema, in the words of the real server.
//!
//! The real server lists the mistakes of one object in the order of a hash map; here they are sorted by field.

mod combination;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Additional, ListType, Node, Schema, Type, format};
use crate::status::FieldError;

/// What the last cause says if an object's schema has rules that were not run because of other mistakes.
pub const UNCHECKED_RULES: &str = "some validation rules were not checked because the object was invalid; \
                                   correct the existing errors to complete validation";

/// Returns what is wrong with `value`, sorted by field.
///
/// `prefix` is the path of `value` in its object: empty for a whole one. Given the `old` value of an update, mistakes
/// in values that did not change are let pass.
#[must_use]
pub fn validate(value: &Value, node: Node<'_>, old: Option<&Value>, prefix: &str) -> Vec<FieldError> {
    let mut pass = Pass { errors: Vec::new() };
    pass.value(value, node, old, prefix);
    let mut errors = pass.errors;
    errors.sort_by(|a, b| (&a.field, &a.message).cmp(&(&b.field, &b.message)));
    errors
}

/// Returns whether the schema has validation rules at any depth.
#[must_use]
pub fn has_rules(node: Node<'_>) -> bool {
    fn rules(schema: &Schema) -> bool {
        let values = match &schema.additional {
            Additional::Schema(values) => Some(values.as_ref()),
            _ => None,
        };
        let children = schema
            .properties
            .values()
            .chain(schema.items.as_deref())
            .chain(values);
        !schema.validations.is_empty() || children.into_iter().any(rules)
    }
    rules(node.schema())
}

struct Pass {
    errors: Vec<FieldError>,
}

impl Pass {
    fn value(&mut self, value: &Value, node: Node<'_>, old: Option<&Value>, path: &str) {
        if old == Some(value) || (value.is_null() && node.schema().nullable) {
            return;
        }
        let schema = node.schema();
        let fits = self.kind(value, schema, path);
        self.enumeration(value, schema, path);
        if fits {
            self.format(value, schema, path);
            match value {
                Value::Number(_) => self.number(value, schema, path),
                Value::String(text) => self.string(text, schema, path),
                Value::Array(items) => self.list(items, node, old.and_then(Value::as_array), path),
                Value::Object(map) => self.object(map, node, old.and_then(Value::as_object), path),
                _ => {}
            }
        } else if let Value::Array(items) = value {
            self.unique(items, node, path);
        }
        self.combinations(value, node, old, path);
    }

    fn kind(&mut self, value: &Value, schema: &Schema, path: &str) -> bool {
        let expected = match (schema.kind, schema.int_or_string) {
            (None, false) => return true,
            (_, true) if is(value, Type::Integer) || value.is_string() => return true,
            (_, true) => "integer,string",
            (Some(kind), false) if is(value, kind) => return true,
            // The real server looks at the format of a text, and lets lists pass by.
            (Some(Type::String), false) if value.is_array() && format::is_of_texts(schema) => return true,
            (Some(kind), false) => kind.as_str(),
        };
        match schema.format.as_deref() {
            // Where a format is given, it is what the value is measured by.
            Some(format) if !value.is_string() && !value.is_array() => {
                self.wrong_type(path, format, format_name(value));
                if expected == "integer" && value.is_number() {
                    self.out_of_format("integer", format, path);
                }
            }
            _ => self.wrong_type(path, expected, type_name(value)),
        }
        false
    }

    fn wrong_type(&mut self, path: &str, expected: &str, found: &str) {
        let detail = format!("{path} in body must be of type {expected}: {found:?}");
        self.errors
            .push(FieldError::type_invalid(path, &json!(found), &detail));
    }

    fn out_of_format(&mut self, kind: &str, format: &str, path: &str) {
        self.nameless(&format!(
            "Checked value must be of type {kind} with format {format} in {path}"
        ));
    }

    /// Some mistakes have no field in the real server's answer.
    fn nameless(&mut self, detail: &str) {
        self.errors.push(FieldError::invalid("<nil>", &json!(""), detail));
    }

    fn invalid(&mut self, path: &str, value: &Value, rule: &str) {
        self.errors.push(FieldError::invalid(
            path,
            value,
            &format!("{path} in body {rule}"),
        ));
    }

    fn enumeration(&mut self, value: &Value, schema: &Schema, path: &str) {
        if schema.enumeration.is_empty() || schema.enumeration.iter().any(|one| equal(one, value)) {
            return;
        }
        let texts: Vec<String> = schema.enumeration.iter().map(plain).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.errors.push(FieldError::not_supported(path, value, &texts));
    }

    fn format(&mut self, value: &Value, schema: &Schema, path: &str) {
        let Some(format) = schema.format.as_deref() else {
            return;
        };
        match value {
            Value::String(text) if !format::holds(format, text) => {
                let detail = format!("{path} in body must be of type {format}: {text:?}");
                self.errors.push(FieldError::type_invalid(path, value, &detail));
            }
            Value::Number(_) if !format::number_holds(format, value) => {
                let kind = schema.kind.map_or("number", Type::as_str);
                self.out_of_format(kind, format, path);
            }
            _ => {}
        }
    }

    fn number(&mut self, value: &Value, schema: &Schema, path: &str) {
        let number = value.as_f64().unwrap_or_default();
        if let Some(bound) = schema.minimum
            && (number < bound.value || bound.exclusive && number <= bound.value)
        {
            let rule = if bound.exclusive {
                "greater than"
            } else {
                "greater than or equal to"
            };
            self.invalid(path, value, &format!("should be {rule} {}", bound.value));
        }
        if let Some(bound) = schema.maximum
            && (number > bound.value || bound.exclusive && number >= bound.value)
        {
            let rule = if bound.exclusive {
                "less than"
            } else {
                "less than or equal to"
            };
            self.invalid(path, value, &format!("should be {rule} {}", bound.value));
        }
        if let Some(factor) = schema.multiple_of.filter(|factor| *factor > 0.0) {
            let times = number / factor;
            if (times - times.round()).abs() > 1e-9 {
                self.invalid(path, value, &format!("should be a multiple of {factor}"));
            }
        }
    }

    /// Of the rules of a string, the first that is broken is told.
    fn string(&mut self, text: &str, schema: &Schema, path: &str) {
        let length = text.chars().count() as u64;
        let pattern = schema.pattern.as_ref().filter(|pattern| !pattern.is_match(text));
        if let Some(limit) = schema.max_length.filter(|limit| length > *limit) {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            self.errors.push(FieldError::too_long(path, limit));
        } else if let Some(limit) = schema.min_length.filter(|limit| length < *limit) {
            let rule = format!("should be at least {limit} chars long");
            self.invalid(path, &json!(text), &rule);
        } else if let Some(pattern) = pattern {
            self.invalid(
                path,
                &json!(text),
                &format!("should match '{}'", pattern.as_str()),
            );
        }
    }

    fn list(&mut self, items: &[Value], node: Node<'_>, old: Option<&Vec<Value>>, path: &str) {
        let schema = node.schema();
        self.counts(items.len(), (schema.min_items, schema.max_items), "items", path);
        if let Some(item_node) = node.items() {
            for (index, item) in items.iter().enumerate() {
                let before = old.and_then(|old| same_item(item, old, node));
                self.value(item, item_node, before, &format!("{path}[{index}]"));
            }
        }
        self.unique(items, node, path);
    }

    /// In a set each value, in a map list each key may occur once; a repeated one is told once.
    fn unique(&mut self, items: &[Value], node: Node<'_>, path: &str) {
        let keys: Vec<Option<Value>> = match node.list_type() {
            ListType::Set => items.iter().cloned().map(Some).collect(),
            ListType::Map => items.iter().map(|item| list_key(item, node)).collect(),
            ListType::Atomic if node.schema().unique_items => items.iter().cloned().map(Some).collect(),
            ListType::Atomic => return,
        };
        let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
        for (index, key) in keys.iter().enumerate() {
            let Some(key) = key else { continue };
            let text = key.to_string();
            if !seen.insert(text.clone()) && told.insert(text) {
                self.errors
                    .push(FieldError::duplicate(format!("{path}[{index}]"), key));
            }
        }
    }

    fn object(
        &mut self,
        map: &Map<String, Value>,
        node: Node<'_>,
        old: Option<&Map<String, Value>>,
        path: &str,
    ) {
        let schema = node.schema();
        self.counts(
            map.len(),
            (schema.min_properties, schema.max_properties),
            "properties",
            path,
        );
        self.required(map, schema, path);
        for (name, value) in map {
            let place = join(path, name);
            match node.field(name) {
                Some(field) => self.value(value, field, old.and_then(|old| old.get(name)), &place),
                None if schema.additional == Additional::None => self.forbidden(path, name),
                None => {}
            }
        }
    }

    fn required(&mut self, map: &Map<String, Value>, schema: &Schema, path: &str) {
        let embedded: &[&str] = if schema.embedded_resource {
            &["apiVersion", "kind"]
        } else {
            &[]
        };
        let named = schema.required.iter().map(String::as_str);
        let names: BTreeSet<&str> = named.chain(embedded.iter().copied()).collect();
        for name in names {
            let empty = embedded.contains(&name) && map.get(name).is_some_and(|value| value == "");
            if !map.contains_key(name) || empty {
                self.errors.push(FieldError::required(join(path, name), ""));
            }
        }
    }

    fn forbidden(&mut self, path: &str, name: &str) {
        self.nameless(&format!("{path}.{name} in body is a forbidden property"));
    }

    fn counts(&mut self, count: usize, (least, most): (Option<u64>, Option<u64>), what: &str, path: &str) {
        if let Some(limit) = most.filter(|limit| count as u64 > *limit) {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            self.errors.push(FieldError::too_many(path, count, limit));
        }
        if let Some(limit) = least.filter(|limit| (count as u64) < *limit) {
            self.invalid(
                path,
                &json!(count),
                &format!("should have at least {limit} {what}"),
            );
        }
    }
}

fn is(value: &Value, kind: Type) -> bool {
    match kind {
        Type::Object => value.is_object(),
        Type::Array => value.is_array(),
        Type::String => value.is_string(),
        Type::Boolean => value.is_boolean(),
        Type::Number => value.is_number(),
        Type::Integer => value.is_i64() || value.is_u64(),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) if is(value, Type::Integer) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The format a value has of itself.
fn format_name(value: &Value) -> &'static str {
    match value {
        Value::Number(_) if is(value, Type::Integer) => "int64",
        Value::Number(_) => "float64",
        _ => "",
    }
}

/// JSON knows one kind of number: 1 and 1.0 are the same.
fn equal(a: &Value, b: &Value) -> bool {
    a == b || (a.is_number() && b.is_number() && a.as_f64() == b.as_f64())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The old item that is the same as `item`: only map lists tell.
pub(crate) fn same_item<'v>(item: &Value, old: &'v [Value], list: Node<'_>) -> Option<&'v Value> {
    if list.list_type() != ListType::Map {
        return None;
    }
    let key = list_key(item, list)?;
    old.iter().find(|one| list_key(one, list).as_ref() == Some(&key))
}

/// The key fields of an item of a map list.
fn list_key(item: &Value, list: Node<'_>) -> Option<Value> {
    let item = item.as_object()?;
    let keys = list.list_map_keys().iter();
    let fields = keys.filter_map(|key| item.get(key).map(|value| (key.clone(), value.clone())));
    let fields: Map<String, Value> = fields.collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests;
