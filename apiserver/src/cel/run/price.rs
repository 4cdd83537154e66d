//! What one call costs, by the values it works on.

use kube_cel::cel::Value;

use super::super::macros::SORT;
use super::super::rate::{REGEX, TEXT, scaled};
use super::value::{pairs, size};

/// The length of the longest regular expression behind a named format.
const FORMAT_REGEX: f64 = 60.0;

/// Returns what a call costs; what it is called on is the first of its arguments.
pub(super) fn price(name: &str, arguments: &[Value], result: Option<&Value>) -> u64 {
    let first = arguments.first().map_or(1, size);
    let second = arguments.get(1).map_or(1, size);
    let text = |size: u64| scaled(size, TEXT);
    let is_text = |value: &Value| matches!(value, Value::String(_) | Value::Bytes(_));
    let on_text = arguments.first().is_some_and(is_text);
    match name {
        "startsWith" | "endsWith" | "strings.quote" | "format" | "url" | "lowerAscii" | "upperAscii"
        | "substring" | "trim" | "cidr" | "isIP" | "isCIDR" | "quantity" | "isQuantity" | "semver"
        | "isSemver" => text(first),
        "bytes" | "string" | "ip" if on_text => text(first),
        "replace" | "split" | "ip.isCanonical" => scaled(first, 2.0 * TEXT),
        "join" => scaled(result.map_or(1, size), 2.0 * TEXT),
        "contains" => text(first).saturating_mul(text(second)),
        "matches" | "find" | "findAll" => text(first + 1).saturating_mul(scaled(second, REGEX)),
        "validate" => text(second + 1).saturating_mul(scaled(1, FORMAT_REGEX * REGEX)),
        "_==_" | "_!=_" => match arguments {
            [Value::Opaque(_), _] if name == "_==_" => 1,
            _ => text(first.min(second)),
        },
        "_<_" | "_<=_" | "_>_" | "_>=_" if on_text => text(first.min(second)),
        "_+_" if on_text => text(first + second),
        "@in" => match arguments.get(1) {
            Some(Value::List(items)) => items.len() as u64,
            _ => 1,
        },
        "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => {
            arguments.first().map_or(0, gone_through)
        }
        "sets.contains" | "sets.intersects" => 1 + first.saturating_mul(second),
        "sets.equivalent" => 1 + first.saturating_mul(second).saturating_mul(2),
        "slice" | "lists.range" => made(1.0, result.map_or(0, size)),
        "reverse" => made(1.0, first),
        "flatten" => made(depth(arguments.get(1)), first),
        "distinct" | "sort" => {
            let texts =
                matches!(arguments.first(), Some(Value::List(items)) if items.first().is_some_and(is_text));
            made(if texts { 2.0 + TEXT } else { 2.0 }, first.saturating_mul(first))
        }
        // As much as sorting the keys.
        SORT => price("sort", arguments.get(1..).unwrap_or_default(), result),
        _ => 1,
    }
}

/// Returns what it costs to compare an address, or a block of addresses, with as many bytes of a block.
pub(super) fn compared(name: &str, bytes: u64, arguments: &[Value]) -> u64 {
    let written = arguments.get(1).filter(|other| matches!(other, Value::String(_)));
    let masked = match name {
        "containsCIDR" => scaled(bytes, TEXT) + 1,
        _ => 0,
    };
    scaled(2 * bytes, TEXT) + masked + written.map_or(0, |text| scaled(size(text), TEXT))
}

/// The call, the list, and what is in it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the real server reckons in floating point, too"
)]
fn made(factor: f64, size: u64) -> u64 {
    (size as f64 * factor) as u64 + 1 + 10
}

#[expect(clippy::cast_precision_loss, reason = "a depth is a small number")]
fn depth(value: Option<&Value>) -> f64 {
    match value {
        Some(Value::Int(depth)) => *depth as f64,
        _ => 1.0,
    }
}

/// What is paid for going through a value and everything in it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the real server reckons in floating point, too"
)]
fn gone_through(value: &Value) -> u64 {
    match value {
        Value::String(text) => (text.len() as f64 * TEXT) as u64,
        Value::Bytes(bytes) => (bytes.len() as f64 * TEXT) as u64,
        Value::List(items) => items.iter().map(gone_through).sum(),
        Value::Map(_) => {
            let entries = pairs(value).unwrap_or_default();
            entries
                .iter()
                .map(|(key, value)| gone_through(key) + gone_through(value))
                .sum()
        }
        _ => 1,
    }
}
