//! Running the rules of a schema on an object.

use kube_cel::cel::{Context, Value as Cel};
use serde_json::Value;

use super::engine::{complaint, context, optional};
use super::rule::Rule;
use super::value::to_cel;
use crate::schema::{Node, has_rules, same_item};
use crate::status::FieldError;

/// How long a message an expression makes may be.
const MESSAGE_LIMIT: usize = 5 * 1024;

/// Returns which rules an object breaks, from the root down; for an update `old` is the state before it.
///
/// Rules about values that did not change are let pass, rules about changes are run where there is an old value.
pub(crate) fn validate(object: &Value, node: Node<'_>, old: Option<&Value>) -> Vec<FieldError> {
    run(object, node, old, Wanted::Refused)
}

/// Returns which rules an update lets pass although its object breaks them: about values that did not change.
pub(crate) fn let_pass(object: &Value, node: Node<'_>, old: &Value) -> Vec<FieldError> {
    run(object, node, Some(old), Wanted::LetPass)
}

fn run(object: &Value, node: Node<'_>, old: Option<&Value>, wanted: Wanted) -> Vec<FieldError> {
    if !has_rules(node) {
        return Vec::new();
    }
    let mut pass = Pass {
        context: context(),
        wanted,
        errors: Vec::new(),
    };
    pass.value(object, node, old, "", true);
    pass.errors
}

/// Which broken rules are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Refused,
    LetPass,
}

struct Pass {
    context: Context<'static>,
    wanted: Wanted,
    errors: Vec<FieldError>,
}

impl Pass {
    fn value(&mut self, value: &Value, node: Node<'_>, old: Option<&Value>, path: &str, root: bool) {
        if value.is_null() {
            return;
        }
        let rules = &node.schema().validations;
        if !rules.is_empty() {
            let this = to_cel(&self.context, value, node, root);
            let before = old.filter(|old| !old.is_null());
            let before = before.map(|old| to_cel(&self.context, old, node, root));
            for rule in rules {
                let unchanged = old == Some(value);
                let applies = rule.optional_old_self || !rule.transition || before.is_some();
                let told = if unchanged && !rule.transition {
                    Wanted::LetPass
                } else {
                    Wanted::Refused
                };
                if applies && told == self.wanted {
                    self.rule(rule, value, (&this, before.as_ref()), path);
                }
            }
        }
        self.children(value, node, old, path);
    }

    fn children(&mut self, value: &Value, node: Node<'_>, old: Option<&Value>, path: &str) {
        match value {
            Value::Array(items) => {
                let Some(item_node) = node.items() else { return };
                let before = old.and_then(Value::as_array);
                for (index, item) in items.iter().enumerate() {
                    let old = before.and_then(|before| same_item(item, before, node));
                    self.value(item, item_node, old, &format!("{path}[{index}]"), false);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    let old = old.and_then(|old| old.get(name));
                    if let Some(field) = node.property(name) {
                        let place = if path.is_empty() {
                            name.clone()
                        } else {
                            format!("{path}.{name}")
                        };
                        self.value(value, field, old, &place, false);
                    } else if let Some(values) = node.values() {
                        self.value(value, values, old, &format!("{path}[{name}]"), false);
                    }
                }
            }
            _ => {}
        }
    }

    fn rule(&mut self, rule: &Rule, value: &Value, (this, before): (&Cel, Option<&Cel>), path: &str) {
        let Some(expression) = &rule.expression else {
            return;
        };
        let mut scope = self.context.new_inner_scope();
        scope.add_variable_from_value("self", this.clone());
        if rule.optional_old_self {
            scope.add_variable_from_value("oldSelf", optional(&self.context, before));
        } else if let Some(before) = before {
            scope.add_variable_from_value("oldSelf", before.clone());
        }
        let error = match scope.resolve(expression) {
            Ok(Cel::Bool(true)) => return,
            Ok(_) => refusal(rule, value, &message(rule, &scope), path),
            Err(error) => {
                let why = complaint(&error);
                let told = rule.told();
                let detail = if why.starts_with("found no matching overload")
                    || why.starts_with("no such overload")
                {
                    format!(
                        "'{why}': call arguments did not match a supported operator, function or macro signature for \
                         rule: {told}"
                    )
                } else {
                    format!("{why} evaluating rule: {told}")
                };
                FieldError::invalid(shown(path), &Value::from(json_type(value)), &detail)
            }
        };
        self.errors.push(error);
    }
}

/// The path of the whole object has no name.
fn shown(path: &str) -> &str {
    if path.is_empty() { "<nil>" } else { path }
}

fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Returns what to say of a broken rule: what its expression makes, its message, or the rule itself.
fn message(rule: &Rule, scope: &Context<'_>) -> String {
    let made = rule
        .message_expression
        .as_ref()
        .map(|expression| scope.resolve(expression));
    if let Some(Ok(Cel::String(text))) = made {
        let text = text.trim();
        if !text.is_empty() && !text.contains('\n') && text.len() <= MESSAGE_LIMIT {
            return text.to_owned();
        }
    }
    if rule.message.is_empty() {
        format!("failed rule: {}", rule.text)
    } else {
        rule.message.clone()
    }
}

fn refusal(rule: &Rule, value: &Value, message: &str, path: &str) -> FieldError {
    let field = format!("{path}{}", rule.field_path);
    let field = shown(field.trim_start_matches('.'));
    match rule.reason.as_str() {
        "FieldValueRequired" => FieldError::required(field, message),
        "FieldValueForbidden" => FieldError::forbidden(field, message),
        "FieldValueDuplicate" => FieldError::duplicate(field, value),
        // Objects and lists are not shown.
        _ if value.is_object() || value.is_array() => {
            FieldError::new("FieldValueInvalid", field, format!("Invalid value: {message}"))
        }
        _ => FieldError::invalid(field, value, message),
    }
}
