//! Calls: functions by the table, and what binds variables.

use std::ops::Range;
use std::rc::Rc;

use super::Checker;
use super::operator::ORDERED;
use crate::cel::function::{COMPREHENSIONS, ELSEWHERE, FORMATS, FUNCTIONS, Function, Gives, LIBRARIES};
use crate::cel::tree::{Expr, Literal, Node};
use crate::suggest;
use crate::wire::{Mask, Step, Value};

/// What a list can be sorted by.
const SORTED_BY: Mask = ORDERED.or(Mask::NULL);

type Named<'a> = (&'a str, &'a Range<usize>);

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        target: Option<&Expr>,
        (name, at): (&String, &Range<usize>),
        arguments: &[Expr],
        whole: &Expr,
    ) -> Value {
        let named = (name.as_str(), at);
        match target {
            None if name == "has" => self.has(arguments, at),
            None => self.function(None, name, named, arguments),
            Some(target) => match self.library(target) {
                Some(library) if library == "format" && FORMATS.contains(&name.as_str()) => {
                    Value::Kind(Mask::FORMAT)
                }
                Some(library) if ELSEWHERE.contains(&library.as_str()) => {
                    self.mistake(
                        &whole.at,
                        format!("rules of custom resources have no functions of `{library}`"),
                    );
                    Value::Any
                }
                Some(library) => self.function(None, &format!("{library}.{name}"), named, arguments),
                None if COMPREHENSIONS.contains(&name.as_str()) => {
                    self.comprehension(target, named, arguments)
                }
                None => {
                    let receiver = self.value(target);
                    self.function(Some((receiver, &target.at)), name, named, arguments)
                }
            },
        }
    }

    /// The library a function is taken from.
    fn library(&self, target: &Expr) -> Option<String> {
        match &target.node {
            Node::Name(name) if self.known(name).is_none() => {
                let known = LIBRARIES.contains(&name.as_str()) || ELSEWHERE.contains(&name.as_str());
                known.then(|| name.clone())
            }
            _ => None,
        }
    }

    fn has(&mut self, arguments: &[Expr], at: &Range<usize>) -> Value {
        match arguments {
            [argument] if matches!(argument.node, Node::Select { .. }) => {
                self.value(argument);
            }
            _ => self.mistake(at, "`has` asks for a field: write `has(self.field)`"),
        }
        Value::Kind(Mask::BOOL)
    }

    fn function(
        &mut self,
        receiver: Option<(Value, &Range<usize>)>,
        name: &str,
        named: Named<'_>,
        arguments: &[Expr],
    ) -> Value {
        let outside = std::mem::replace(&mut self.formatting, name == "format");
        let values: Vec<Value> = arguments.iter().map(|argument| self.value(argument)).collect();
        self.formatting = outside;
        let rows: Vec<&Function> = FUNCTIONS
            .iter()
            .filter(|row| row.name == name && row.receiver.is_some() == receiver.is_some())
            .collect();
        if rows.is_empty() {
            self.unknown(name, receiver.is_some(), named.1);
            return Value::Any;
        }
        // Only the ways to call it that go with what it is called on.
        let fitting = |row: &&&Function| match (&receiver, row.receiver) {
            (Some((value, _)), Some(kinds)) => value.kind().meets(kinds),
            _ => true,
        };
        let fit: Vec<&Function> = rows.iter().filter(fitting).copied().collect();
        if let Some((value, at)) = &receiver {
            let kinds = rows.iter().filter_map(|row| row.receiver).reduce(Mask::or);
            let kinds = kinds.unwrap_or(Mask::ALL);
            let wish = format!("`{}` is called on {}", named.0, kinds.names());
            self.expect(value, kinds, &wish, at);
        }
        let fit: Vec<&Function> = fit
            .into_iter()
            .filter(|row| row.arguments.len() == arguments.len())
            .collect();
        if fit.is_empty() {
            if receiver.as_ref().is_none_or(|(value, _)| {
                rows.iter()
                    .any(|row| row.receiver.is_none_or(|kinds| value.kind().meets(kinds)))
            }) {
                self.count(&rows, named);
            }
            return Value::Any;
        }
        self.arguments(&fit, named.0, &values, arguments);
        given(&fit, receiver.as_ref().map(|(value, _)| value))
    }

    fn arguments(&mut self, rows: &[&Function], name: &str, values: &[Value], arguments: &[Expr]) {
        for (index, (value, argument)) in values.iter().zip(arguments).enumerate() {
            let kinds = rows.iter().filter_map(|row| row.arguments.get(index).copied());
            let kinds = kinds.reduce(Mask::or).unwrap_or(Mask::ALL);
            let wish = format!("`{name}` takes {} here", kinds.names());
            self.expect(value, kinds, &wish, &argument.at);
        }
        if let ("matches" | "find" | "findAll", Some(pattern)) = (name, arguments.last())
            && let Node::Literal(Literal::Text(text)) = &pattern.node
            && let Err(why) = crate::pattern::check(text)
        {
            self.mistake(&pattern.at, why);
        }
    }

    fn unknown(&mut self, name: &str, member: bool, at: &Range<usize>) {
        let other = FUNCTIONS.iter().find(|row| row.name == name);
        let message = match other {
            Some(_) if member => format!("`{name}` is called by itself: write `{name}(..)`"),
            Some(row) => {
                let on = row.receiver.unwrap_or(Mask::ALL).names();
                format!("`{name}` is called on {on}: write `value.{name}(..)`")
            }
            None => {
                let known = FUNCTIONS
                    .iter()
                    .filter(|row| row.receiver.is_some() == member)
                    .map(|row| row.name);
                let known = known.chain(member.then_some(COMPREHENSIONS).into_iter().flatten());
                match suggest::nearest_as_written(name, known.chain((!member).then_some("has"))) {
                    Some(meant) => format!("there is no function `{name}`: did you mean `{meant}`?"),
                    None => format!("there is no function `{name}`"),
                }
            }
        };
        self.mistake(at, message);
    }

    fn count(&mut self, rows: &[&Function], (name, at): Named<'_>) {
        let mut counts: Vec<usize> = rows.iter().map(|row| row.arguments.len()).collect();
        counts.sort_unstable();
        counts.dedup();
        let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
        let plural = if counts == ["1"] { "" } else { "s" };
        self.mistake(
            at,
            format!("`{name}` takes {} argument{plural}", counts.join(" or ")),
        );
    }

    fn comprehension(&mut self, target: &Expr, (name, at): Named<'_>, arguments: &[Expr]) -> Value {
        if name == "optMap" || name == "optFlatMap" {
            return self.opt_map(target, (name, at), arguments);
        }
        let range = match name {
            "sortBy" => self.wanted(target, Mask::LIST, "`sortBy` sorts a list"),
            _ => {
                let wish = format!("`{name}` goes through a list or a map");
                self.wanted(target, Mask::LIST.or(Mask::MAP), &wish)
            }
        };
        let transforms = name.starts_with("transform");
        // `map` has a form with a condition, the others one with two variables.
        let variables = match (name, arguments.len()) {
            ("all" | "exists" | "exists_one" | "existsOne" | "map" | "filter" | "sortBy", 2) | ("map", 3) => {
                1
            }
            ("all" | "exists" | "exists_one" | "existsOne", 3) => 2,
            _ if transforms && matches!(arguments.len(), 3 | 4) => 2,
            _ => {
                self.mistake(
                    at,
                    format!("`{name}` takes a variable and an expression: `{name}(x, ..)`"),
                );
                return Value::Any;
            }
        };
        let depth = self.variables.len();
        let (variables, arguments) = arguments.split_at_checked(variables).unwrap_or_default();
        self.bind(&range, target, variables);
        let bodies: Vec<Value> = arguments.iter().map(|body| self.value(body)).collect();
        let tested = match name {
            "map" | "sortBy" => bodies.len().saturating_sub(1),
            _ if transforms => bodies.len().saturating_sub(1),
            _ => bodies.len(),
        };
        let wish = format!("`{name}` asks a boolean of each");
        for (body, expr) in bodies.iter().zip(arguments).take(tested) {
            self.expect(body, Mask::BOOL, &wish, &expr.at);
        }
        if let ("sortBy", [key], [expr]) = (name, bodies.as_slice(), arguments) {
            let wish = "`sortBy` asks each item for what has an order";
            self.expect(key, SORTED_BY, wish, &expr.at);
        }
        self.variables.truncate(depth);
        let last = || Rc::new(bodies.last().cloned().unwrap_or(Value::Any));
        match name {
            "map" | "transformList" => Value::List(last()),
            "transformMap" => Value::Map(last()),
            "filter" | "sortBy" => match range {
                Value::Map(_) => Value::List(Rc::new(Value::Kind(Mask::TEXT))),
                Value::List(_) => range,
                _ => Value::List(Rc::new(Value::Any)),
            },
            "transformMapEntry" => Value::Any,
            _ => Value::Kind(Mask::BOOL),
        }
    }

    /// Gives the variables of a comprehension their meaning.
    fn bind(&mut self, range: &Value, target: &Expr, variables: &[Expr]) {
        let one = variables.len() == 1;
        let each = match range.kind().meets(Mask::LIST.or(Mask::MAP)) {
            true => self.stepped(range, Step::Each, &target.at, &target.at),
            false => Value::Any,
        };
        let first = match (one, range) {
            (true, _) => each.clone(),
            (false, Value::List(_)) => Value::Kind(Mask::INTEGER),
            (false, Value::Map(_)) => Value::Kind(Mask::TEXT),
            (false, _) => Value::Any,
        };
        let second = match range {
            Value::List(_) => each,
            Value::Map(values) => (**values).clone(),
            _ => Value::Any,
        };
        for (variable, value) in variables.iter().zip([first, second]) {
            match &variable.node {
                Node::Name(name) => self.variables.push((name.clone(), value)),
                _ => self.mistake(&variable.at, "a variable is wanted here, such as `x`"),
            }
        }
    }

    fn opt_map(&mut self, target: &Expr, (name, at): Named<'_>, arguments: &[Expr]) -> Value {
        let wish = format!("`{name}` is called on an optional value");
        let value = self.wanted(target, Mask::OPTIONAL, &wish);
        let inner = match &value {
            Value::Optional(inner) => (**inner).clone(),
            _ => Value::Any,
        };
        let [variable, body] = arguments else {
            self.mistake(
                at,
                format!("`{name}` takes a variable and an expression: `{name}(x, ..)`"),
            );
            return Value::Any;
        };
        let depth = self.variables.len();
        match &variable.node {
            Node::Name(name) => self.variables.push((name.clone(), inner)),
            _ => self.mistake(&variable.at, "a variable is wanted here, such as `x`"),
        }
        let body = self.value(body);
        self.variables.truncate(depth);
        match body {
            body if name == "optMap" => Value::Optional(Rc::new(body)),
            body @ Value::Optional(_) => body,
            _ => Value::Optional(Rc::new(Value::Any)),
        }
    }
}

/// What a function gives back, if all ways to call it agree.
fn given(rows: &[&Function], receiver: Option<&Value>) -> Value {
    let mut values = rows.iter().map(|row| match row.gives {
        Gives::Any => Value::Any,
        Gives::Kind(kind) => Value::Kind(kind),
        Gives::List(kind) => Value::List(Rc::new(of(kind))),
        Gives::Optional(kind) => Value::Optional(Rc::new(of(kind))),
        Gives::Receiver => receiver
            .filter(|it| !matches!(it, Value::Foreign(_)))
            .cloned()
            .unwrap_or(Value::Any),
        Gives::Item => match receiver {
            Some(Value::List(item) | Value::Optional(item)) => (**item).clone(),
            _ => Value::Any,
        },
    });
    let first = values.next().unwrap_or(Value::Any);
    match values.all(|value| value.kind() == first.kind()) {
        true => first,
        false => Value::Any,
    }
}

fn of(kind: Mask) -> Value {
    match kind {
        Mask::ALL => Value::Any,
        Mask::LIST => Value::List(Rc::new(Value::Any)),
        kind => Value::Kind(kind),
    }
}
