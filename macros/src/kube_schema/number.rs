//! Numbers in attributes: literals, and literals with a minus.

use proc_macro2::Span;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitInt, UnOp};

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

/// Returns the expression with room for its number: an integer without a type has but 32 bits.
pub(super) fn wide(expr: &Expr) -> Expr {
    let mut wide = expr.clone();
    widen(&mut wide, false);
    wide
}

fn widen(expr: &mut Expr, negative: bool) {
    match expr {
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => widen(expr, true),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) if number.suffix().is_empty() => {
            let ty = match number.base10_parse::<u64>() {
                Ok(value) if i32::try_from(value).is_ok() => return,
                Ok(value) if !negative && i64::try_from(value).is_err() => "u64",
                _ => "i64",
            };
            let span: Span = number.span();
            *number = LitInt::new(&format!("{}{ty}", number.base10_digits()), span);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::parse_quote;

    use super::*;

    #[test]
    fn numbers_have_the_room_they_need() {
        let check = |expr: Expr, expected: &str| {
            let written = wide(&expr).to_token_stream().to_string();
            assert_eq!(written.replace(' ', ""), expected);
        };
        check(parse_quote!(1), "1");
        check(parse_quote!(-1), "-1");
        check(parse_quote!(10_000_000_000), "10000000000i64");
        check(parse_quote!(-10_000_000_000), "-10000000000i64");
        check(
            parse_quote!(18_446_744_073_709_551_615),
            "18446744073709551615u64",
        );
        check(
            parse_quote!(-9_223_372_036_854_775_808),
            "-9223372036854775808i64",
        );
        check(parse_quote!(3u8), "3u8");
        check(parse_quote!(1.5), "1.5");
    }
}
