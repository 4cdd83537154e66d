//! Events: one store, two views that call the same things differently.

use serde_json::Value;

use crate::object::map_mut;

/// Names in the core group and in `events.k8s.io`.
const NAMES: [(&str, &str); 7] = [
    ("message", "note"),
    ("involvedObject", "regarding"),
    ("count", "deprecatedCount"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("source", "deprecatedSource"),
    ("reportingComponent", "reportingController"),
];

pub(super) fn to_new(value: &mut Value) {
    rename(value, NAMES);
}

pub(super) fn to_core(value: &mut Value) {
    rename(value, NAMES.map(|(core, new)| (new, core)));
}

fn rename<const N: usize>(value: &mut Value, names: [(&str, &str); N]) {
    let map = map_mut(value);
    for (from, to) in names {
        if let Some(field) = map.remove(from) {
            map.insert(to.to_owned(), field);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_views_differ_in_names_alone() {
        let core = json!({"message": "m", "involvedObject": {"kind": "Pod"}, "count": 2, "reason": "R"});
        let mut value = core.clone();
        to_new(&mut value);
        let new = json!({"note": "m", "regarding": {"kind": "Pod"}, "deprecatedCount": 2, "reason": "R"});
        assert_eq!(value, new);
        to_core(&mut value);
        assert_eq!(value, core);
    }
}
