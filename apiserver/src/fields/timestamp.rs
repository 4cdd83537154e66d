//! Writes that would change nothing but the time of an entry.

use serde_json::Value;

use super::writer::{entries, take_entries};
use crate::object::metadata_mut;

/// Gives `new` the entries of `live` if the two differ in nothing but the times of entries.
///
/// To be called on what is about to be stored: the write is then seen to change nothing and can be skipped.
pub fn keep_timestamps(live: &Value, new: &mut Value) {
    if timeless(entries(live)) != timeless(entries(new)) {
        return;
    }
    let sent = take_entries(new);
    let kept = if same_but_entries(live, new) {
        entries(live).cloned()
    } else {
        sent
    };
    if let Some(kept) = kept {
        metadata_mut(new).insert("managedFields".to_owned(), kept);
    }
}

fn timeless(entries: Option<&Value>) -> Vec<Value> {
    let mut entries = entries.and_then(Value::as_array).cloned().unwrap_or_default();
    for entry in &mut entries {
        entry.as_object_mut().map(|entry| entry.remove("time"));
    }
    entries
}

fn same_but_entries(live: &Value, bare: &Value) -> bool {
    let mut live = live.clone();
    take_entries(&mut live);
    live == *bare
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(data: u8, manager: &str, time: &str) -> Value {
        json!({"metadata": {"managedFields": [{"manager": manager, "time": time}]}, "data": data})
    }

    #[test]
    fn times_are_kept_only_if_nothing_else_changed() {
        let live = object(1, "m", "then");
        let check = |mut new: Value, expected: &Value| {
            keep_timestamps(&live, &mut new);
            assert_eq!(new, *expected);
        };
        check(object(1, "m", "now"), &live);
        check(object(2, "m", "now"), &object(2, "m", "now"));
        check(object(1, "n", "now"), &object(1, "n", "now"));
    }
}
