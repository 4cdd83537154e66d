//! Running the rules of a schema on an object.

use std::collections::BTreeMap;

use kube_cel::cel::common::ast::IdedExpr;
use kube_cel::cel::{Context, Value as Cel};
use serde_json::Value;

use super::engine::context;
use super::path::{Arrays, resolve};
use super::rule::Rule;
use super::run::{BUDGET_OF_AN_OBJECT, LIMIT_OF_A_CALL, Outcome, TOO_DEAR, optional, run};
use super::value::to_cel;
use crate::schema::{ListType, Node, has_rules, same_item};
use crate::status::FieldError;

/// How long a message an expression makes may be.
const MESSAGE_LIMIT: usize = 5 * 1024;

const OUT_OF_BUDGET: &str =
    "failed due to running out of cost budget, no further validation rules will be run";

/// Returns which rules an object breaks, from the root down; for an update `old` is the state before it.
///
/// Rules about values that did not change are let pass, rules about changes are run where there is an old value.
pub(crate) fn validate(object: &Value, node: Node<'_>, old: Option<&Value>) -> Vec<FieldError> {
    run_all(object, node, old).refused
}

/// Returns which rules an update lets pass although its object breaks them: about values that did not change.
pub(crate) fn let_pass(object: &Value, node: Node<'_>, old: &Value) -> Vec<FieldError> {
    run_all(object, node, Some(old)).let_pass
}

/// Returns which rules a part of an object breaks, whether it changed or not.
pub(crate) fn told(value: &Value, node: Node<'_>, old: Option<&Value>) -> Vec<FieldError> {
    let told = run_all(value, node, old);
    told.refused.into_iter().chain(told.let_pass).collect()
}

/// What all rules say.
#[derive(Default)]
struct Told {
    refused: Vec<FieldError>,
    let_pass: Vec<FieldError>,
}

fn run_all(object: &Value, node: Node<'_>, old: Option<&Value>) -> Told {
    if !has_rules(node) {
        return Told::default();
    }
    let mut pass = Pass {
        context: context(),
        told: Told::default(),
        left: BUDGET_OF_AN_OBJECT,
    };
    let place = Place {
        path: String::new(),
        node,
        old,
        unchanged: old == Some(object),
        root: true,
    };
    // Whoever ran out of budget has said so.
    let _ = pass.value(object, &place);
    pass.told
}

/// Where a value is.
struct Place<'a> {
    path: String,
    node: Node<'a>,
    /// What was there before, if that can be told.
    old: Option<&'a Value>,
    /// It, or what it is in, is what it was.
    unchanged: bool,
    root: bool,
}

impl<'a> Place<'a> {
    /// A part of what is here, with what the part was before.
    fn part(&self, path: String, node: Node<'a>, value: &Value, old: Option<&'a Value>) -> Self {
        Self {
            path,
            node,
            old,
            unchanged: old.map_or(self.unchanged, |old| old == value),
            root: false,
        }
    }

    /// An error of the place itself, which shows the type it is declared with.
    fn invalid(&self, path: &str, detail: &str) -> FieldError {
        let kind = self.node.schema().kind.map_or("", |kind| kind.as_str());
        FieldError::invalid(shown(path), &kind.into(), detail)
    }
}

/// The budget is used up.
struct Stop;

struct Pass {
    context: Context<'static>,
    told: Told,
    left: u64,
}

impl Pass {
    fn value(&mut self, value: &Value, place: &Place<'_>) -> Result<(), Stop> {
        if value.is_null() {
            return Ok(());
        }
        let node = place.node;
        if !node.schema().validations.is_empty() {
            let whole = place.root || node.schema().embedded_resource;
            let this = to_cel(&self.context, value, node, whole);
            let before = place.old.filter(|old| !old.is_null());
            let before = before.map(|old| to_cel(&self.context, old, node, whole));
            for rule in &node.schema().validations {
                if rule.optional_old_self || !rule.transition || before.is_some() {
                    self.rule(rule, value, (&this, before.as_ref()), place)?;
                }
            }
        }
        self.parts(value, place)
    }

    fn parts(&mut self, value: &Value, place: &Place<'_>) -> Result<(), Stop> {
        let path = &place.path;
        match value {
            Value::Array(items) => {
                let Some(item_node) = place.node.items() else {
                    return Ok(());
                };
                let told_apart = place.node.list_type() == ListType::Map;
                let before = place.old.and_then(Value::as_array).filter(|_| told_apart);
                for (index, item) in items.iter().enumerate() {
                    let old = before.and_then(|before| same_item(item, before, place.node));
                    let part = place.part(format!("{path}[{index}]"), item_node, item, old);
                    self.value(item, &part)?;
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    let old = place.old.and_then(|old| old.get(name));
                    let dot = if path.is_empty() { "" } else { "." };
                    let (path, node) = match (place.node.property(name), place.node.values()) {
                        (Some(field), _) => (format!("{path}{dot}{name}"), field),
                        (None, Some(values)) => (format!("{path}[{name}]"), values),
                        (None, None) => continue,
                    };
                    self.value(value, &place.part(path, node, value, old))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Runs a rule; what is wrong with the rule itself is not let pass.
    fn rule(
        &mut self,
        rule: &Rule,
        value: &Value,
        (this, before): (&Cel, Option<&Cel>),
        place: &Place<'_>,
    ) -> Result<(), Stop> {
        let Some(expression) = &rule.expression else {
            return Ok(());
        };
        if self.left == 0 {
            return self.out_of_budget(place, &place.path, "validation");
        }
        let mut variables = BTreeMap::from([("self", this.clone())]);
        variables.extend(before.map(|before| ("oldSelf", before.clone())));
        let mut seen = variables.clone();
        if rule.optional_old_self {
            seen.insert("oldSelf", optional(before.cloned()));
        }
        let outcome = self.run(expression, &seen);
        if !self.pays(outcome.cost) {
            return self.out_of_budget(place, &place.path, "validation");
        }
        let told = rule.told();
        let detail = match outcome.result {
            Some(Ok(Cel::Bool(true))) => return Ok(()),
            Some(Ok(_)) => return self.broken(rule, value, &variables, place),
            Some(Err(why))
                if why.starts_with("no such overload") || why.starts_with("found no matching overload") =>
            {
                format!(
                    "'{why}': call arguments did not match a supported operator, function or macro signature for \
                     rule: {told}"
                )
            }
            Some(Err(why)) => format!("{why} evaluating rule: {told}"),
            None => {
                let detail = format!(
                    "'{TOO_DEAR}': no further validation rules will be run due to call cost exceeds limit for rule: \
                     {told}"
                );
                self.told.refused.push(place.invalid(&place.path, &detail));
                return Err(Stop);
            }
        };
        self.told.refused.push(place.invalid(&place.path, &detail));
        Ok(())
    }

    fn run(&self, expression: &IdedExpr, variables: &BTreeMap<&str, Cel>) -> Outcome {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        run(&self.context, expression, variables.collect(), LIMIT_OF_A_CALL)
    }

    /// Takes a cost from the budget, if there is as much left.
    fn pays(&mut self, cost: u64) -> bool {
        let rest = self.left.checked_sub(cost);
        self.left = rest.unwrap_or_default();
        rest.is_some()
    }

    fn out_of_budget(&mut self, place: &Place<'_>, path: &str, what: &str) -> Result<(), Stop> {
        let error = place.invalid(path, &format!("{what} {OUT_OF_BUDGET}"));
        self.told.refused.push(error);
        Err(Stop)
    }

    /// Says that a rule is not kept: as its expression says it, as its message does, or by the rule itself.
    fn broken(
        &mut self,
        rule: &Rule,
        value: &Value,
        variables: &BTreeMap<&str, Cel>,
        place: &Place<'_>,
    ) -> Result<(), Stop> {
        let field = field(rule, place);
        let mut message = None;
        if let Some(expression) = &rule.message_expression {
            let outcome = self.run(expression, variables);
            if !self.pays(outcome.cost) {
                return self.out_of_budget(place, &field, "messageExpression evaluation");
            }
            message = match outcome.result {
                Some(Ok(Cel::String(text))) => Some(text.trim().to_owned()),
                Some(_) => None,
                None => {
                    let detail = format!(
                        "no further validation rules will be run due to call cost exceeds limit for \
                         messageExpression: {:?}",
                        rule.message_text
                    );
                    self.told.refused.push(place.invalid(&field, &detail));
                    return Err(Stop);
                }
            };
        }
        let fit = |text: &String| !text.is_empty() && !text.contains('\n') && text.len() <= MESSAGE_LIMIT;
        let message = message
            .filter(fit)
            .unwrap_or_else(|| match rule.message.is_empty() {
                true => format!("failed rule: {}", rule.text),
                false => rule.message.clone(),
            });
        let error = refusal(rule, value, &message, shown(&field));
        match place.unchanged && !rule.transition {
            true => self.told.let_pass.push(error),
            false => self.told.refused.push(error),
        }
        Ok(())
    }
}

/// The path of the whole object has no name.
fn shown(path: &str) -> &str {
    if path.is_empty() { "<nil>" } else { path }
}

/// The field a rule is about.
fn field(rule: &Rule, place: &Place<'_>) -> String {
    let path = &place.path;
    match resolve(place.node, &rule.field_path, Arrays::Allowed) {
        Ok((below, _)) if !below.is_empty() => {
            let dot = if path.is_empty() { "" } else { "." };
            format!("{path}{dot}{below}")
        }
        _ => path.clone(),
    }
}

fn refusal(rule: &Rule, value: &Value, message: &str, field: &str) -> FieldError {
    let hidden = value.is_object() || value.is_array();
    match rule.reason.as_str() {
        "FieldValueRequired" => FieldError::required(field, message),
        "FieldValueForbidden" => FieldError::forbidden(field, message),
        // Objects and lists are not shown.
        "FieldValueDuplicate" if hidden => FieldError::new("FieldValueDuplicate", field, "Duplicate value"),
        "FieldValueDuplicate" => FieldError::duplicate(field, value),
        _ if hidden => FieldError::new("FieldValueInvalid", field, format!("Invalid value: {message}")),
        _ => FieldError::invalid(field, value, message),
    }
}
