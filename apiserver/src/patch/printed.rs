//! Values as Go prints them.

use serde_json::{Number, Value};

/// Returns a value as Go's `%v` prints it: `map[a:1 b:[x y]]`.
#[must_use]
pub fn printed(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => printed_number(number),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(printed).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(fields) => {
            let pair = |(name, value): (&String, &Value)| format!("{name}:{}", printed(value));
            let fields: Vec<String> = fields.iter().map(pair).collect();
            format!("map[{}]", fields.join(" "))
        }
    }
}

/// Go turns to exponents from a million on, and writes at least two digits of them.
fn printed_number(number: &Number) -> String {
    if !number.is_f64() {
        return number.to_string();
    }
    let float = number.as_f64().unwrap_or_default();
    let size = float.abs();
    if size == 0.0 || (1e-4..1e6).contains(&size) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.strip_prefix('-') {
        Some(exponent) => format!("{digits}e-{exponent:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

/// The name of a value's Go type after decoding.
pub(super) fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    }
}

/// What a JSON decoder of Go calls a value it cannot use.
pub(super) fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    #[expect(clippy::needless_pass_by_value, reason = "reads better with literals")]
    fn values_are_printed_as_go_prints_them() {
        fn check(value: Value, expected: &str) {
            assert_eq!(printed(&value), expected);
        }
        check(
            json!({"b": [1, "x", null], "a": {"c": true}}),
            "map[a:map[c:true] b:[1 x <nil>]]",
        );
        check(
            json!([1.5, 1e21, 2.5e-7, 100_000.0]),
            "[1.5 1e+21 2.5e-07 100000]",
        );
    }
}
