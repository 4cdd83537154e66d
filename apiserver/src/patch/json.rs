//! JSON patch, RFC 6902 as the server understands it.
//!
//! It is laxer than the RFC: `replace` adds a missing field, `test` takes a missing field for null, an operation
//! without a value means null, and indices may count from the end.

use serde_json::{Map, Value};

use super::printed::json_kind;
use crate::status::{Error, Result};

const MAX_OPERATIONS: usize = 10_000;

/// Bytes all `copy` operations of a patch together may copy.
const MAX_COPIED: usize = 3 * 1024 * 1024;

const OPERATION_FIELDS: [&str; 4] = ["op", "path", "from", "value"];

/// Returns `live` after all operations of the patch.
///
/// # Errors
///
/// - 400 if the patch is not a list of operations;
/// - 413 if it has too many;
/// - 422 without details if one of them cannot be carried out.
pub fn apply(live: &Value, patch: &Value) -> Result<Value> {
    let operations = match patch {
        Value::Null => return Ok(live.clone()),
        Value::Array(operations) => operations,
        other => return Err(undecodable(other, "value", "[]handlers.jsonPatchOp")),
    };
    let operations = operations
        .iter()
        .map(Operation::read)
        .collect::<Result<Vec<_>>>()?;
    if operations.len() > MAX_OPERATIONS {
        let count = operations.len();
        return Err(Error {
            reason: Some("RequestEntityTooLarge"),
            ..Error::untyped(
                413,
                format!("The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {count}"),
            )
        });
    }
    let mut document = Document {
        root: live.clone(),
        copied: 0,
    };
    for operation in &operations {
        document.run(operation).ok_or_else(Error::rejected_patch)?;
    }
    Ok(document.root)
}

/// Returns what strict field validation says of a patch: operations with fields nobody knows.
#[must_use]
pub fn unknown_fields(patch: &Value) -> Vec<String> {
    let operations = patch.as_array().into_iter().flatten().enumerate();
    let fields = operations.flat_map(|(index, operation)| {
        let names = operation.as_object().into_iter().flat_map(Map::keys);
        names.map(move |name| (index, name))
    });
    let unknown = fields.filter(|(_, name)| !OPERATION_FIELDS.contains(&name.as_str()));
    unknown
        .map(|(index, name)| format!("json patch unknown field \"[{index}].{name}\""))
        .collect()
}

struct Operation<'p> {
    op: &'p str,
    path: Option<&'p str>,
    from: Option<&'p str>,
    value: &'p Value,
}

impl<'p> Operation<'p> {
    fn read(operation: &'p Value) -> Result<Self> {
        let Some(fields) = operation.as_object() else {
            return Err(undecodable(operation, "value", "handlers.jsonPatchOp"));
        };
        let text = |name: &str| match fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(other) => Err(undecodable(
                other,
                &format!("struct field jsonPatchOp.{name}"),
                "string",
            )),
        };
        Ok(Self {
            op: text("op")?.unwrap_or_default(),
            path: text("path")?,
            from: text("from")?,
            value: fields.get("value").unwrap_or(&Value::Null),
        })
    }
}

fn undecodable(value: &Value, place: &str, wanted: &str) -> Error {
    let got = json_kind(value);
    let preposition = if place == "value" {
        "Go value"
    } else {
        &format!("Go {place}")
    };
    Error::bad_request(format!(
        "error decoding patch: json: cannot unmarshal {got} into {preposition} of type {wanted}"
    ))
}

struct Document {
    root: Value,
    copied: usize,
}

impl Document {
    /// Carries out one operation; `None` if it cannot be.
    fn run(&mut self, operation: &Operation<'_>) -> Option<()> {
        let path = operation.path;
        match operation.op {
            "add" => self.add(path?, operation.value.clone()),
            "remove" => self.remove(path?).map(drop),
            "replace" => self.replace(path?, operation.value),
            "test" => self.test(path?, operation.value),
            "move" => {
                let moved = self.remove(operation.from?)?;
                self.add(path?, moved)
            }
            "copy" => {
                let copy = self.get(operation.from?)?.unwrap_or_default();
                self.copied += copy.to_string().len();
                if self.copied > MAX_COPIED {
                    return None;
                }
                self.add(path?, copy)
            }
            _ => None,
        }
    }

    fn add(&mut self, path: &str, value: Value) -> Option<()> {
        let (parent, key) = self.parent(path)?;
        match parent {
            Value::Object(fields) => drop(fields.insert(key, value)),
            Value::Array(items) if key == "-" => items.push(value),
            Value::Array(items) => {
                let index = index(&key, items.len() + 1)?;
                items.insert(index, value);
            }
            _ => return None,
        }
        Some(())
    }

    fn remove(&mut self, path: &str) -> Option<Value> {
        let (parent, key) = self.parent(path)?;
        match parent {
            Value::Object(fields) => fields.remove(&key),
            Value::Array(items) => {
                let index = index(&key, items.len())?;
                Some(items.remove(index))
            }
            _ => None,
        }
    }

    fn replace(&mut self, path: &str, value: &Value) -> Option<()> {
        if path.is_empty() {
            let fits = value.is_object() || value.is_array();
            self.root = fits.then(|| value.clone())?;
            return Some(());
        }
        let (parent, key) = self.parent(path)?;
        match parent {
            Value::Object(fields) => drop(fields.insert(key, value.clone())),
            Value::Array(items) => {
                let index = index(&key, items.len())?;
                items[index] = value.clone();
            }
            _ => return None,
        }
        Some(())
    }

    fn test(&mut self, path: &str, expected: &Value) -> Option<()> {
        let actual = if path.is_empty() {
            self.root.clone()
        } else {
            self.get(path)?.unwrap_or_default()
        };
        (actual == *expected).then_some(())
    }

    /// The value at a path; the inner `None` is a field that is missing from an object that is there.
    fn get(&mut self, path: &str) -> Option<Option<Value>> {
        let (parent, key) = self.parent(path)?;
        match parent {
            Value::Object(fields) => Some(fields.get(&key).cloned()),
            Value::Array(items) => Some(Some(items[index(&key, items.len())?].clone())),
            _ => None,
        }
    }

    /// The object or list that holds the last step of a path, and that step.
    fn parent(&mut self, path: &str) -> Option<(&mut Value, String)> {
        let mut steps: Vec<String> = path.split('/').map(unescape).collect();
        if steps.len() < 2 {
            return None;
        }
        let last = steps.pop()?;
        let parent = steps[1..]
            .iter()
            .try_fold(&mut self.root, |value, step| match value {
                Value::Object(fields) => fields.get_mut(step),
                Value::Array(items) => {
                    let index = index(step, items.len())?;
                    items.get_mut(index)
                }
                _ => None,
            })?;
        Some((parent, last))
    }
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The place an index stands for among `length`; a negative one counts from the end.
fn index(text: &str, length: usize) -> Option<usize> {
    let index: isize = text.parse().ok()?;
    let index = match usize::try_from(index) {
        Ok(index) => index,
        Err(_) => length.checked_sub(index.unsigned_abs())?,
    };
    (index < length).then_some(index)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live() -> Value {
        json!({"data": {"a": "1", "x/y": "2"}, "list": [1, 2, 3]})
    }

    #[test]
    #[expect(clippy::needless_pass_by_value, reason = "reads better with literals")]
    fn operations_are_carried_out_in_order() {
        fn check(patch: Value, expected: Value) {
            let patched = apply(&live(), &patch).unwrap();
            let changed = patched.as_object().unwrap().iter();
            let changed: Map<String, Value> = changed
                .filter(|(name, value)| live().get(name) != Some(value))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            assert_eq!(Value::Object(changed), expected, "{patch}");
        }
        let one = |op: &str, path: &str, value: Value| json!([{"op": op, "path": path, "value": value}]);
        check(one("add", "/new", json!(1)), json!({"new": 1}));
        check(one("add", "/list/1", json!(9)), json!({"list": [1, 9, 2, 3]}));
        check(one("add", "/list/-", json!(9)), json!({"list": [1, 2, 3, 9]}));
        check(one("add", "/list/-1", json!(9)), json!({"list": [1, 2, 3, 9]}));
        check(
            one("replace", "/data/nope", json!(1)),
            json!({"data": {"a": "1", "nope": 1, "x/y": "2"}}),
        );
        check(one("replace", "/list/-1", json!(9)), json!({"list": [1, 2, 9]}));
        check(one("test", "/data/nope", json!(null)), json!({}));
        check(one("test", "/data/x~1y", json!("2")), json!({}));
        check(
            one("remove", "/data/a", json!(null)),
            json!({"data": {"x/y": "2"}}),
        );
        check(json!([{"op": "add", "path": "/data"}]), json!({"data": null}));
        check(
            json!([{"op": "copy", "from": "/list/0", "path": "/c"}, {"op": "move", "from": "/c", "path": "/d"}]),
            json!({"d": 1}),
        );
        check(json!(null), json!({}));
    }

    #[test]
    #[expect(clippy::needless_pass_by_value, reason = "reads better with literals")]
    fn an_operation_that_cannot_be_carried_out_rejects_the_patch() {
        fn check(operation: Value) {
            assert_eq!(
                apply(&live(), &json!([operation])),
                Err(Error::rejected_patch()),
                "{operation}"
            );
        }
        check(json!({"op": "test", "path": "/data/a", "value": "2"}));
        check(json!({"op": "test", "path": "/nope/a", "value": null}));
        check(json!({"op": "remove", "path": "/data/nope"}));
        check(json!({"op": "add", "path": "/spec/nope", "value": 1}));
        check(json!({"op": "add", "path": "/list/5", "value": 1}));
        check(json!({"op": "add", "path": "/list/x", "value": 1}));
        check(json!({"op": "add", "path": "/data/a/b", "value": 1}));
        check(json!({"op": "add", "path": "", "value": {}}));
        check(json!({"op": "replace", "path": "/list/3", "value": 1}));
        check(json!({"op": "replace", "path": "", "value": 1}));
        check(json!({"op": "foo", "path": "/data"}));
        check(json!({"op": "copy", "from": "/list/3", "path": "/c"}));
        check(json!({"op": "move", "from": "/nope", "path": "/c"}));
        check(json!({"path": "/data"}));
        check(json!({"op": "add"}));
    }

    #[test]
    #[expect(clippy::needless_pass_by_value, reason = "reads better with literals")]
    fn what_is_not_a_list_of_operations_is_a_bad_request() {
        fn check(patch: Value, expected: &str) {
            let error = apply(&live(), &patch).unwrap_err();
            let expected = format!("error decoding patch: json: cannot unmarshal {expected}");
            assert_eq!((error.code, error.message), (400, expected));
        }
        check(json!({}), "object into Go value of type []handlers.jsonPatchOp");
        check(json!([1]), "number into Go value of type handlers.jsonPatchOp");
        check(
            json!([{"op": 1}]),
            "number into Go struct field jsonPatchOp.op of type string",
        );
    }

    #[test]
    fn too_many_operations_are_too_large() {
        let operation = json!({"op": "test", "path": "/nope", "value": null});
        let error = apply(&live(), &Value::Array(vec![operation; MAX_OPERATIONS + 1])).unwrap_err();
        assert_eq!(error.code, 413);
    }

    #[test]
    fn copies_cannot_blow_up_an_object() {
        let fill = json!({"op": "add", "path": "/big", "value": "x".repeat(MAX_COPIED / 2)});
        let copy = json!({"op": "copy", "from": "/big", "path": "/copy"});
        assert!(apply(&live(), &json!([fill, copy])).is_ok());
        assert!(apply(&live(), &json!([fill, copy, copy])).is_err());
    }

    #[test]
    fn unknown_fields_of_operations_are_told() {
        let patch = json!([{"op": "add", "path": "/a", "value": 1, "foo": 1}]);
        assert_eq!(unknown_fields(&patch), ["json patch unknown field \"[0].foo\""]);
    }
}
