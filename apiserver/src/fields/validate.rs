//! Whether a configuration fits the schema. It is refused if not, whatever field validation the request asks for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::element::Element;
use super::item;
use super::shape::{Form, ListForm, MapForm, Relation, ScalarForm, Shape};
use crate::patch::printed;

/// Whether a list that tells its items apart may hold two that look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Duplicates {
    Allowed,
    Refused,
}

/// Checks a value.
///
/// # Errors
///
/// One line for a single mistake, else `errors:` and a line for each.
pub(super) fn validate(shape: Shape<'_>, value: &Value, duplicates: Duplicates) -> Result<(), String> {
    let mut mistakes = Vec::new();
    Walk {
        duplicates,
        mistakes: &mut mistakes,
    }
    .visit(shape, value, "");
    match mistakes.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        many => Err(format!("errors:\n  {}", many.join("\n  "))),
    }
}

struct Walk<'m> {
    duplicates: Duplicates,
    mistakes: &'m mut Vec<String>,
}

impl Walk<'_> {
    fn visit(&mut self, shape: Shape<'_>, value: &Value, path: &str) {
        if value.is_null() {
            return;
        }
        match (shape.at(value), value) {
            (Form::Map(map), Value::Object(fields)) => self.visit_map(map, fields, path),
            (Form::Map(_), _) => self.report(path, &format!("expected map, got &{{{}}}", printed(value))),
            (Form::List(list), Value::Array(items)) => self.visit_list(list, items, path),
            (Form::List(_), _) => self.report(path, &format!("expected list, got &{{{}}}", printed(value))),
            (Form::Scalar(scalar), _) => {
                if let Some(mistake) = scalar_mistake(scalar, value) {
                    self.report(path, &mistake);
                }
            }
        }
    }

    /// The first unknown field ends the walk of its map, as it does on the real server.
    fn visit_map(&mut self, map: MapForm<'_>, fields: &Map<String, Value>, path: &str) {
        for (name, value) in fields {
            let path = format!("{path}.{name}");
            let Some(shape) = map.field(name) else {
                self.report(&path, "field not declared in schema");
                return;
            };
            self.visit(shape, value, &path);
        }
    }

    fn visit_list(&mut self, list: ListForm<'_>, items: &[Value], path: &str) {
        let mut seen = BTreeSet::new();
        for (index, value) in items.iter().enumerate() {
            let element = match list.relation {
                Relation::Atomic => Ok(Element::Index(i64::try_from(index).unwrap_or(i64::MAX))),
                _ => item::element(&list, value),
            };
            let element = match element {
                Ok(element) => element,
                Err(mistake) => return self.report(path, &format!("element {index}: {mistake}")),
            };
            let inner = format!("{path}{element}");
            if seen.contains(&element) && self.duplicates == Duplicates::Refused {
                self.report(path, &format!("duplicate entries for key {element}"));
            }
            seen.insert(element);
            self.visit(list.items, value, &inner);
        }
    }

    fn report(&mut self, path: &str, mistake: &str) {
        self.mistakes.push(if path.is_empty() {
            mistake.to_owned()
        } else {
            format!("{path}: {mistake}")
        });
    }
}

fn scalar_mistake(form: ScalarForm, value: &Value) -> Option<String> {
    let fits = match form {
        ScalarForm::Numeric => value.is_number(),
        ScalarForm::String => value.is_string(),
        ScalarForm::Boolean => value.is_boolean(),
        ScalarForm::Any => !value.is_array() && !value.is_object(),
    };
    if fits {
        return None;
    }
    Some(match form {
        ScalarForm::Numeric => format!("expected numeric (int or float), got {}", go_type(value)),
        ScalarForm::String => format!(
            "expected string, got &value.valueUnstructured{{Value:{}}}",
            go_syntax(value)
        ),
        ScalarForm::Boolean => format!("expected boolean, got &{{{}}}", printed(value)),
        ScalarForm::Any => format!("expected any scalar, got &{{{}}}", printed(value)),
    })
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
        Value::Number(_) | Value::Null => "<nil>",
    }
}

/// A value as Go code, its `%#v`.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Value::Object(fields) => {
            let pair = |(name, value): (&String, &Value)| format!("{name:?}:{}", go_syntax(value));
            let fields: Vec<String> = fields.iter().map(pair).collect();
            format!("map[string]interface {{}}{{{}}}", fields.join(", "))
        }
        Value::Number(_) | Value::Bool(_) => printed(value),
        Value::String(_) => value.to_string(),
    }
}
