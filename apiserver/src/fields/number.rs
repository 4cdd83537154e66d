//! One order of all JSON values, in which numbers compare by what they are worth.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Orders two values: numbers, strings, booleans, lists, maps, null. `1` and `1.0` are equal.
pub(super) fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(l), Value::Number(r)) => order_numbers(l, r),
        (Value::String(l), Value::String(r)) => l.cmp(r),
        (Value::Bool(l), Value::Bool(r)) => l.cmp(r),
        (Value::Array(l), Value::Array(r)) => order_all(l.iter(), r.iter(), order),
        (Value::Object(l), Value::Object(r)) => order_all(l.iter(), r.iter(), |l, r| {
            l.0.cmp(r.0).then_with(|| order(l.1, r.1))
        }),
        _ => rank(left).cmp(&rank(right)),
    }
}

/// Whether two values are the same to the server.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    order(left, right).is_eq()
}

fn order_all<T>(
    mut left: impl Iterator<Item = T>,
    mut right: impl Iterator<Item = T>,
    order: impl Fn(T, T) -> Ordering,
) -> Ordering {
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(l), Some(r)) => match order(l, r) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

/// Whole numbers compare exactly; a fraction cannot be close enough to a huge whole number to matter.
fn order_numbers(left: &Number, right: &Number) -> Ordering {
    match (whole(left), whole(right)) {
        (Some(l), Some(r)) => l.cmp(&r),
        _ => float(left).total_cmp(&float(right)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a float without a fraction below 2^63 is exactly an integer"
)]
fn whole(number: &Number) -> Option<i128> {
    if let Some(signed) = number.as_i64() {
        return Some(signed.into());
    }
    if let Some(unsigned) = number.as_u64() {
        return Some(unsigned.into());
    }
    let float = float(number);
    (float.fract() == 0.0 && float.abs() < 9.3e18).then_some(float as i128)
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) => 0,
        Value::String(_) => 1,
        Value::Bool(_) => 2,
        Value::Array(_) => 3,
        Value::Object(_) => 4,
        Value::Null => 5,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_ordered_by_kind_and_then_by_worth() {
        let check = |left: Value, right: Value, expected: Ordering| {
            assert_eq!(order(&left, &right), expected, "{left} {right}");
            assert_eq!(order(&right, &left), expected.reverse(), "{right} {left}");
        };
        check(json!(1), json!(1.0), Ordering::Equal);
        check(json!(2), json!(10), Ordering::Less);
        check(json!(1.5), json!(1), Ordering::Greater);
        check(
            json!(9_007_199_254_740_993_i64),
            json!(9_007_199_254_740_992_i64),
            Ordering::Greater,
        );
        check(json!(99), json!("1"), Ordering::Less);
        check(json!("a"), json!(true), Ordering::Less);
        check(json!([1]), json!([1, 2]), Ordering::Less);
        check(json!({"a": 1}), json!({"a": 2}), Ordering::Less);
        check(json!({"a": 1}), json!(null), Ordering::Less);
    }
}
