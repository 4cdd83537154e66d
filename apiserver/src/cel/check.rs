//! What is wrong with a rule, before it is stored.

use serde_json::Value;

use super::types::{Kind, type_of};
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

/// Returns what the compiler says of a rule, with the field it says it of; of a message, only if the rule is right.
pub(crate) fn check(checked: &Checked<'_>) -> Option<(&'static str, String)> {
    let text = |field: &str| checked.rule[field].as_str().unwrap_or_default();
    match checked.kind(text("rule")) {
        Err(why) => return Some(("rule", format!("compilation failed: {why}"))),
        Ok(Kind::Named("bool")) => {}
        Ok(_) => return Some(("rule", "cel expression must evaluate to a bool".to_owned())),
    }
    let message = text("messageExpression");
    if message.is_empty() {
        return None;
    }
    let why = match checked.kind(message) {
        Err(why) => format!("messageExpression compilation failed: {why}"),
        Ok(Kind::Named("string")) => return None,
        Ok(_) => "messageExpression must evaluate to a string".to_owned(),
    };
    Some(("messageExpression", why))
}

impl<'a> Checked<'a> {
    fn kind(&self, text: &str) -> Result<Kind<'a>, String> {
        let this = Kind::of(self.node, self.whole).unwrap_or(Kind::Any);
        let before = match self.rule["optionalOldSelf"] == true {
            true => Kind::optional(this.clone()),
            false => this.clone(),
        };
        let variables = [("self", this), ("oldSelf", before)];
        type_of(text, variables.map(|(name, kind)| (name.to_owned(), kind)).into())
    }
}
