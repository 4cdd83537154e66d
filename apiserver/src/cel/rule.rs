//! One validation rule of a schema.

use kube_cel::cel::common::ast::IdedExpr;
use serde_json::Value;

use super::cost::{Place, estimate};
use super::engine::parse;

/// A rule of `x-kubernetes-validations`, compiled.
#[derive(Debug)]
pub struct Rule {
    source: Value,
    pub(super) text: String,
    pub(super) message: String,
    pub(super) reason: String,
    /// Below the node the rule is at; empty for the node.
    pub(super) field_path: String,
    /// `oldSelf` is there from the beginning, perhaps empty.
    pub(super) optional_old_self: bool,
    /// It speaks of `oldSelf`: it is about changes.
    pub(super) transition: bool,
    /// Absent if it does not parse, which validation of the CRD does not let pass.
    pub(super) expression: Option<IdedExpr>,
    pub(super) message_expression: Option<IdedExpr>,
    /// That expression as written.
    pub(super) message_text: String,
}

impl Rule {
    /// Compiles a rule.
    #[must_use]
    pub fn compile(source: &Value) -> Self {
        let text = |field: &str| source[field].as_str().unwrap_or_default().trim().to_owned();
        let rule = text("rule");
        let expression = parse(&rule).ok();
        let message_expression = text("messageExpression");
        let uses_old = |expression: &IdedExpr| expression.references().has_variable("oldSelf");
        Self {
            message: text("message"),
            reason: text("reason"),
            field_path: text("fieldPath"),
            optional_old_self: source["optionalOldSelf"] == true,
            transition: expression.as_ref().is_some_and(uses_old),
            message_expression: Some(&message_expression)
                .filter(|text| !text.is_empty())
                .and_then(|text| parse(text).ok()),
            message_text: message_expression,
            expression,
            text: rule,
            source: source.clone(),
        }
    }

    /// Whether it speaks of `oldSelf`.
    pub(crate) fn is_about_changes(&self) -> bool {
        self.transition
    }

    /// Returns what the rule costs at most where it is, and what its message does.
    pub(crate) fn costs(&self, place: Place<'_>) -> (u64, Option<u64>) {
        let cost = |expression: &IdedExpr| estimate(expression, place);
        let message = self.message_expression.as_ref().map(cost);
        (self.expression.as_ref().map_or(0, cost), message)
    }

    /// What a rule that is not kept is called.
    pub(super) fn told(&self) -> &str {
        if self.message.is_empty() {
            &self.text
        } else {
            &self.message
        }
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}
