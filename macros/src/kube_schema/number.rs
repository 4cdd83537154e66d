//! Numbers in attributes: literals, and literals with a minus.

use syn::{Expr, ExprLit, ExprUnary, Lit, UnOp};

/// Returns the number an expression spells, if it is a literal.
pub(super) fn of(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => of(expr).map(|number| -number),
        _ => None,
    }
}
