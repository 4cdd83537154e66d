//! Going through an expression.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube_cel::cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, ListExpr, LiteralValue, MapExpr,
    SelectExpr,
};
use kube_cel::cel::{Context, Value};

use super::super::engine::{LIBRARIES, TYPES, complaint, type_name};
use super::super::rate::{NEW_LIST, NEW_MAP};
use super::plain::plain;
use super::price::{compared, price};
use super::value::{as_optional, get, inserted, optional, pairs};
use crate::schema::Pattern;

/// What came out of an evaluation.
#[derive(Debug)]
pub(in crate::cel) struct Outcome {
    /// The value, or what went wrong in the real server's words; `None` if it cost too much.
    pub(in crate::cel) result: Option<Result<Value, String>>,
    pub(in crate::cel) cost: u64,
}

/// Evaluates an expression over variables, up to a cost.
pub(in crate::cel) fn run(
    context: &Context<'_>,
    expression: &IdedExpr,
    variables: Vec<(String, Value)>,
    limit: u64,
) -> Outcome {
    let mut runner = Runner {
        context,
        variables,
        cost: 0,
        limit,
        patterns: BTreeMap::new(),
    };
    let result = match runner.value(expression) {
        Ok(value) => Some(Ok(value)),
        Err(Stop::Error(why)) => Some(Err(why)),
        Err(Stop::TooDear) => None,
    };
    Outcome {
        result,
        cost: runner.cost,
    }
}

/// Why there is no value.
enum Stop {
    Error(String),
    TooDear,
}

type Step = Result<Value, Stop>;

const NO_OVERLOAD: &str = "no such overload";

fn error(why: impl Into<String>) -> Stop {
    Stop::Error(why.into())
}

/// What a function is called on.
#[derive(Clone, Copy)]
enum On<'l> {
    Nothing,
    Library(&'l str),
    /// The first of its arguments.
    First,
}

fn ident(name: String) -> IdedExpr {
    IdedExpr {
        id: 0,
        expr: Expr::Ident(name),
    }
}

struct Runner<'c> {
    context: &'c Context<'c>,
    variables: Vec<(String, Value)>,
    cost: u64,
    limit: u64,
    patterns: BTreeMap<Arc<String>, Result<Pattern, String>>,
}

impl Runner<'_> {
    fn pay(&mut self, cost: u64) -> Result<(), Stop> {
        self.cost = self.cost.saturating_add(cost);
        match self.cost > self.limit {
            true => Err(Stop::TooDear),
            false => Ok(()),
        }
    }

    fn value(&mut self, expression: &IdedExpr) -> Step {
        match &expression.expr {
            Expr::Literal(literal) => Ok(of_literal(literal)),
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Struct(_) | Expr::Unspecified => Err(error(NO_OVERLOAD)),
        }
    }

    fn variable(&mut self, name: &str) -> Step {
        self.pay(1)?;
        let known = self.variables.iter().rev().find(|(known, _)| known == name);
        match known {
            Some((_, value)) => Ok(value.clone()),
            None if TYPES.contains(&name) => Ok(name.into()),
            None => Err(error(format!("no such attribute(s): {name}"))),
        }
    }

    fn select(&mut self, select: &SelectExpr) -> Step {
        let operand = self.value(&select.operand)?;
        if select.test {
            return Ok(Value::Bool(field(&operand, &select.field).is_ok_and(|found| {
                // Of an optional, the field is there if it has a value.
                as_optional(&operand).is_none() || as_optional(&found).flatten().is_some()
            })));
        }
        self.pay(1)?;
        field(&operand, &select.field).map_err(Stop::Error)
    }

    fn call(&mut self, call: &CallExpr) -> Step {
        match (call.func_name.as_str(), call.args.as_slice()) {
            ("_&&_", [left, right]) => self.until(false, left, right),
            ("_||_", [left, right]) => self.until(true, left, right),
            ("_?_:_", [condition, yes, no]) => match self.value(condition)? {
                Value::Bool(true) => self.value(yes),
                Value::Bool(false) => self.value(no),
                _ => Err(error(NO_OVERLOAD)),
            },
            ("@not_strictly_false", [value]) => {
                let value = match self.value(value) {
                    Err(Stop::TooDear) => return Err(Stop::TooDear),
                    Ok(Value::Bool(value)) => value,
                    Ok(_) | Err(Stop::Error(_)) => true,
                };
                self.pay(1)?;
                Ok(Value::Bool(value))
            }
            ("_?._", [operand, name]) => {
                let operand = self.value(operand)?;
                self.pay(1)?;
                let name = self.value(name)?;
                Ok(optional_of(&operand, &name))
            }
            ("_[_]" | "_[?_]", [operand, index]) => {
                let (operand, index) = (self.value(operand)?, self.value(index)?);
                self.pay(1)?;
                match (call.func_name.as_str(), as_optional(&operand)) {
                    ("_[_]", None) => get(&operand, &index).map_err(Stop::Error),
                    _ => Ok(optional_of(&operand, &index)),
                }
            }
            ("@in", [value, list]) if literals(list) => {
                // A list that is written out is looked up at once.
                let (value, list) = (self.value(value)?, self.value(list)?);
                self.answer("@in", On::Nothing, &[value, list])
            }
            ("or" | "orValue", [otherwise]) if call.target.is_some() => self.otherwise(call, otherwise),
            _ => self.function(call),
        }
    }

    /// What an optional holds or is, or something else; that costs nothing by itself.
    fn otherwise(&mut self, call: &CallExpr, otherwise: &IdedExpr) -> Step {
        let target = call.target.as_deref().map(|target| self.value(target));
        let target = target.unwrap_or_else(|| Err(error(NO_OVERLOAD)))?;
        match as_optional(&target) {
            Some(Some(value)) if call.func_name == "orValue" => Ok(value.clone()),
            Some(Some(_)) => Ok(target),
            Some(None) => self.value(otherwise),
            None => Err(error(NO_OVERLOAD)),
        }
    }

    /// Of two conditions, one that is `decisive` decides, whatever the other is.
    fn until(&mut self, decisive: bool, left: &IdedExpr, right: &IdedExpr) -> Step {
        let left = self.value(left);
        if let Ok(Value::Bool(value)) = left
            && value == decisive
        {
            return Ok(Value::Bool(decisive));
        }
        if let Err(Stop::TooDear) = left {
            return left;
        }
        let right = self.value(right);
        match (left, right) {
            (_, Err(Stop::TooDear)) => Err(Stop::TooDear),
            (_, Ok(Value::Bool(value))) if value == decisive => Ok(Value::Bool(decisive)),
            (Err(stop), _) | (Ok(Value::Bool(_)), Err(stop)) => Err(stop),
            (Ok(Value::Bool(_)), Ok(Value::Bool(_))) => Ok(Value::Bool(!decisive)),
            _ => Err(error(NO_OVERLOAD)),
        }
    }

    fn function(&mut self, call: &CallExpr) -> Step {
        let library = call.target.as_deref().and_then(|target| match &target.expr {
            Expr::Ident(name) if LIBRARIES.contains(&name.as_str()) => Some(name.as_str()),
            _ => None,
        });
        let mut arguments = Vec::new();
        if let (Some(target), None) = (&call.target, library) {
            arguments.push(self.value(target)?);
        }
        for argument in &call.args {
            arguments.push(self.value(argument)?);
        }
        let (name, on) = match (library, &call.target) {
            (Some(library), _) => (format!("{library}.{}", call.func_name), On::Library(library)),
            (None, Some(_)) => (call.func_name.clone(), On::First),
            (None, None) => (call.func_name.clone(), On::Nothing),
        };
        let result = match (name.as_str(), arguments.as_slice()) {
            ("@map_insert", [map, key, value]) => {
                inserted(map, &[(key.clone(), value.clone())]).map_err(Stop::Error)
            }
            ("@map_insert", [map, more]) => {
                inserted(map, &pairs(more).unwrap_or_default()).map_err(Stop::Error)
            }
            ("dyn", [value]) => Ok(value.clone()),
            ("type", [value]) => Ok(type_name(value).into()),
            ("matches", [Value::String(text), Value::String(pattern)]) => self.matches(text, pattern),
            // Not every name is one of a format.
            ("format.named", [Value::String(name)]) => Ok(optional(self.answer(name, on, &[]).ok())),
            _ => self.answer(&call.func_name, on, &arguments),
        };
        let cost = match name.as_str() {
            "containsIP" | "containsCIDR" => compared(&name, self.prefix_bytes(&arguments), &arguments),
            _ => price(&name, &arguments, result.as_ref().ok()),
        };
        self.pay(cost)?;
        result
    }

    /// Whether a text matches a pattern, each of which is compiled once.
    fn matches(&mut self, text: &str, pattern: &Arc<String>) -> Step {
        let known = self.patterns.entry(Arc::clone(pattern));
        let known = known.or_insert_with(|| {
            let pattern = Pattern::new(pattern);
            pattern.error().map_or(Ok(pattern), Err)
        });
        match known {
            Ok(pattern) => Ok(Value::Bool(pattern.is_match(text))),
            Err(why) => Err(error(why.clone())),
        }
    }

    /// How many bytes of an address are compared with a block of addresses.
    fn prefix_bytes(&self, arguments: &[Value]) -> u64 {
        let length = match self.answer("prefixLength", On::First, arguments.get(..1).unwrap_or_default()) {
            Ok(Value::Int(bits)) => u64::try_from(bits).unwrap_or_default(),
            _ => 128,
        };
        length.div_ceil(8)
    }

    /// What the library answers to a call.
    fn answer(&self, name: &str, on: On<'_>, arguments: &[Value]) -> Step {
        if let Some(answer) = plain(name, arguments) {
            return answer.map_err(Stop::Error);
        }
        let mut scope = self.context.new_inner_scope();
        let mut named = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let name = format!("@{index}");
            scope.add_variable_from_value(name.clone(), argument.clone());
            named.push(ident(name));
        }
        let target = match on {
            On::Library(library) => Some(ident(library.to_owned())),
            On::First => Some(named.remove(0)),
            On::Nothing => None,
        };
        let call = CallExpr {
            func_name: name.to_owned(),
            target: target.map(Box::new),
            args: named,
        };
        let expression = IdedExpr {
            id: 0,
            expr: Expr::Call(call),
        };
        let answer = scope.resolve(&expression);
        answer.map_err(|why| Stop::Error(complaint(&why)))
    }

    fn list(&mut self, list: &ListExpr) -> Step {
        let mut items = Vec::new();
        for (index, element) in list.elements.iter().enumerate() {
            let value = self.value(element)?;
            match as_optional(&value).filter(|_| list.optional_indices.contains(&index)) {
                Some(inner) => items.extend(inner.cloned()),
                None => items.push(value),
            }
        }
        if !list.elements.iter().all(is_literal) {
            self.pay(NEW_LIST)?;
        }
        Ok(Value::List(Arc::new(items)))
    }

    fn map(&mut self, map: &MapExpr) -> Step {
        let mut entries = Vec::new();
        for entry in &map.entries {
            if let EntryExpr::MapEntry(entry) = &entry.expr {
                let (key, value) = (self.value(&entry.key)?, self.value(&entry.value)?);
                match as_optional(&value).filter(|_| entry.optional) {
                    Some(inner) => entries.extend(inner.cloned().map(|value| (key, value))),
                    None => entries.push((key, value)),
                }
            }
        }
        if !map.entries.iter().all(is_literal_entry) {
            self.pay(NEW_MAP)?;
        }
        let empty: Vec<(String, Value)> = Vec::new();
        let empty = super::super::value::map(empty);
        inserted(&empty, &entries).map_err(Stop::Error)
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Step {
        let range = self.value(&comprehension.iter_range)?;
        let start = self.value(&comprehension.accu_init)?;
        let pairs = pairs(&range).ok_or_else(|| error(NO_OVERLOAD))?;
        let depth = self.variables.len();
        self.variables.push((comprehension.accu_var.clone(), start));
        let result = self.turns(comprehension, matches!(range, Value::List(_)), pairs);
        let result = result.and_then(|()| {
            self.variables.truncate(depth + 1);
            self.value(&comprehension.result)
        });
        self.variables.truncate(depth);
        result
    }

    fn turns(
        &mut self,
        comprehension: &ComprehensionExpr,
        of_list: bool,
        pairs: Vec<(Value, Value)>,
    ) -> Result<(), Stop> {
        let depth = self.variables.len();
        for (first, second) in pairs {
            match &comprehension.iter_var2 {
                Some(name) => {
                    self.variables.push((comprehension.iter_var.clone(), first));
                    self.variables.push((name.clone(), second));
                }
                None => {
                    let value = if of_list { second } else { first };
                    self.variables.push((comprehension.iter_var.clone(), value));
                }
            }
            if !matches!(self.value(&comprehension.loop_cond)?, Value::Bool(true)) {
                break;
            }
            let step = self.value(&comprehension.loop_step);
            self.variables.truncate(depth);
            let step = step?;
            if let Some((_, kept)) = self.variables.last_mut() {
                *kept = step;
            }
        }
        self.variables.truncate(depth);
        Ok(())
    }
}

fn field(operand: &Value, name: &str) -> Result<Value, String> {
    let name = name.into();
    match as_optional(operand) {
        Some(_) => Ok(optional_of(operand, &name)),
        None => get(operand, &name),
    }
}

/// What is at a place, if it is there and what it is in is, too.
fn optional_of(operand: &Value, index: &Value) -> Value {
    let inside = match as_optional(operand) {
        Some(inside) => inside,
        None => Some(operand),
    };
    optional(inside.and_then(|inside| get(inside, index).ok()))
}

fn is_literal(expression: &IdedExpr) -> bool {
    matches!(expression.expr, Expr::Literal(_)) || literals(expression)
}

/// Whether a list or a map is written out, with nothing but literals in it.
fn literals(expression: &IdedExpr) -> bool {
    match &expression.expr {
        Expr::List(list) => list.optional_indices.is_empty() && list.elements.iter().all(is_literal),
        Expr::Map(map) => map.entries.iter().all(is_literal_entry),
        _ => false,
    }
}

fn is_literal_entry(entry: &IdedEntryExpr) -> bool {
    match &entry.expr {
        EntryExpr::MapEntry(entry) => is_literal(&entry.key) && is_literal(&entry.value),
        EntryExpr::StructField(_) => false,
    }
}

fn of_literal(literal: &LiteralValue) -> Value {
    match literal {
        LiteralValue::Boolean(value) => Value::Bool(*value.inner()),
        LiteralValue::Bytes(bytes) => Value::Bytes(Arc::new(bytes.inner().to_vec())),
        LiteralValue::Double(number) => Value::Float(*number.inner()),
        LiteralValue::Int(number) => Value::Int(*number.inner()),
        LiteralValue::Null => Value::Null,
        LiteralValue::String(text) => text.inner().into(),
        LiteralValue::UInt(number) => Value::UInt(*number.inner()),
    }
}
