//! Going through an expression.

use kube_cel::cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr, SelectExpr,
};

use super::super::engine::{TYPES, parse};
use super::kind::{BOOL, Found, INT, Kind, TEXT};
use super::literal;
use super::position::positions;
use super::signature::{Signature, signatures};

/// What an expression may speak of.
pub(in crate::cel) type Variables<'s> = Vec<(String, Kind<'s>)>;

/// Returns the type of an expression.
///
/// # Errors
/// What is wrong with it, laid out as the real server does.
pub(in crate::cel) fn type_of<'s>(text: &str, variables: Variables<'s>) -> Result<Kind<'s>, String> {
    let expression = parse(text)?;
    let mut checker = Checker {
        variables,
        found: Found::default(),
        mistakes: Vec::new(),
        uneven: Vec::new(),
        formats: 0,
    };
    let kind = checker.kind(&expression);
    let kind = checker.found.settled(&kind);
    let mut mistakes = checker.mistakes;
    if mistakes.is_empty() {
        // These are told only of what is right else.
        mistakes = literal::mistakes(&expression);
        mistakes.extend(checker.uneven);
    }
    match mistakes.is_empty() {
        true => Ok(kind),
        false => Err(told(text, &mistakes)),
    }
}

/// Something that is wrong with a part of the expression, which is told by its number.
pub(super) type Mistake = (u64, String);

fn told(text: &str, mistakes: &[Mistake]) -> String {
    let places = positions(text);
    let place = |number: &u64| places.get(number).copied().unwrap_or_default();
    let mut sorted: Vec<(usize, &str)> = mistakes
        .iter()
        .map(|(number, what)| (place(number), what.as_str()))
        .collect();
    sorted.sort_by_key(|(place, _)| *place);
    let lines: Vec<String> = sorted
        .iter()
        .map(|(place, what)| laid_out(text, *place, what))
        .collect();
    lines.join("\n")
}

/// A mistake above its place in the text.
fn laid_out(text: &str, place: usize, what: &str) -> String {
    let before = &text[..place.min(text.len())];
    let number = before.matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    let dots = ".".repeat(column);
    format!(
        "ERROR: <input>:{}:{}: {what}\n | {line}\n | {dots}^",
        number + 1,
        column + 1
    )
}

struct Checker<'s> {
    variables: Variables<'s>,
    found: Found<'s>,
    mistakes: Vec<Mistake>,
    /// Lists and maps of several types.
    uneven: Vec<Mistake>,
    /// How many calls the place is in that take a list of several types.
    formats: usize,
}

impl<'s> Checker<'s> {
    fn kind(&mut self, expression: &IdedExpr) -> Kind<'s> {
        let number = expression.id;
        match &expression.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => BOOL,
                LiteralValue::Bytes(_) => Kind::Named("bytes"),
                LiteralValue::Double(_) => Kind::Named("double"),
                LiteralValue::Int(_) => INT,
                LiteralValue::Null => Kind::Named("null"),
                LiteralValue::String(_) => TEXT,
                LiteralValue::UInt(_) => Kind::Named("uint"),
            },
            Expr::Ident(name) => self.variable(number, name),
            Expr::Select(select) => self.select(number, select),
            Expr::Call(call) => self.call(number, call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Struct(_) | Expr::Unspecified => Kind::Any,
        }
    }

    fn mistake(&mut self, number: u64, what: String) -> Kind<'s> {
        self.mistakes.push((number, what));
        Kind::Any
    }

    fn undeclared(&mut self, number: u64, name: &str) -> Kind<'s> {
        self.mistake(
            number,
            format!("undeclared reference to '{name}' (in container '')"),
        )
    }

    /// Notes that a value has another type than it should.
    fn expect(&mut self, wanted: &Kind<'s>, expression: &IdedExpr, given: &Kind<'s>) {
        if !self.found.fits(wanted, given) {
            let (wanted, given) = (self.found.settled(wanted), self.found.settled(given));
            self.mistake(
                expression.id,
                format!("expected type '{wanted}' but found '{given}'"),
            );
        }
    }

    fn variable(&mut self, number: u64, name: &str) -> Kind<'s> {
        let known = self.variables.iter().rev().find(|(known, _)| known == name);
        match known {
            Some((_, kind)) => kind.clone(),
            None if TYPES.contains(&name) => Kind::Type(Box::new(Kind::Any)),
            None => self.undeclared(number, name),
        }
    }

    fn select(&mut self, number: u64, select: &SelectExpr) -> Kind<'s> {
        let found = self.field(number, &select.operand, &select.field, false);
        match select.test {
            true => BOOL,
            false => found,
        }
    }

    fn field(&mut self, number: u64, operand: &IdedExpr, name: &str, optional: bool) -> Kind<'s> {
        let operand = self.kind(operand);
        let operand = self.found.settled(&operand);
        let (target, optional) = match operand {
            Kind::Optional(of) => (*of, true),
            other => (other, optional),
        };
        let field = match &target {
            Kind::Map(_, value) => (**value).clone(),
            Kind::Object { .. } | Kind::Metadata => match target.field(name) {
                Some(field) => field,
                None => self.mistake(number, format!("undefined field '{name}'")),
            },
            Kind::Any | Kind::Open(_) => Kind::Any,
            other => self.mistake(number, format!("type '{other}' does not support field selection")),
        };
        match optional {
            true => Kind::optional(field),
            false => field,
        }
    }

    fn call(&mut self, number: u64, call: &CallExpr) -> Kind<'s> {
        let name = call.func_name.as_str();
        if let ("_?._", [operand, field]) = (name, call.args.as_slice()) {
            let field = match &field.expr {
                Expr::Literal(LiteralValue::String(field)) => field.inner(),
                _ => return Kind::Any,
            };
            return self.field(number, operand, field, true);
        }
        let formats = usize::from(name == "format" && call.target.is_some());
        self.formats += formats;
        let given: Vec<Kind<'s>> = call.args.iter().map(|argument| self.kind(argument)).collect();
        self.formats -= formats;
        if matches!(name, "_&&_" | "_||_") {
            for (argument, given) in call.args.iter().zip(&given) {
                self.expect(&BOOL, argument, given);
            }
            return BOOL;
        }
        let Some(target) = &call.target else {
            return match signatures(name) {
                Some(ways) => self.answer(number, name, ways, (None, given)),
                None => self.undeclared(number, name),
            };
        };
        let whole = qualified(target).map(|library| format!("{library}.{name}"));
        if let Some((whole, ways)) = whole.and_then(|whole| signatures(&whole).map(|ways| (whole, ways))) {
            return self.answer(number, &whole, ways, (None, given));
        }
        let target = self.kind(target);
        match signatures(name) {
            Some(ways) => self.answer(number, name, ways, (Some(target), given)),
            None => self.undeclared(number, name),
        }
    }

    /// The type that a call gives: if several ways to call it go, what they agree on.
    fn answer(
        &mut self,
        number: u64,
        name: &str,
        ways: &'static [Signature],
        (target, given): (Option<Kind<'s>>, Vec<Kind<'s>>),
    ) -> Kind<'s> {
        let on_value = target.is_some();
        let all: Vec<Kind<'s>> = target.iter().chain(&given).cloned().collect();
        let mut answer: Option<Kind<'s>> = None;
        for way in ways.iter().filter(|way| way.on_value == on_value) {
            let Some(gives) = way.call(&mut self.found, &all) else {
                continue;
            };
            answer = match answer {
                Some(before) if before.to_string() != gives.to_string() => Some(Kind::Any),
                _ => Some(gives),
            };
        }
        answer.unwrap_or_else(|| {
            let shown = |kind: &Kind<'s>| self.found.settled(kind).to_string();
            let target = target.as_ref().map(|target| format!("{}.", shown(target)));
            let given: Vec<String> = given.iter().map(shown).collect();
            let applied = format!("{}({})", target.unwrap_or_default(), given.join(", "));
            self.mistake(
                number,
                format!("found no matching overload for '{name}' applied to '{applied}'"),
            )
        })
    }

    fn list(&mut self, list: &ListExpr) -> Kind<'s> {
        let mut items = None;
        for (index, element) in list.elements.iter().enumerate() {
            let mut kind = self.kind(element);
            if list.optional_indices.contains(&index)
                && let Kind::Optional(of) = self.found.settled(&kind)
            {
                kind = *of;
            }
            items = Some(self.joined(items, element, kind));
        }
        let items = items.unwrap_or_else(|| self.found.open());
        Kind::list(items)
    }

    fn map(&mut self, map: &MapExpr) -> Kind<'s> {
        let (mut keys, mut values) = (None, None);
        for entry in &map.entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                continue;
            };
            let (key, value) = (self.kind(&entry.key), self.kind(&entry.value));
            keys = Some(self.joined(keys, &entry.key, key));
            values = Some(self.joined(values, &entry.value, value));
        }
        let keys = keys.unwrap_or_else(|| self.found.open());
        let values = values.unwrap_or_else(|| self.found.open());
        Kind::map(keys, values)
    }

    /// All that is in a list or a map has one type.
    fn joined(&mut self, before: Option<Kind<'s>>, expression: &IdedExpr, kind: Kind<'s>) -> Kind<'s> {
        let Some(before) = before else { return kind };
        if !self.found.fits(&before, &kind) {
            if self.formats == 0 {
                let (wanted, given) = (self.found.settled(&before), self.found.settled(&kind));
                let what = format!("expected type '{wanted}' but found '{given}'");
                self.uneven.push((expression.id, what));
            }
            return Kind::Any;
        }
        match self.found.settled(&kind) {
            Kind::Any => Kind::Any,
            _ => before,
        }
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Kind<'s> {
        let range = self.kind(&comprehension.iter_range);
        let start = self.kind(&comprehension.accu_init);
        let (first, second) = match (self.found.settled(&range), comprehension.iter_var2.is_some()) {
            (Kind::List(of), false) => (*of, Kind::Any),
            (Kind::List(of), true) => (INT, *of),
            (Kind::Map(key, value), _) => (*key, *value),
            (Kind::Any | Kind::Open(_), _) => (Kind::Any, Kind::Any),
            (other, _) => {
                let what = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                (self.mistake(comprehension.iter_range.id, what), Kind::Any)
            }
        };
        let depth = self.variables.len();
        self.variables
            .push((comprehension.accu_var.clone(), start.clone()));
        self.variables.push((comprehension.iter_var.clone(), first));
        if let Some(name) = &comprehension.iter_var2 {
            self.variables.push((name.clone(), second));
        }
        let condition = self.kind(&comprehension.loop_cond);
        self.expect(&BOOL, &comprehension.loop_cond, &condition);
        let step = self.kind(&comprehension.loop_step);
        self.expect(&start, &comprehension.loop_step, &step);
        self.variables.truncate(depth + 1);
        let result = self.kind(&comprehension.result);
        self.variables.truncate(depth);
        result
    }
}

/// Names with dots between them.
fn qualified(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => {
            Some(format!("{}.{}", qualified(&select.operand)?, select.field))
        }
        _ => None,
    }
}
