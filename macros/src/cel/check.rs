//! The type of an expression, and what is wrong with it; what other types decide is asked of the compiler.
//!
//! The API server's type checker is strict where types are known; so is this one. What is not known goes with
//! everything, so that no rule the API server takes is refused here.

mod call;
mod operator;

use std::ops::Range;
use std::rc::Rc;

use super::function::{ELSEWHERE, LIBRARIES, TYPES, TYPES_OF_LIBRARIES};
use super::tree::{Expr, Literal, Node};
use super::{Mistake, name, parse, snippet};
use crate::wire::{Foreign, Mask, Question, Step, Value};

/// What an expression may speak of.
#[derive(Debug)]
pub(crate) struct Scope {
    /// What `self` is.
    pub(crate) this: Value,
    /// Whether `oldSelf` is there from the beginning, perhaps empty.
    pub(crate) optional_old_self: bool,
}

/// What was found out about an expression.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) questions: Vec<Question>,
    /// Whether it speaks of `oldSelf`.
    pub(crate) transition: bool,
}

/// Checks an expression whose value is to be of a kind; `wish` says so in words.
pub(crate) fn check(text: &str, scope: &Scope, wanted: Mask, wish: &str) -> Checked {
    let expr = match parse::parse(text) {
        Ok(expr) => expr,
        Err(mistake) => {
            return Checked {
                mistakes: vec![mistake],
                ..Checked::default()
            };
        }
    };
    let before = match scope.optional_old_self {
        true => Value::Optional(Rc::new(scope.this.clone())),
        false => scope.this.clone(),
    };
    let mut checker = Checker {
        text,
        variables: vec![
            ("self".to_owned(), scope.this.clone()),
            ("oldSelf".to_owned(), before),
        ],
        formatting: false,
        checked: Checked {
            transition: expr.mentions("oldSelf"),
            ..Checked::default()
        },
    };
    let value = checker.value(&expr);
    checker.expect(&value, wanted, wish, &expr.at);
    checker.checked
}

struct Checker<'a> {
    text: &'a str,
    variables: Vec<(String, Value)>,
    /// Whether the arguments of `format` are read, which may be of several types.
    formatting: bool,
    checked: Checked,
}

impl Checker<'_> {
    /// Returns what an expression is, and notes what is wrong inside.
    fn value(&mut self, expr: &Expr) -> Value {
        match &expr.node {
            Node::Literal(literal) => Value::Kind(match literal {
                Literal::Null => Mask::NULL,
                Literal::Bool => Mask::BOOL,
                Literal::Int => Mask::INTEGER,
                Literal::Uint => Mask::UNSIGNED,
                Literal::Double => Mask::NUMBER,
                Literal::Text(_) => Mask::TEXT,
                Literal::Bytes => Mask::BYTES,
            }),
            Node::Name(name) => self.variable(name, &expr.at),
            Node::Select {
                operand,
                field,
                optional,
            } => self.select(operand, field, *optional, expr),
            Node::Index {
                operand,
                index,
                optional,
            } => self.index(operand, index, *optional, expr),
            Node::Call {
                target,
                function,
                named,
                arguments,
            } => self.call(target.as_deref(), (function, named), arguments, expr),
            Node::List(items) => self.list(items),
            Node::Map(entries) => self.map(entries),
            Node::Message => Value::Any,
            Node::Not(inner) => self.wanted(inner, Mask::BOOL, "`!` turns a boolean around"),
            Node::Negative(inner) => {
                self.wanted(inner, Mask::INTEGER.or(Mask::NUMBER), "`-` turns a number around")
            }
            Node::Binary {
                operator,
                sign,
                left,
                right,
            } => self.binary(*operator, sign, left, right),
            Node::Choice { condition, yes, no } => {
                self.wanted(condition, Mask::BOOL, "`?` asks a boolean");
                let (yes, no) = (self.value(yes), self.value(no));
                if yes.kind() == no.kind() { yes } else { Value::Any }
            }
        }
    }

    /// Returns what an expression is, which is to be of some kinds.
    fn wanted(&mut self, expr: &Expr, kinds: Mask, wish: &str) -> Value {
        let value = self.value(expr);
        self.expect(&value, kinds, wish, &expr.at);
        match value {
            Value::Foreign(_) | Value::Any if kinds == Mask::BOOL => Value::Kind(Mask::BOOL),
            value => value,
        }
    }

    /// Wants a value to be of some kinds.
    fn expect(&mut self, value: &Value, kinds: Mask, wish: &str, at: &Range<usize>) {
        match value {
            Value::Foreign(place) => self.ask(place, kinds, wish, at),
            value if value.kind().meets(kinds) => {}
            value => {
                let message = format!("{wish}, and this is {}", value.kind().name());
                self.mistake(at, message);
            }
        }
    }

    fn ask(&mut self, place: &Foreign, kinds: Mask, wish: &str, at: &Range<usize>) {
        self.checked.questions.push(Question::Is {
            place: place.clone(),
            kinds,
            wish: wish.to_owned(),
            at: snippet::snippet(self.text, at),
        });
    }

    fn mistake(&mut self, at: &Range<usize>, message: impl Into<String>) {
        self.checked.mistakes.push(Mistake::new(at.clone(), message));
    }

    fn known(&self, name: &str) -> Option<&Value> {
        let known = self.variables.iter().rev().find(|(known, _)| known == name);
        known.map(|(_, value)| value)
    }

    fn variable(&mut self, name: &str, at: &Range<usize>) -> Value {
        if let Some(value) = self.known(name) {
            return value.clone();
        }
        if TYPES.contains(&name) {
            return Value::Kind(Mask::TYPE);
        }
        let of_self = match self.known("self") {
            Some(Value::Record(record)) => record.fields.iter().any(|field| field.name == name),
            _ => false,
        };
        let names: Vec<&str> = self.variables.iter().map(|(name, _)| name.as_str()).collect();
        let help = match crate::suggest::nearest(name, names.iter().copied()) {
            _ if of_self => format!("write `self.{name}`"),
            _ if ELSEWHERE.contains(&name) => format!("rules of custom resources have no `{name}`"),
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there are {}", crate::suggest::listed(&names)),
        };
        self.mistake(at, format!("there is no variable `{name}`: {help}"));
        Value::Any
    }

    fn select(&mut self, operand: &Expr, field: &str, optional: bool, expr: &Expr) -> Value {
        if let Node::Name(library) = &operand.node
            && self.known(library).is_none()
            && LIBRARIES.contains(&library.as_str())
        {
            return Value::Any;
        }
        if self.is_type(operand, field) {
            return Value::Kind(Mask::TYPE);
        }
        let operand = self.value(operand);
        let (operand, optional) = match operand {
            Value::Optional(inner) => ((*inner).clone(), true),
            other => (other, optional),
        };
        let end = expr.at.end;
        let value = self.stepped(&operand, name::step(field), &(end - field.len()..end), &expr.at);
        match optional {
            true => Value::Optional(Rc::new(value)),
            false => value,
        }
    }

    /// Whether names with dots between them are a type.
    fn is_type(&self, library: &Expr, name: &str) -> bool {
        let library = match &library.node {
            Node::Name(one) if self.known(one).is_none() => one.clone(),
            Node::Select { operand, field, .. } => match &operand.node {
                Node::Name(one) if self.known(one).is_none() => format!("{one}.{field}"),
                _ => return false,
            },
            _ => return false,
        };
        TYPES_OF_LIBRARIES.contains(&(library.as_str(), name))
    }

    /// Takes a step; what is wrong with it is told at `at`, or of the `whole` by the compiler.
    fn stepped(&mut self, value: &Value, step: Step, at: &Range<usize>, whole: &Range<usize>) -> Value {
        match value.step(step) {
            Ok(value) => {
                if let Value::Foreign(place) = &value
                    && !place.steps.is_empty()
                {
                    self.ask(place, Mask::ALL, "", whole);
                }
                value
            }
            Err(message) => {
                self.mistake(at, message);
                Value::Any
            }
        }
    }

    fn index(&mut self, operand: &Expr, index: &Expr, optional: bool, expr: &Expr) -> Value {
        let value = self.value(operand);
        let (value, optional) = match value {
            Value::Optional(inner) => ((*inner).clone(), true),
            other => (other, optional),
        };
        let by = self.value(index);
        let (kinds, wish) = match by.kind() {
            Mask::INTEGER | Mask::UNSIGNED => (Mask::LIST, "a number is the index of a list"),
            Mask::TEXT => (Mask::MAP, "a text is the key of a map"),
            _ => (Mask::LIST.or(Mask::MAP), "`[..]` asks a list or a map"),
        };
        self.expect(&value, kinds, wish, &operand.at);
        let item = match value.kind().meets(kinds) {
            true => self.stepped(&value, Step::Index, &expr.at, &expr.at),
            false => Value::Any,
        };
        match optional {
            true => Value::Optional(Rc::new(item)),
            false => item,
        }
    }

    /// Items of a list are of one type, but for those that are written into a text.
    fn list(&mut self, items: &[Expr]) -> Value {
        let mut all = Value::Any;
        for item in items {
            let value = self.value(item);
            let known = all.kind() != Mask::ALL && value.kind() != Mask::ALL;
            if known && !self.formatting && !all.kind().meets(value.kind()) {
                let message = format!(
                    "the items of a list are of one type, and these are {} and {}",
                    all.kind().name(),
                    value.kind().name()
                );
                self.mistake(&item.at, message);
            }
            if all.kind() == Mask::ALL {
                all = value;
            }
        }
        Value::List(Rc::new(all))
    }

    fn map(&mut self, entries: &[(Expr, Expr)]) -> Value {
        let (mut texts, mut all) = (true, Value::Any);
        for (index, (key, value)) in entries.iter().enumerate() {
            texts &= self.value(key).kind() == Mask::TEXT;
            let value = self.value(value);
            all = if index == 0 { value } else { Value::Any };
        }
        match texts {
            true => Value::Map(Rc::new(all)),
            false => Value::Any,
        }
    }
}
