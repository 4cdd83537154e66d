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
            && rules
                .iter()
                .take(position)
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
    positive(rules, errors);
}

/// A number is a multiple of one above zero only.
fn positive(rules: &[Rule], errors: &mut Accumulator) {
    for rule in rules.iter().filter(|rule| rule.key.name == "multiple_of") {
        if let Some(expr) = expr(rule)
            && number::of(expr).is_some_and(|number| number <= 0.0)
        {
            errors.push(error(expr, "a number is a multiple of one above zero"));
        }
    }
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
    if rule.key.name == "nullable" && !kind::is_option(ty) && kind::of(ty).is_some() {
        errors.push(at(
            rule,
            "the type does not read null: make it an `Option`, which is nullable already",
        ));
    }
    let Some(kind) = kind::of(ty) else { return };
    let kinds = rule.key.kinds;
    if !kinds.is_empty() && !kinds.contains(&kind) {
        let wanted: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let message = format!(
            "`{}` restricts {}, and this is {}",
            rule.key.name,
            wanted.join(" or "),
            kind.name()
        );
        errors.push(at(rule, &message));
        return;
    }
    let RuleValue::Expr(expr) = &rule.value else {
        return;
    };
    let beyond = number::of(expr).and_then(|number| super::value::width(number, ty));
    if let (Takes::Number, Some(beyond)) = (rule.key.takes, beyond) {
        errors.push(error(
            expr,
            &format!("the bound is {beyond}: remove it, or choose another type"),
        ));
    }
    let fraction = number::of(expr).is_some_and(|number| number.fract() != 0.0);
    if rule.key.takes == Takes::Number && kind == Kind::Integer && fraction {
        errors.push(error(expr, "the bound of an integer is an integer"));
    }
}

fn value(rule: &Rule, errors: &mut Accumulator) {
    if let RuleValue::Docs { url: link, .. } = &rule.value {
        url(link, errors);
    }
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
        (Takes::Format, Some(format)) => known_format(format, errors),
        _ => {}
    }
}

/// The formats an API server enforces; of others it warns, and looks away.
const FORMATS: [&str; 30] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "date-time",
    "double",
    "duration",
    "email",
    "float",
    "hexcolor",
    "hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "k8s-long-name",
    "k8s-short-name",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
];

fn known_format(format: &LitStr, errors: &mut Accumulator) {
    let said = format.value();
    if !FORMATS.contains(&said.as_str()) {
        let message = format!(
            "`{said}` is no format the API server knows: {}",
            crate::suggest::help(&said, &FORMATS)
        );
        errors.push(error(format, &message));
    }
}

fn regex(pattern: &LitStr, errors: &mut Accumulator) {
    if let Err(message) = crate::pattern::check(&pattern.value()) {
        errors.push(error(pattern, &message));
    }
}

/// A URL has a scheme and a host.
fn url(url: &LitStr, errors: &mut Accumulator) {
    let text = url.value();
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    if rest.is_none_or(|rest| rest.is_empty() || rest.contains(char::is_whitespace)) {
        errors.push(error(
            url,
            &format!("`{text}` is no URL: write `https://example.com/..`"),
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
    const PAIRS: [(&str, &str); 8] = [
        ("map_type", "struct_type"),
        ("merge_strategy", "map_type"),
        ("merge_strategy", "struct_type"),
        ("merge_strategy", "list_map_keys"),
        ("int_or_string", "preserve_unknown_fields"),
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
