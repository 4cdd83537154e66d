//! What is asked most often and needs no library.

use std::cmp::Ordering;
use std::mem::discriminant;
use std::sync::Arc;

use kube_cel::cel::Value;

use super::super::macros::SORT;

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
        (SORT, [Value::List(items), Value::List(keys)]) => return Some(sorted(items, keys)),
        _ => return None,
    };
    Some(Ok(value))
}

/// Returns the items in the order of their keys.
fn sorted(items: &[Value], keys: &[Value]) -> Result<Value, String> {
    if let Some(first) = keys.first() {
        if first.partial_cmp(first).is_none() || matches!(first, Value::Null) {
            return Err("list elements must be comparable".to_owned());
        }
        if !keys.iter().all(|key| discriminant(key) == discriminant(first)) {
            return Err("list elements must have the same type".to_owned());
        }
    }
    let mut pairs: Vec<(&Value, &Value)> = keys.iter().zip(items).collect();
    pairs.sort_by(|(one, _), (other, _)| one.partial_cmp(other).unwrap_or(Ordering::Equal));
    let sorted: Vec<Value> = pairs.into_iter().map(|(_, item)| item.clone()).collect();
    Ok(Value::List(Arc::new(sorted)))
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
