//! Field selectors: `metadata.name=x,status.phase!=Running`.

use std::borrow::Cow;

use serde_json::Value;

use crate::registry::Resource;
use crate::status::{Error, Result};

/// A conjunction of comparisons of fields; the default selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSelector {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    field: String,
    value: String,
    equal: bool,
}

impl FieldSelector {
    /// Parses a selector.
    ///
    /// # Errors
    /// The server's text for what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let terms = split_terms(text).into_iter().filter(|term| !term.is_empty());
        let terms = terms.map(|term| Term::parse(term, text));
        Ok(Self {
            terms: terms.collect::<Result<_, _>>()?,
        })
    }

    /// Returns whether it selects everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns whether every comparison holds for the object.
    #[must_use]
    pub fn matches(&self, object: &Value) -> bool {
        let holds = |term: &Term| (read(object, &term.field) == term.value) == term.equal;
        self.terms.iter().all(holds)
    }

    pub(super) fn with_name(mut self, name: &str) -> Self {
        self.terms.push(Term {
            field: "metadata.name".to_owned(),
            value: name.to_owned(),
            equal: true,
        });
        self
    }

    /// Refuses fields the resource cannot select by.
    pub(super) fn check(&self, resource: &Resource) -> Result<()> {
        let known = |field: &str| {
            let general = matches!(field, "metadata.name" | "metadata.namespace");
            general || resource.selectable_fields.iter().any(|one| one == field)
        };
        let Some(unknown) = self.terms.iter().find(|term| !known(&term.field)) else {
            return Ok(());
        };
        let field = &unknown.field;
        let own_fields = resource.custom || !resource.selectable_fields.is_empty();
        Err(Error::bad_request(if own_fields {
            format!("field label not supported: {field}")
        } else {
            format!("{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
        }))
    }
}

impl Term {
    fn parse(term: &str, selector: &str) -> Result<Self, String> {
        let (field, equal, value) = split_term(term)
            .ok_or_else(|| format!("invalid selector: '{selector}'; can't understand '{term}'"))?;
        Ok(Self {
            field: field.to_owned(),
            value: unescape(value)?,
            equal,
        })
    }
}

/// Splits at commas that no backslash precedes.
fn split_terms(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

fn split_term(term: &str) -> Option<(&str, bool, &str)> {
    let at = term
        .find(['=', '!'])
        .filter(|at| term[*at..].starts_with('=') || term[*at..].starts_with("!="))?;
    let (field, rest) = term.split_at(at);
    if let Some(value) = rest.strip_prefix("!=") {
        return Some((field, false, value));
    }
    let value = rest.strip_prefix("==").or_else(|| rest.strip_prefix('='))?;
    Some((field, true, value))
}

fn unescape(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(escaped @ ('\\' | ',' | '=')) => out.push(escaped),
                other => {
                    let sequence: String = ['\\'].into_iter().chain(other).collect();
                    return Err(format!(
                        "invalid field selector: invalid escape sequence: {sequence}"
                    ));
                }
            },
            ',' | '=' => {
                let code = u32::from(c);
                return Err(format!(
                    "invalid field selector: unescaped character in value: {code}"
                ));
            }
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// Returns a field as selectors compare it; a field that is absent reads as its zero value.
fn read<'a>(object: &'a Value, field: &str) -> Cow<'a, str> {
    let path = match field {
        "status.successful" => "status.succeeded",
        "source" => "source.component",
        other => other,
    };
    let found = path.split('.').try_fold(object, |value, step| value.get(step));
    match found {
        Some(Value::String(text)) => Cow::Borrowed(text),
        None | Some(Value::Null) => Cow::Borrowed(zero(field)),
        Some(other) => Cow::Owned(other.to_string()),
    }
}

fn zero(field: &str) -> &'static str {
    match field {
        "spec.unschedulable" | "spec.hostNetwork" => "false",
        "status.replicas" | "status.successful" => "0",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(selector: &str, expected: bool) {
        let object = json!({
            "metadata": {"name": "a", "namespace": "n"},
            "spec": {"size": 3, "on": true, "text": "x=y,z"}, "status": {"phase": "Running"},
        });
        let selector = FieldSelector::parse(selector).unwrap();
        assert_eq!(selector.matches(&object), expected, "{selector:?}");
    }

    #[test]
    fn comparisons_hold_as_written() {
        let cases = [
            ("", true),
            ("metadata.name=a", true),
            ("metadata.name==b", false),
            ("metadata.name!=b,metadata.namespace=n", true),
            ("spec.size=3", true),
            ("spec.on=true", true),
            ("spec.text=x\\=y\\,z", true),
            ("spec.nodeName=", true),
            ("spec.unschedulable=false", true),
            ("status.phase!=Running", false),
        ];
        for (selector, expected) in cases {
            check(selector, expected);
        }
    }

    #[test]
    fn mistakes_are_told_in_the_words_of_the_server() {
        let cases = [
            (
                "metadata.name",
                "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
            ),
            (
                "metadata.name=c1=c2",
                "invalid field selector: unescaped character in value: 61",
            ),
            ("a=\\b", "invalid field selector: invalid escape sequence: \\b"),
        ];
        for (selector, expected) in cases {
            assert_eq!(FieldSelector::parse(selector).unwrap_err(), expected);
        }
    }
}
