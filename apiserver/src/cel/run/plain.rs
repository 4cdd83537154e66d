//! What is asked most often and needs no library.

use std::cmp::Ordering;
use std::sync::Arc;

use kube_cel::cel::Value;

/// Returns the answer to a call of an operator with simple values; `None` if the library is to be asked.
pub(super) fn plain(name: &str, arguments: &[Value]) -> Option<Result<Value, String>> {
    let value = match (name, arguments) {
        ("!_", [Value::Bool(value)]) => Value::Bool(!value),
        ("_==_", [left, right]) => Value::Bool(equal(left, right)?),
        ("_!=_", [left, right]) => Value::Bool(!equal(left, right)?),
        ("_<_", [left, right]) => Value::Bool(order(left, right)?.is_lt()),
        ("_<=_", [left, right]) => Value::Bool(order(left, right)?.is_le()),
        ("_>_", [left, right]) => Value::Bool(order(left, right)?.is_gt()),
        ("_>=_", [left, right]) => Value::Bool(order(left, right)?.is_ge()),
        ("_+_", [Value::Int(left), Value::Int(right)]) => {
            let sum = left.checked_add(*right).map(Value::Int);
            return Some(sum.ok_or_else(|| "integer overflow".to_owned()));
        }
        ("_+_", [Value::String(left), Value::String(right)]) => {
            Value::String(Arc::new(format!("{left}{right}")))
        }
        ("_+_", [Value::List(left), Value::List(right)]) => {
            Value::List(Arc::new(left.iter().chain(right.iter()).cloned().collect()))
        }
        ("@in", [value, Value::List(items)]) => {
            let found: Option<Vec<bool>> = items.iter().map(|item| equal(value, item)).collect();
            Value::Bool(found?.contains(&true))
        }
        // Counted by characters.
        ("size", [value @ (Value::String(_) | Value::List(_) | Value::Map(_) | Value::Bytes(_))]) => {
            Value::Int(i64::try_from(super::value::size(value)).unwrap_or(i64::MAX))
        }
        _ => return None,
    };
    Some(Ok(value))
}

fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left == right),
        (Value::String(left), Value::String(right)) => Some(left == right),
        (Value::Bool(left), Value::Bool(right)) => Some(left == right),
        _ => None,
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
