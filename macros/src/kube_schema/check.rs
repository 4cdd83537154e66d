//! What is wrong with rules, each at its token.

use darling::error::Accumulator;
use syn::{Expr, LitStr, Type};

use super::grammar::{Place, Rule, RuleValue, Takes, error};
use super::kind::{self, Kind};
use super::number;

/// What rules stand on.
#[derive(Clone, Copy, Debug)]
pub(super) enum On<'a> {
    /// A whole type; a struct with named fields or not.
    Type,
    /// A field, or a part of one, of a type that may be known.
    Value(Option<&'a Type>),
}

/// Pairs of bounds, the lower first.
const BOUNDS: [(&str, &str); 4] = [
    ("minimum", "maximum"),
    ("min_length", "max_length"),
    ("min_items", "max_items"),
    ("min_properties", "max_properties"),
];

/// Checks the rules of one place.
pub(super) fn check(rules: &[Rule], on: On<'_>, errors: &mut Accumulator) {
    for (position, rule) in rules.iter().enumerate() {
        place(rule, on, errors);
        let repeatable = matches!(rule.key.takes, Takes::Rule | Takes::Fields);
        if !repeatable
            && rules[..position]
                .iter()
                .any(|earlier| earlier.key.name == rule.key.name)
        {
            errors.push(at(rule, &format!("`{}` is given twice", rule.key.name)));
        }
        value(rule, errors);
        part(rule, on, errors);
    }
    bounds(rules, errors);
    list(rules, errors);
    exclusive(rules, errors);
}

fn place(rule: &Rule, on: On<'_>, errors: &mut Accumulator) {
    let name = rule.key.name;
    match (rule.key.place, on) {
        (Place::Field, On::Type) => errors.push(at(rule, &format!("`{name}` belongs on a field"))),
        (Place::Type, On::Value(_)) => errors.push(at(rule, &format!("`{name}` belongs on the struct"))),
        (_, On::Value(Some(ty))) => fits(rule, ty, errors),
        _ => {}
    }
}

fn fits(rule: &Rule, ty: &Type, errors: &mut Accumulator) {
    let Some(kind) = kind::of(ty) else { return };
    let kinds = rule.key.kinds;
    if !kinds.is_empty() && !kinds.contains(&kind) {
        let wanted = kinds[0].name();
        let message = format!(
            "`{}` restricts {wanted}, and this is {}",
            rule.key.name,
            kind.name()
        );
        errors.push(at(rule, &message));
        return;
    }
    let RuleValue::Expr(expr) = &rule.value else {
        return;
    };
    let fraction = number::of(expr).is_some_and(|number| number.fract() != 0.0);
    if rule.key.takes == Takes::Number && kind == Kind::Integer && fraction {
        errors.push(error(expr, "the bound of an integer is an integer"));
    }
}

fn value(rule: &Rule, errors: &mut Accumulator) {
    match (rule.key.takes, rule.text()) {
        (Takes::Word(words), Some(word)) if !words.contains(&word.value().as_str()) => {
            let message = format!(
                "`{}` is none: {}",
                word.value(),
                crate::suggest::help(&word.value(), words)
            );
            errors.push(error(word, &message));
        }
        (Takes::Pattern, Some(pattern)) => regex(pattern, errors),
        (Takes::Rule, Some(rule)) if rule.value().trim().is_empty() => {
            errors.push(error(
                rule,
                "a rule is a CEL expression, such as `self.min <= self.max`",
            ));
        }
        _ => {}
    }
}

/// The API server compiles patterns with RE2, of which Rust's syntax is a close relative.
fn regex(pattern: &LitStr, errors: &mut Accumulator) {
    if let Err(problem) = regex_syntax::Parser::new().parse(&pattern.value()) {
        let kind = match &problem {
            regex_syntax::Error::Parse(problem) => problem.kind().to_string(),
            regex_syntax::Error::Translate(problem) => problem.kind().to_string(),
            other => other.to_string(),
        };
        errors.push(error(
            pattern,
            &format!("the pattern is no regular expression of RE2: {kind}"),
        ));
    }
}

/// Rules for the items of a list, or the values of a map.
fn part(rule: &Rule, on: On<'_>, errors: &mut Accumulator) {
    if let RuleValue::Nested(rules) = &rule.value {
        let element = match on {
            On::Value(Some(ty)) => kind::element(ty),
            _ => None,
        };
        check(rules, On::Value(element), errors);
    }
}

fn bounds(rules: &[Rule], errors: &mut Accumulator) {
    let bound = |name: &str| {
        let rule = rules.iter().find(|rule| rule.key.name == name)?;
        match &rule.value {
            RuleValue::Expr(expr) => Some((expr, number::of(expr)?)),
            _ => None,
        }
    };
    for (low, high) in BOUNDS {
        if let (Some((_, least)), Some((expr, most))) = (bound(low), bound(high))
            && least > most
        {
            errors.push(error(
                expr,
                &format!("`{high}` is below `{low}`: no value is allowed"),
            ));
        }
    }
}

fn list(rules: &[Rule], errors: &mut Accumulator) {
    let find = |name: &str| rules.iter().find(|rule| rule.key.name == name);
    let list_type = find("list_type");
    let is_map = list_type
        .and_then(Rule::text)
        .is_some_and(|text| text.value() == "map");
    match (list_type, find("list_map_keys")) {
        (Some(rule), None) if is_map => {
            errors.push(at(
                rule,
                "a list of type `map` names its keys: add `list_map_keys(\"name\")`",
            ));
        }
        (_, Some(keys)) if !is_map => {
            errors.push(at(
                keys,
                "only a list of type `map` has keys: add `list_type = \"map\"`",
            ));
        }
        _ => {}
    }
    if let (Some(strategy), Some(_)) = (find("merge_strategy"), list_type) {
        errors.push(at(
            strategy,
            "`merge_strategy` says what `list_type` says: remove one",
        ));
    }
}

/// Keys that leave no room for each other.
fn exclusive(rules: &[Rule], errors: &mut Accumulator) {
    const PAIRS: [(&str, &str); 4] = [
        ("map_type", "struct_type"),
        ("minimum", "exclusive_minimum"),
        ("maximum", "exclusive_maximum"),
        ("int_or_string", "embedded_resource"),
    ];
    for (one, other) in PAIRS {
        let has = |name: &str| rules.iter().find(|rule| rule.key.name == name);
        if let (Some(_), Some(extra)) = (has(one), has(other)) {
            errors.push(at(
                extra,
                &format!("`{one}` and `{other}` exclude each other: remove one"),
            ));
        }
    }
}

pub(super) fn at(rule: &Rule, message: &str) -> darling::Error {
    darling::Error::custom(message).with_span(&rule.span)
}

/// Returns the expression of a rule that has one.
pub(super) fn expr(rule: &Rule) -> Option<&Expr> {
    match &rule.value {
        RuleValue::Expr(expr) => Some(expr),
        _ => None,
    }
}
