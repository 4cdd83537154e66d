//! Strategic merge patch: a merge patch that knows which lists merge, by what key, and takes directives.
//!
//! - `$patch: replace | delete` in an object or a list item replaces or deletes what is there;
//! - `$retainKeys` names the fields of an object that stay;
//! - `$setElementOrder/<list>` orders a merged list;
//! - `$deleteFromPrimitiveList/<list>` removes items from a list of scalars.
//!
//! Only built-in kinds take it: the strategies are part of their types. Start at [`apply`]; [`object`] merges
//! objects, [`list`] lists, [`order`] puts merged lists in order.

mod error;
mod list;
mod object;
mod order;

use serde_json::Value;

use self::error::Problem;
use super::printed::{json_kind, printed};
use super::restore::restore;
use crate::schema::Node;
use crate::status::{Error, FieldError, Result};

/// Returns `live` under the patch, by the strategies in the schema of its kind.
///
/// # Errors
///
/// - 400 if the patch is no object or a directive is malformed;
/// - 422 if the result does not fit the types of the kind;
/// - 500 if lists cannot be merged, as the real server answers.
pub fn apply(node: Node<'_>, live: &Value, patch: &Value) -> Result<Value> {
    let fields = match patch {
        Value::Object(fields) => fields,
        Value::Null => return Ok(live.clone()),
        other => {
            return Err(Error::bad_request(format!(
                "json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                json_kind(other)
            )));
        }
    };
    let live = live.as_object().cloned().unwrap_or_default();
    let patched = object::merge(Some(node), live, fields).map_err(Problem::into_error)?;
    let patched = Value::Object(patched);
    restore(node, &patched).map_err(|misfit| {
        let shown = Value::String(printed(patch));
        Error::invalid("", "", "", &[FieldError::invalid("patch", &shown, &misfit)])
    })?;
    Ok(patched)
}

#[cfg(test)]
mod tests;
