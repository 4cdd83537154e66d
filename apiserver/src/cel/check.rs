//! What is wrong with a rule, before it is stored.

use serde_json::Value;

use super::engine::parse;
use super::types::{Checker, Kind, Mistake, is_other};
use crate::schema::Node;

/// A rule and where it is.
pub(crate) struct Checked<'a> {
    /// The rule as written.
    pub(crate) rule: &'a Value,
    /// The schema of what it is about.
    pub(crate) node: Node<'a>,
    /// It is about a whole object.
    pub(crate) whole: bool,
}

/// Returns what the compiler says of a rule, each with the field it says it of.
pub(crate) fn check(checked: &Checked<'_>) -> Vec<(&'static str, String)> {
    let text = |field: &str| checked.rule[field].as_str().unwrap_or_default().trim();
    let (rule, message) = (text("rule"), text("messageExpression"));
    let mut found = Vec::new();
    match checked.kind(rule) {
        Err(why) => found.push(("rule", format!("compilation failed: {why}"))),
        Ok(kind) if is_other(&kind, "bool") => {
            found.push(("rule", "cel expression must evaluate to a bool".to_owned()));
        }
        Ok(_) => {}
    }
    if !message.is_empty() {
        match checked.kind(message) {
            Err(why) => found.push((
                "messageExpression",
                format!("messageExpression compilation failed: {why}"),
            )),
            Ok(kind) if is_other(&kind, "string") => {
                found.push((
                    "messageExpression",
                    "messageExpression must evaluate to a string".to_owned(),
                ));
            }
            Ok(_) => {}
        }
    }
    found
}

impl<'a> Checked<'a> {
    fn kind(&self, text: &str) -> Result<Kind<'a>, String> {
        let this = Kind::Described {
            node: self.node,
            whole: self.whole,
        };
        let before = if self.rule["optionalOldSelf"] == true {
            Kind::Unknown
        } else {
            this.clone()
        };
        checked(
            text,
            vec![("self".to_owned(), this), ("oldSelf".to_owned(), before)],
        )
    }
}

/// Returns the type of an expression over some variables.
pub(super) fn checked<'s>(text: &str, variables: Vec<(String, Kind<'s>)>) -> Result<Kind<'s>, String> {
    let expression = parse(text)?;
    let mut checker = Checker {
        text,
        variables,
        mistakes: Vec::new(),
    };
    let kind = checker.kind(&expression);
    if checker.mistakes.is_empty() {
        return Ok(kind);
    }
    checker.mistakes.sort_by_key(|mistake| mistake.offset);
    let told: Vec<String> = checker
        .mistakes
        .iter()
        .map(|mistake| laid_out(text, mistake))
        .collect();
    Err(told.join("\n"))
}

/// A mistake above its place in the text.
fn laid_out(text: &str, mistake: &Mistake) -> String {
    let before = &text[..mistake.offset.min(text.len())];
    let number = before.matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let dots = ".".repeat(column);
    format!(
        "ERROR: <input>:{}:{}: {}\n | {line}\n | {dots}^",
        number + 1,
        column + 1,
        mistake.message
    )
}
