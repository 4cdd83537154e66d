//! Literals that cannot become what they are for: patterns, times, durations.

use kube_cel::cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue};

use super::super::engine::{call as made, context};
use super::checker::Mistake;
use crate::schema::Pattern;

/// Returns what is wrong with literals in an expression whose types are right.
pub(super) fn mistakes(expression: &IdedExpr) -> Vec<Mistake> {
    let mut found = Vec::new();
    visit(expression, &mut found);
    found
}

fn visit(expression: &IdedExpr, found: &mut Vec<Mistake>) {
    match &expression.expr {
        Expr::Call(call) => {
            found.extend(mistake(call));
            call.target.iter().for_each(|target| visit(target, found));
            call.args.iter().for_each(|argument| visit(argument, found));
        }
        Expr::Select(select) => visit(&select.operand, found),
        Expr::List(list) => list.elements.iter().for_each(|element| visit(element, found)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    visit(&entry.key, found);
                    visit(&entry.value, found);
                }
            }
        }
        Expr::Comprehension(inner) => {
            for part in [
                &inner.iter_range,
                &inner.accu_init,
                &inner.loop_cond,
                &inner.loop_step,
                &inner.result,
            ] {
                visit(part, found);
            }
        }
        _ => {}
    }
}

fn mistake(call: &CallExpr) -> Option<Mistake> {
    let name = call.func_name.as_str();
    let argument = match (name, call.args.as_slice()) {
        ("matches", [.., pattern]) => pattern,
        ("duration" | "timestamp", [text]) if call.target.is_none() => text,
        _ => return None,
    };
    let Expr::Literal(LiteralValue::String(text)) = &argument.expr else {
        return None;
    };
    let right = match name {
        "matches" => Pattern::new(text.inner()).error().is_none(),
        _ => made(&context(), name, text.inner()).is_some(),
    };
    (!right).then(|| (argument.id, format!("invalid {name} argument")))
}
