//! Conditions of webhooks: expressions over a write.

use kube_cel::cel::Value as Cel;
use kube_cel::cel::common::ast::IdedExpr;
use serde_json::Value;

use super::engine::{context, parse};
use super::run::{BUDGET_OF_CONDITIONS, LIMIT_OF_A_CALL, TOO_DEAR, run};
use super::types::{Kind, type_of};
use super::value::bare;

/// What conditions may speak of.
const VARIABLES: [(&str, Kind<'static>); 4] = [
    ("authorizer", Kind::Named("kubernetes.authorization.Authorizer")),
    ("object", Kind::Any),
    ("oldObject", Kind::Any),
    ("request", Kind::Any),
];

/// One entry of `matchConditions`, compiled.
#[derive(Debug)]
pub(crate) struct Condition {
    text: String,
    /// Absent if it does not parse, which validation does not let pass.
    expression: Option<IdedExpr>,
}

impl Condition {
    /// Compiles a condition.
    pub(crate) fn compile(text: &str) -> Self {
        Self {
            expression: parse(text.trim()).ok(),
            text: text.trim().to_owned(),
        }
    }

    /// Returns what is wrong with a condition.
    pub(crate) fn complaint(text: &str) -> Option<String> {
        let variables = VARIABLES.map(|(name, kind)| (name.to_owned(), kind));
        match type_of(text.trim(), variables.into()) {
            Err(why) => Some(format!("compilation failed: {why}")),
            Ok(Kind::Any | Kind::Named("bool")) => None,
            Ok(other) => Some(format!("must evaluate to bool but got {other}")),
        }
    }
}

/// Returns whether all conditions hold; one that does not decides, whatever others say.
///
/// # Errors
/// What went wrong with those that gave no answer.
pub(crate) fn all_hold(conditions: &[Condition], variables: &[(&str, &Value)]) -> Result<bool, String> {
    let context = context();
    let bound = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), bare(value)));
    let bound: Vec<(String, Cel)> = bound.collect();
    let mut failures = Vec::new();
    let mut left = BUDGET_OF_CONDITIONS;
    for condition in conditions {
        let Some(expression) = &condition.expression else {
            continue;
        };
        let outcome = run(&context, expression, bound.clone(), LIMIT_OF_A_CALL);
        let Some(rest) = left.checked_sub(outcome.cost) else {
            return Err(
                "validation failed due to running out of cost budget, no further validation rules will be run"
                    .to_owned(),
            );
        };
        left = rest;
        let why = match outcome.result {
            Some(Ok(Cel::Bool(true))) => continue,
            Some(Ok(_)) => return Ok(false),
            Some(Err(why)) => why,
            None => TOO_DEAR.to_owned(),
        };
        failures.push(format!(
            "expression '{}' resulted in error: {why}",
            condition.text
        ));
    }
    match failures.as_slice() {
        [] => Ok(true),
        [one] => Err(one.clone()),
        several => Err(format!("[{}]", several.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hold(texts: &[&str]) -> Result<bool, String> {
        let conditions: Vec<Condition> = texts.iter().map(|text| Condition::compile(text)).collect();
        let object = json!({"metadata": {"name": "a", "labels": {"x": "1"}}});
        let request = json!({"operation": "CREATE"});
        all_hold(
            &conditions,
            &[
                ("object", &object),
                ("oldObject", &Value::Null),
                ("request", &request),
            ],
        )
    }

    #[test]
    fn formats_have_names() {
        for (text, expected) in [
            ("!format.dns1123Label().validate('a-b').hasValue()", true),
            ("!format.dns1123Label().validate('a.b').hasValue()", false),
        ] {
            assert_eq!(Condition::complaint(text), None, "{text}");
            assert_eq!(hold(&[text]), Ok(expected), "{text}");
        }
    }

    #[test]
    fn all_conditions_have_to_hold() {
        let missing = "object.data.x == '1'";
        let failure = "expression 'object.data.x == '1'' resulted in error: no such key: data";
        let cases: [(&[&str], Result<bool, String>); 6] = [
            (&[], Ok(true)),
            (
                &["object.metadata.name == 'a'", "request.operation == 'CREATE'"],
                Ok(true),
            ),
            (&["object.metadata.name != 'a'"], Ok(false)),
            (&["oldObject == null"], Ok(true)),
            (&[missing], Err(failure.to_owned())),
            (&[missing, "false"], Ok(false)),
        ];
        for (texts, expected) in cases {
            assert_eq!(hold(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_condition_that_is_none_is_told_as_the_server_tells_it() {
        let cases = [
            ("object.metadata.name == 'a'", None),
            ("1", Some("must evaluate to bool but got int")),
            (
                "foo == 1",
                Some(
                    "compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n \
                     | foo == 1\n | ^",
                ),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Condition::complaint(text).as_deref(), expected, "{text}");
        }
    }
}
