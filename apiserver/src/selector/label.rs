//! Label selectors: apimachinery's grammar.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::lexer::{Kind, Token, tokens};
use super::syntax::{key_errors, value_errors};
use crate::object::Meta as _;

/// A conjunction of requirements on labels; the default selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Exists,
    Absent,
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Greater(i64),
    Less(i64),
}

impl LabelSelector {
    /// Parses a selector such as `app=x,tier in (a,b),!legacy`.
    ///
    /// # Errors
    /// The server's text for what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser {
            tokens: tokens(text),
            at: 0,
        };
        let requirements = parser.selector()?;
        Ok(Self { requirements })
    }

    /// Returns the selector of a `LabelSelector` object, as specs have them: `matchLabels` and `matchExpressions`.
    ///
    /// An expression with an operator nobody knows selects nothing.
    #[must_use]
    pub fn of_object(selector: &Value) -> Self {
        let labels = selector.get("matchLabels").and_then(Value::as_object);
        let equal = labels.into_iter().flatten().map(|(key, value)| Requirement {
            key: key.clone(),
            test: Test::In(value.as_str().map(str::to_owned).into_iter().collect()),
        });
        let expressions = selector.get("matchExpressions").and_then(Value::as_array);
        let expressions = expressions.into_iter().flatten().map(expression);
        Self {
            requirements: equal.chain(expressions).collect(),
        }
    }

    /// Returns whether it selects everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Returns whether the object's labels meet every requirement.
    #[must_use]
    pub fn matches(&self, object: &Value) -> bool {
        if self.is_empty() {
            return true;
        }
        let labels = object.labels();
        self.requirements.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(&requirement.key)?.as_str());
            requirement.test.holds(value)
        })
    }
}

impl Test {
    fn holds(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match self {
            Self::Exists => value.is_some(),
            Self::Absent => value.is_none(),
            Self::In(values) => value.is_some_and(|value| values.contains(value)),
            Self::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Self::Greater(bound) => number().is_some_and(|number| number > *bound),
            Self::Less(bound) => number().is_some_and(|number| number < *bound),
        }
    }
}

fn expression(expression: &Value) -> Requirement {
    let text = |field: &str| expression.get(field).and_then(Value::as_str).unwrap_or_default();
    let values = expression.get("values").and_then(Value::as_array);
    let values = values
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned);
    let test = match text("operator") {
        "Exists" => Test::Exists,
        "DoesNotExist" => Test::Absent,
        "NotIn" => Test::NotIn(values.collect()),
        "In" => Test::In(values.collect()),
        _ => Test::In(BTreeSet::new()),
    };
    Requirement {
        key: text("key").to_owned(),
        test,
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn selector(&mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        loop {
            let next = self.peek();
            match next.kind {
                Kind::End => return Ok(requirements),
                Kind::Word | Kind::Not => {
                    let requirement = self.requirement();
                    requirements
                        .push(requirement.map_err(|why| format!("unable to parse requirement: {why}"))?);
                    self.separator()?;
                }
                _ => {
                    return Err(format!(
                        "found '{}', expected: !, identifier, or 'end of string'",
                        next.text
                    ));
                }
            }
        }
    }

    fn separator(&mut self) -> Result<(), String> {
        let token = self.take();
        match token.kind {
            Kind::End => Ok(()),
            Kind::Comma => match self.peek() {
                Token {
                    kind: Kind::Word | Kind::Not,
                    ..
                } => Ok(()),
                Token { text, .. } => Err(format!("found '{text}', expected: identifier after ','")),
            },
            _ => Err(format!(
                "found '{}', expected: ',' or 'end of string'",
                token.text
            )),
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut token = self.take();
        let negated = token.kind == Kind::Not;
        if negated {
            token = self.take();
        }
        if token.kind != Kind::Word {
            return Err(format!("found '{}', expected: identifier", token.text));
        }
        let key = token.text;
        refuse("<nil>", key, &key_errors(key))?;
        let test = if negated {
            Test::Absent
        } else if matches!(self.peek().kind, Kind::End | Kind::Comma) {
            Test::Exists
        } else {
            self.comparison(key)?
        };
        let key = key.to_owned();
        Ok(Requirement { key, test })
    }

    fn comparison(&mut self, key: &str) -> Result<Test, String> {
        let operator = self.take_operator();
        let values = match operator.kind {
            Kind::In | Kind::NotIn => self.values()?,
            Kind::Equals | Kind::DoubleEquals | Kind::NotEquals | Kind::Greater | Kind::Less => {
                self.exact()?
            }
            _ => {
                let expected = "in, notin, =, ==, !=, gt, lt";
                return Err(format!("found '{}', expected: {expected}", operator.text));
            }
        };
        for (at, value) in values.iter().enumerate() {
            refuse(&format!("values[{at}][{key}]"), value, &value_errors(value))?;
        }
        match operator.kind {
            Kind::NotIn | Kind::NotEquals => Ok(Test::NotIn(values)),
            Kind::Greater => number(&values).map(Test::Greater),
            Kind::Less => number(&values).map(Test::Less),
            _ => Ok(Test::In(values)),
        }
    }

    /// The part behind `in`: `(a,b)`, which may be empty or have empty values.
    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let open = self.take();
        if open.kind != Kind::Open {
            return Err(format!("found '{}' expected: '('", open.text));
        }
        let first = self.peek();
        match first.kind {
            Kind::Word | Kind::Comma => self.identifiers(),
            Kind::Close => {
                self.take();
                Ok(BTreeSet::new())
            }
            _ => Err(format!(
                "found '{}', expected: ',', ')' or identifier",
                first.text
            )),
        }
    }

    fn identifiers(&mut self) -> Result<BTreeSet<String>, String> {
        let mut values = BTreeSet::new();
        let mut value_before = false;
        loop {
            let token = self.take();
            match token.kind {
                Kind::Word => {
                    values.insert(token.text.to_owned());
                    let next = self.peek();
                    if !matches!(next.kind, Kind::Comma | Kind::Close) {
                        return Err(format!("found '{}', expected: ',' or ')'", next.text));
                    }
                    value_before = true;
                }
                Kind::Comma => {
                    let value_behind = self.peek().kind == Kind::Word;
                    if !value_before || !value_behind {
                        values.insert(String::new());
                    }
                    value_before = false;
                }
                Kind::Close => return Ok(values),
                _ => return Err(format!("found '{}', expected: ',', or identifier", token.text)),
            }
        }
    }

    fn exact(&mut self) -> Result<BTreeSet<String>, String> {
        if matches!(self.peek().kind, Kind::End | Kind::Comma) {
            return Ok(BTreeSet::from([String::new()]));
        }
        let token = self.take();
        match token.kind {
            Kind::Word => Ok(BTreeSet::from([token.text.to_owned()])),
            _ => Err(format!("found '{}', expected: identifier", token.text)),
        }
    }

    fn peek(&self) -> Token<'a> {
        self.tokens[self.at].as_value()
    }

    fn take(&mut self) -> Token<'a> {
        self.take_operator().as_value()
    }

    fn take_operator(&mut self) -> Token<'a> {
        let token = self.tokens[self.at];
        // The last token is the end, which stays.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }
}

fn number(values: &BTreeSet<String>) -> Result<i64, String> {
    let value = values.first().map(String::as_str).unwrap_or_default();
    let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
    let wrong = || format!("values[0]: Invalid value: {}: {detail}", json!(value));
    value.parse().map_err(|_| wrong())
}

fn refuse(field: &str, value: &str, errors: &[String]) -> Result<(), String> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{field}: Invalid value: {}: {}",
        json!(value),
        errors.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(selector: &str, labels: &str, expected: bool) {
        let pairs = labels.split(' ').filter_map(|pair| pair.split_once('='));
        let labels: Value = pairs.map(|(key, value)| (key.to_owned(), json!(value))).collect();
        let object = json!({"metadata": {"labels": labels}});
        let selector = LabelSelector::parse(selector).unwrap();
        assert_eq!(selector.matches(&object), expected, "{selector:?} {object}");
    }

    #[test]
    fn requirements_are_met_as_written() {
        let cases = [
            ("", "", true),
            ("app=x", "app=x", true),
            ("app==x", "app=y", false),
            ("app!=x", "", true),
            ("app in (x,y),i notin (1)", "app=y i=2", true),
            ("app in (x,y),i notin (1)", "app=y i=1", false),
            ("i notin (1)", "", true),
            ("app in ()", "app=x", false),
            ("app in (,)", "app=", true),
            ("app", "app=x", true),
            ("!app", "app=x", false),
            ("!app", "", true),
            ("i>2", "i=3", true),
            ("i<2", "i=3", false),
            ("i>2", "i=x", false),
            (" a = b , c ", "a=b c=d", true),
            ("in in (notin)", "in=notin", true),
            ("app=", "app=", true),
        ];
        for (selector, labels, expected) in cases {
            check(selector, labels, expected);
        }
    }

    #[test]
    fn mistakes_are_told_in_the_words_of_the_server() {
        let cases = [
            (
                "app in (x",
                "unable to parse requirement: found '', expected: ',' or ')'",
            ),
            ("app=x,", "found '', expected: identifier after ','"),
            (
                "a b=c",
                "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
            ),
            (
                "/x=1",
                "unable to parse requirement: <nil>: Invalid value: \"/x\": prefix part must be non-empty",
            ),
            (",", "found ',', expected: !, identifier, or 'end of string'"),
            ("!", "unable to parse requirement: found '', expected: identifier"),
            ("a in x", "unable to parse requirement: found 'x' expected: '('"),
        ];
        for (selector, expected) in cases {
            assert_eq!(
                LabelSelector::parse(selector).unwrap_err(),
                expected,
                "{selector}"
            );
        }
        let error = LabelSelector::parse("x=_a").unwrap_err();
        let start = "unable to parse requirement: values[0][x]: Invalid value: \"_a\": a valid label must be an empty";
        assert!(error.starts_with(start), "{error}");
    }

    #[test]
    fn a_selector_object_selects_as_its_text_does() {
        let selector = LabelSelector::of_object(&json!({
            "matchLabels": {"a": "1"},
            "matchExpressions": [
                {"key": "b", "operator": "In", "values": ["x", "y"]},
                {"key": "c", "operator": "DoesNotExist"},
            ],
        }));
        assert_eq!(selector, LabelSelector::parse("a=1,b in (x,y),!c").unwrap());
    }
}
