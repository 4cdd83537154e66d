//! Macros the parser does not know: comprehensions over two variables, optionals that are mapped, lists that are sorted
//! by what is said of their items.

use kube_cel::cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr,
};

const RESULT: &str = "@result";
/// What a list is called while it is sorted.
const SORTED: &str = "@__sortBy_input__";
/// Sorts a list by keys, which are in another list of the same length.
pub(super) const SORT: &str = "@sortByAssociatedKeys";
/// The variable of a comprehension that has no turns: it only gives a value a name.
pub(super) const UNUSED: &str = "#unused";

/// Expands the macros in an expression.
pub(super) fn expand(mut expression: IdedExpr) -> IdedExpr {
    match &mut expression.expr {
        Expr::Call(call) => {
            call.target.iter_mut().for_each(|target| replace(target));
            call.args.iter_mut().for_each(replace);
        }
        Expr::Select(select) => replace(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(replace),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    replace(&mut entry.key);
                    replace(&mut entry.value);
                }
            }
        }
        Expr::Comprehension(inner) => {
            for part in [
                &mut inner.iter_range,
                &mut inner.accu_init,
                &mut inner.loop_cond,
                &mut inner.loop_step,
                &mut inner.result,
            ] {
                replace(part);
            }
        }
        _ => {}
    }
    match &expression.expr {
        Expr::Call(call) => expanded(expression.id, call).unwrap_or(expression),
        _ => expression,
    }
}

fn replace(expression: &mut IdedExpr) {
    *expression = expand(std::mem::take(expression));
}

fn expanded(number: u64, call: &CallExpr) -> Option<IdedExpr> {
    let target = call.target.as_deref()?;
    let names: Vec<&str> = call.args.iter().map_while(name).take(2).collect();
    match (call.func_name.as_str(), names.as_slice(), call.args.as_slice()) {
        ("optMap", [name] | [name, _], [_, body]) => Some(mapped(number, target, name, body, true)),
        ("optFlatMap", [name] | [name, _], [_, body]) => Some(mapped(number, target, name, body, false)),
        ("sortBy", [name] | [name, _], [_, key]) if is_sortable(target) => {
            Some(sorted(number, target, name, key))
        }
        (function, [first, second], [_, _, rest @ ..]) => {
            let step = Step::of(function, first, rest)?;
            let comprehension = ComprehensionExpr {
                iter_range: target.clone(),
                iter_var: (*first).to_owned(),
                iter_var2: Some((*second).to_owned()),
                accu_var: RESULT.to_owned(),
                accu_init: step.start,
                loop_cond: step.goes_on,
                loop_step: step.step,
                result: step.result,
            };
            Some(IdedExpr {
                id: number,
                expr: Expr::Comprehension(Box::new(comprehension)),
            })
        }
        _ => None,
    }
}

fn name(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Ident(name) => Some(name),
        _ => None,
    }
}

fn made(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}

fn call(name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    made(Expr::Call(CallExpr {
        func_name: name.to_owned(),
        target: None,
        args,
    }))
}

fn call_on(target: &IdedExpr, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    made(Expr::Call(CallExpr {
        func_name: name.to_owned(),
        target: Some(Box::new(target.clone())),
        args,
    }))
}

fn ident(name: &str) -> IdedExpr {
    made(Expr::Ident(name.to_owned()))
}

fn truth(value: bool) -> IdedExpr {
    made(Expr::Literal(LiteralValue::Boolean(value.into())))
}

fn number(value: i64) -> IdedExpr {
    made(Expr::Literal(LiteralValue::Int(value.into())))
}

/// What a comprehension does.
struct Step {
    start: IdedExpr,
    goes_on: IdedExpr,
    step: IdedExpr,
    result: IdedExpr,
}

impl Step {
    fn of(function: &str, first: &str, rest: &[IdedExpr]) -> Option<Self> {
        let result = ident(RESULT);
        let step = |start, goes_on, step| {
            Some(Self {
                start,
                goes_on,
                step,
                result: ident(RESULT),
            })
        };
        let not_false = |value: IdedExpr| call("@not_strictly_false", vec![value]);
        match (function, rest) {
            ("all", [body]) => step(
                truth(true),
                not_false(result.clone()),
                call("_&&_", vec![result, body.clone()]),
            ),
            ("exists", [body]) => step(
                truth(false),
                not_false(call("!_", vec![result.clone()])),
                call("_||_", vec![result, body.clone()]),
            ),
            ("existsOne" | "exists_one", [body]) => {
                let one_more = call("_+_", vec![result.clone(), number(1)]);
                Some(Self {
                    start: number(0),
                    goes_on: truth(true),
                    step: call("_?_:_", vec![body.clone(), one_more, result.clone()]),
                    result: call("_==_", vec![result, number(1)]),
                })
            }
            ("transformList", [.., body]) if rest.len() < 3 => {
                let one = made(Expr::List(ListExpr::new(vec![body.clone()])));
                let start = made(Expr::List(ListExpr::new(Vec::new())));
                let added = call("_+_", vec![result, one]);
                step(start, truth(true), filtered(rest, added))
            }
            ("transformMap", [.., body]) if rest.len() < 3 => {
                let added = call("@map_insert", vec![result, ident(first), body.clone()]);
                step(
                    made(Expr::Map(MapExpr::default())),
                    truth(true),
                    filtered(rest, added),
                )
            }
            ("transformMapEntry", [.., body]) if rest.len() < 3 => {
                let added = call("@map_insert", vec![result, body.clone()]);
                step(
                    made(Expr::Map(MapExpr::default())),
                    truth(true),
                    filtered(rest, added),
                )
            }
            _ => None,
        }
    }
}

/// A step that is done for what a condition holds for, if there is one.
fn filtered(rest: &[IdedExpr], step: IdedExpr) -> IdedExpr {
    match rest {
        [condition, _] => call("_?_:_", vec![condition.clone(), step, ident(RESULT)]),
        _ => step,
    }
}

/// Whether the real parser lets this be sorted: no text, number or map that is written out.
fn is_sortable(target: &IdedExpr) -> bool {
    !matches!(target.expr, Expr::Literal(_) | Expr::Map(_) | Expr::Struct(_))
}

/// A list sorted by what a key says of each item.
fn sorted(number: u64, target: &IdedExpr, name: &str, key: &IdedExpr) -> IdedExpr {
    let list = IdedExpr {
        id: number,
        ..ident(SORTED)
    };
    let one = made(Expr::List(ListExpr::new(vec![key.clone()])));
    let keys = made(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: list.clone(),
        iter_var: name.to_owned(),
        iter_var2: None,
        accu_var: RESULT.to_owned(),
        accu_init: made(Expr::List(ListExpr::new(Vec::new()))),
        loop_cond: truth(true),
        loop_step: call("_+_", vec![ident(RESULT), one]),
        result: ident(RESULT),
    })));
    let sorted = IdedExpr {
        id: number,
        ..call_on(&list, SORT, vec![keys])
    };
    named(number, SORTED, target.clone(), sorted)
}

/// An expression in which a value has a name.
fn named(number: u64, name: &str, value: IdedExpr, result: IdedExpr) -> IdedExpr {
    let comprehension = ComprehensionExpr {
        iter_range: made(Expr::List(ListExpr::new(Vec::new()))),
        iter_var: UNUSED.to_owned(),
        iter_var2: None,
        accu_var: name.to_owned(),
        accu_init: value,
        loop_cond: truth(false),
        loop_step: ident(name),
        result,
    };
    IdedExpr {
        id: number,
        expr: Expr::Comprehension(Box::new(comprehension)),
    }
}

/// What is made of the value of an optional, which has a name.
fn mapped(number: u64, target: &IdedExpr, name: &str, body: &IdedExpr, wrap: bool) -> IdedExpr {
    let value = call_on(target, "value", Vec::new());
    let with_name = named(0, name, value, body.clone());
    let optional = ident("optional");
    let value = match wrap {
        true => call_on(&optional, "of", vec![with_name]),
        false => with_name,
    };
    let has = call_on(target, "hasValue", Vec::new());
    let none = call_on(&optional, "none", Vec::new());
    IdedExpr {
        id: number,
        ..call("_?_:_", vec![has, value, none])
    }
}
