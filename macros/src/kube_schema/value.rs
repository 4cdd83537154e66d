//! Defaults and examples that are literals: of the field's type, and within its bounds.

use darling::error::Accumulator;
use quote::ToTokens;
use syn::{Expr, ExprLit, Field, GenericArgument, Lit, PathArguments, Type};

use super::grammar::{Rule, RuleValue, error};
use super::number;
use crate::wire::{Mask, Need, Question, Value};

/// Checks a value that is written as a literal.
pub(super) fn check(
    rule: &Rule,
    rules: &[Rule],
    field: &Field,
    value: &Value,
    errors: &mut Accumulator,
    needs: &mut Vec<Need>,
) {
    let RuleValue::Expr(expr) = &rule.value else {
        return;
    };
    let Some(kinds) = kinds(expr) else { return };
    let what = rule.key.name;
    match value {
        Value::Foreign(ty) => {
            if let Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) = &**expr
            {
                let (ty, value) = (ty.clone(), text.value());
                let question = Question::Word { ty, value };
                let span = text.span();
                needs.push(Need { question, span });
            }
        }
        value if !value.kind().meets(kinds) => {
            let message = format!(
                "the {what} is {}, and the field is {}",
                kinds.name(),
                value.kind().name()
            );
            errors.push(error(expr, &message));
        }
        _ => {
            if let Some(message) = beyond(expr, rules, &field.ty) {
                errors.push(error(expr, &format!("the {what} is {message}")));
            }
        }
    }
}

/// The kinds a literal may be of.
fn kinds(expr: &Expr) -> Option<Mask> {
    if let Some(number) = number::of(expr) {
        return Some(
            match number.fract() == 0.0 && !expr.to_token_stream().to_string().contains('.') {
                true => Mask::INTEGER.or(Mask::NUMBER),
                false => Mask::NUMBER,
            },
        );
    }
    let Expr::Lit(literal) = expr else { return None };
    match &literal.lit {
        Lit::Str(_) => Some(Mask::TEXT.or(Mask::BYTES).or(Mask::TIME).or(Mask::DURATION)),
        Lit::Bool(_) => Some(Mask::BOOL),
        _ => None,
    }
}

/// What bound a literal breaks.
fn beyond(expr: &Expr, rules: &[Rule], ty: &Type) -> Option<String> {
    let allowed = rules.iter().find_map(|rule| match &rule.value {
        RuleValue::Exprs(values) => Some(values),
        _ => None,
    });
    if let Some(values) = allowed {
        let spelled = |expr: &Expr| expr.to_token_stream().to_string();
        if values.iter().all(literal) && !values.iter().any(|value| spelled(value) == spelled(expr)) {
            return Some("none of the values `one_of` allows".to_owned());
        }
    }
    if let Some(number) = number::of(expr) {
        return number_beyond(number, rules).or_else(|| width(number, ty));
    }
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => text_beyond(&text.value(), rules),
        _ => None,
    }
}

fn literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(_) | Expr::Unary(_))
}

fn bound(rules: &[Rule], name: &str) -> Option<f64> {
    let rule = rules.iter().find(|rule| rule.key.name == name)?;
    match &rule.value {
        RuleValue::Expr(expr) => number::of(expr),
        _ => None,
    }
}

fn number_beyond(number: f64, rules: &[Rule]) -> Option<String> {
    type Breaks = fn(f64, f64) -> bool;
    let bounds: [(&str, Breaks, &str); 5] = [
        ("minimum", |number, bound| number < bound, "below `minimum`"),
        ("maximum", |number, bound| number > bound, "above `maximum`"),
        (
            "exclusive_minimum",
            |number, bound| number <= bound,
            "not above `exclusive_minimum`",
        ),
        (
            "exclusive_maximum",
            |number, bound| number >= bound,
            "not below `exclusive_maximum`",
        ),
        (
            "multiple_of",
            |number, bound| bound != 0.0 && number % bound != 0.0,
            "no multiple of `multiple_of`",
        ),
    ];
    let mut broken = bounds
        .into_iter()
        .filter(|(name, breaks, _)| bound(rules, name).is_some_and(|bound| breaks(number, bound)));
    broken.next().map(|(_, _, message)| message.to_owned())
}

fn text_beyond(text: &str, rules: &[Rule]) -> Option<String> {
    let length = text.chars().count() as f64;
    if bound(rules, "min_length").is_some_and(|least| length < least) {
        return Some("shorter than `min_length`".to_owned());
    }
    if bound(rules, "max_length").is_some_and(|most| length > most) {
        return Some("longer than `max_length`".to_owned());
    }
    None
}

/// What a number breaks of the width of an integer.
pub(super) fn width(number: f64, ty: &Type) -> Option<String> {
    let name = innermost(ty)?;
    let bits = name.get(1..).and_then(|bits| bits.parse::<i32>().ok())?;
    let (least, most) = match name.chars().next()? {
        'u' => (0.0, 2f64.powi(bits) - 1.0),
        'i' => (-(2f64.powi(bits - 1)), 2f64.powi(bits - 1) - 1.0),
        _ => return None,
    };
    if number < least {
        Some(format!("below what a `{name}` holds"))
    } else if number > most {
        Some(format!("above what a `{name}` holds"))
    } else {
        None
    }
}

/// The name of the type in all wrappers.
fn innermost(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Some(last.ident.to_string());
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) if ["Option", "Box", "Arc"].iter().any(|it| last.ident == it) => {
            innermost(ty)
        }
        _ => None,
    })
}
