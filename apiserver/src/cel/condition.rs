//! Conditions of webhooks: expressions over a write.

use kube_cel::cel::Value as Cel;
use kube_cel::cel::common::ast::IdedExpr;
use serde_json::Value;

use super::check::checked;
use super::engine::{complaint, context, parse};
use super::types::{Kind, basic};
use super::value::bare;

/// What conditions may speak of.
const VARIABLES: [&str; 4] = ["authorizer", "object", "oldObject", "request"];

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
        let variables = VARIABLES.map(|name| (name.to_owned(), Kind::Unknown));
        match checked(text.trim(), variables.into()) {
            Err(why) => Some(format!("compilation failed: {why}")),
            Ok(kind) => match basic(&kind) {
                None | Some("bool") => None,
                Some(other) => Some(format!("must evaluate to bool but got {other}")),
            },
        }
    }
}

/// Returns whether all conditions hold; one that does not decides, whatever others say.
///
/// # Errors
/// What went wrong with those that gave no answer.
pub(crate) fn all_hold(conditions: &[Condition], variables: &[(&str, &Value)]) -> Result<bool, String> {
    let context = context();
    let mut scope = context.new_inner_scope();
    for (name, value) in variables {
        scope.add_variable_from_value(*name, bare(value));
    }
    let mut failures = Vec::new();
    for condition in conditions {
        let Some(expression) = &condition.expression else {
            continue;
        };
        match scope.resolve(expression) {
            Ok(Cel::Bool(true)) => {}
            Ok(_) => return Ok(false),
            Err(error) => failures.push(format!(
                "expression '{}' resulted in error: {}",
                condition.text,
                complaint(&error)
            )),
        }
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
