//! Going through an expression.

use kube_cel::cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr,
};

use super::super::engine::LIBRARIES;
use super::super::macros::UNUSED;
use super::super::rate::{NEW_LIST, NEW_MAP};
use super::call::call;
use super::known::{Kind, Known};
use super::place::Place;
use super::range::Range;

/// What making a message costs, whatever is in it.
const NEW_MESSAGE: u64 = 40;

/// Returns what an expression costs at most, with `self` at a place and `oldSelf` beside it.
pub(in crate::cel) fn estimate(expression: &IdedExpr, this: Place<'_>) -> u64 {
    let known = Known::at(this, Range::ONE);
    let mut estimator = Estimator {
        this,
        variables: vec![("self".to_owned(), known.clone()), ("oldSelf".to_owned(), known)],
    };
    estimator.known(expression).cost.most
}

struct Estimator<'s> {
    this: Place<'s>,
    variables: Vec<(String, Known<'s>)>,
}

impl<'s> Estimator<'s> {
    fn known(&mut self, expression: &IdedExpr) -> Known<'s> {
        match &expression.expr {
            Expr::Literal(literal) => literal_of(literal),
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => self.list(&list.elements),
            Expr::Map(map) => {
                let entries = map.entries.iter().filter_map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => Some((&entry.key, &entry.value)),
                    EntryExpr::StructField(_) => None,
                });
                self.map(entries.collect())
            }
            Expr::Struct(_) => Known::of(Kind::Object, Range::exactly(NEW_MESSAGE)),
            Expr::Unspecified => Known::of(Kind::Any, Range::NONE),
        }
    }

    fn variable(&self, name: &str) -> Known<'s> {
        let known = self.variables.iter().rev().find(|(known, _)| known == name);
        known.map_or_else(
            // The name of a type: the real server takes it for `self` when it looks for its size.
            || Known::of(Kind::Any, Range::ONE).sized(Range::up_to(self.this.most_elements())),
            |(_, known)| Known {
                cost: Range::ONE,
                ..known.clone()
            },
        )
    }

    fn select(&mut self, select: &SelectExpr) -> Known<'s> {
        let operand = self.known(&select.operand);
        // Asking whether a field is there costs what leads to it.
        if select.test {
            return Known::of(Kind::Scalar, operand.cost);
        }
        let access = match operand.kind {
            Kind::Map | Kind::Object => Range::ONE,
            _ => Range::NONE,
        };
        let cost = operand.cost.plus(access);
        match (
            &operand.kind,
            operand.place.and_then(|place| place.field(&select.field)),
        ) {
            (_, Some(place)) => Known::at(place, cost),
            (Kind::Map, None) => operand.element(cost),
            _ => Known::of(Kind::Any, cost),
        }
    }

    fn call(&mut self, expression: &CallExpr) -> Known<'s> {
        let arguments: Vec<Known<'s>> = expression.args.iter().map(|one| self.known(one)).collect();
        let library = expression
            .target
            .as_deref()
            .and_then(|target| match &target.expr {
                Expr::Ident(name) if LIBRARIES.contains(&name.as_str()) => Some(name),
                _ => None,
            });
        match (&expression.target, library) {
            (_, Some(library)) => {
                let function = format!("{library}.{}", expression.func_name);
                call(&function, None, &arguments)
            }
            (Some(target), None) => {
                let target = self.known(target);
                let mut known = call(&expression.func_name, Some(&target), &arguments);
                known.cost = known.cost.plus(target.cost);
                known
            }
            (None, None) => call(&expression.func_name, None, &arguments),
        }
    }

    fn list(&mut self, elements: &[IdedExpr]) -> Known<'s> {
        let known: Vec<Known<'s>> = elements.iter().map(|one| self.known(one)).collect();
        let cost = total(&known).plus(Range::exactly(NEW_LIST));
        let sizes = known.iter().map(Known::size).reduce(Range::or);
        let first = known.first();
        Known {
            size: Some(Range::exactly(elements.len() as u64)),
            entries: Some((Range::ONE, sizes.unwrap_or(Range::NONE))),
            element: first.map(|first| (first.kind.clone(), first.place)),
            ..Known::of(Kind::List, cost)
        }
    }

    fn map(&mut self, entries: Vec<(&IdedExpr, &IdedExpr)>) -> Known<'s> {
        let mut cost = Range::exactly(NEW_MAP);
        let (mut keys, mut values) = (Range::EMPTY, Range::EMPTY);
        for (key, value) in &entries {
            let (key, value) = (self.known(key), self.known(value));
            cost = cost.plus(key.cost).plus(value.cost);
            keys = keys.or(key.size());
            values = values.or(value.size());
        }
        if entries.is_empty() {
            (keys, values) = (Range::NONE, Range::NONE);
        }
        Known {
            size: Some(Range::exactly(entries.len() as u64)),
            entries: Some((keys, values)),
            ..Known::of(Kind::Map, cost)
        }
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Known<'s> {
        let range = self.known(&comprehension.iter_range);
        let start = self.known(&comprehension.accu_init);
        let depth = self.variables.len();
        let named = comprehension.iter_var == UNUSED;
        let kept = Known {
            // A value that only got a name is where it was.
            place: start.place.filter(|_| named),
            number: None,
            ..start.clone()
        };
        self.variables.push((comprehension.accu_var.clone(), kept));
        self.iterate(comprehension, &range);
        let turn = self.known(&comprehension.loop_cond).cost;
        let step = self.known(&comprehension.loop_step);
        self.variables.truncate(depth + 1);
        let result = self.known(&comprehension.result);
        self.variables.truncate(depth);

        let turns = range.size().times(step.cost.plus(turn));
        let cost = range.cost.plus(start.cost).plus(result.cost).plus(turns);
        match start.kind {
            _ if named => Known { cost, ..result },
            Kind::List | Kind::Map => Known {
                size: Some(range.size()),
                entries: step.entries,
                element: step.element,
                ..Known::of(start.kind, cost)
            },
            _ => Known {
                size: start.size,
                ..Known::of(result.kind, cost)
            },
        }
    }

    fn iterate(&mut self, comprehension: &ComprehensionExpr, range: &Known<'s>) {
        let list = range.kind == Kind::List;
        let mut first = if list {
            range.element(Range::ONE)
        } else {
            range.key(Range::ONE)
        };
        if list && range.place.is_none() {
            // The real server takes items of what an expression made for `self` when it looks for their size.
            first.size = Some(Range::up_to(self.this.most_elements()));
        }
        let Some(second) = &comprehension.iter_var2 else {
            self.variables.push((comprehension.iter_var.clone(), first));
            return;
        };
        let position = Known::of(Kind::Scalar, Range::ONE);
        let key = if list { position } else { first };
        self.variables.push((comprehension.iter_var.clone(), key));
        self.variables.push((second.clone(), range.element(Range::ONE)));
    }
}

fn literal_of<'s>(literal: &LiteralValue) -> Known<'s> {
    let known = |kind, size: usize| Known::of(kind, Range::NONE).sized(Range::exactly(size as u64));
    match literal {
        LiteralValue::String(text) => known(Kind::Text, text.inner().chars().count()),
        LiteralValue::Bytes(bytes) => known(Kind::Bytes, bytes.inner().len()),
        LiteralValue::Int(number) => Known {
            number: u64::try_from(*number.inner()).ok(),
            ..known(Kind::Scalar, 1)
        },
        LiteralValue::Null => known(Kind::Any, 1),
        _ => known(Kind::Scalar, 1),
    }
}

/// What several parts cost together.
pub(super) fn total(known: &[Known<'_>]) -> Range {
    let costs = known.iter().map(|known| known.cost);
    costs.fold(Range::NONE, Range::plus)
}
