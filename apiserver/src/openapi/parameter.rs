//! What can be said in the path and query of a request.

use serde_json::{Value, json};

/// A parameter of an operation; parameters sort by name, as documents list them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Parameter {
    name: &'static str,
    place: Place,
    kind: &'static str,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Path,
    Query,
}

type Row = (&'static str, &'static str, &'static str);

const ALL: [Row; 21] = [
    (
        "allowWatchBookmarks",
        "boolean",
        "The watch may send BOOKMARK events, which carry a resource version alone.",
    ),
    (
        "continue",
        "string",
        "The token of the previous part of a list; the other options must be those of that request.",
    ),
    (
        "dryRun",
        "string",
        "With `All`, the request goes all the way but nothing is stored.",
    ),
    (
        "fieldManager",
        "string",
        "Who makes the change, for the ownership of fields; at most 128 printable characters.",
    ),
    (
        "fieldSelector",
        "string",
        "Only objects whose fields have these values.",
    ),
    (
        "fieldValidation",
        "string",
        "What happens to unknown and duplicate fields: `Ignore` drops them, `Warn` drops them and warns, `Strict` refuses \
         the request.",
    ),
    (
        "force",
        "boolean",
        "Takes fields from managers that own them; for apply requests only.",
    ),
    (
        "gracePeriodSeconds",
        "integer",
        "How long the object has to end; zero deletes at once.",
    ),
    (
        "ignoreStoreReadErrorWithClusterBreakingPotential",
        "boolean",
        "Deletes an object that can no longer be read.",
    ),
    ("labelSelector", "string", "Only objects with matching labels."),
    (
        "limit",
        "integer",
        "The most objects to return; `metadata.continue` of the answer leads to the rest.",
    ),
    (
        "orphanDependents",
        "boolean",
        "Dependents stay. Deprecated: use `propagationPolicy`.",
    ),
    ("path", "string", "The path below the resource."),
    ("pretty", "string", "With `true`, the answer is indented."),
    (
        "propagationPolicy",
        "string",
        "What happens to dependents: `Orphan` keeps them, `Background` deletes them afterwards, `Foreground` before.",
    ),
    (
        "resourceVersion",
        "string",
        "The resource version the answer is taken from, as `resourceVersionMatch` says.",
    ),
    (
        "resourceVersionMatch",
        "string",
        "How `resourceVersion` is meant: `Exact` or `NotOlderThan`.",
    ),
    (
        "sendInitialEvents",
        "boolean",
        "The watch starts with an ADDED event for each object there is, followed by a BOOKMARK.",
    ),
    (
        "shardSelector",
        "string",
        "Only objects of a part of the hash space.",
    ),
    (
        "timeoutSeconds",
        "integer",
        "When the list or watch ends, whatever happens.",
    ),
    ("watch", "boolean", "Streams changes instead of listing."),
];

/// Options of lists and watches.
pub(super) const LIST: [&str; 11] = [
    "allowWatchBookmarks",
    "continue",
    "fieldSelector",
    "labelSelector",
    "limit",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "shardSelector",
    "timeoutSeconds",
    "watch",
];

/// Options of writes.
pub(super) const WRITE: [&str; 3] = ["dryRun", "fieldManager", "fieldValidation"];

/// Options of a deletion.
pub(super) const DELETE: [&str; 5] = [
    "dryRun",
    "gracePeriodSeconds",
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "orphanDependents",
    "propagationPolicy",
];

/// Returns the query parameters of these names.
pub(super) fn query(names: &[&str]) -> impl Iterator<Item = Parameter> {
    let rows = ALL.into_iter().filter(|(name, _, _)| names.contains(name));
    let rows: Vec<Row> = rows.collect();
    rows.into_iter().map(|(name, kind, text)| Parameter {
        name,
        place: Place::Query,
        kind,
        text: text.to_owned(),
    })
}

/// Returns a part of the path.
pub(super) fn path(name: &'static str, text: impl Into<String>) -> Parameter {
    Parameter {
        name,
        place: Place::Path,
        kind: "string",
        text: text.into(),
    }
}

impl Parameter {
    /// Returns it as documents show it.
    pub(super) fn value(&self) -> Value {
        let place = match self.place {
            Place::Path => "path",
            Place::Query => "query",
        };
        let mut value = json!({"name": self.name, "in": place, "description": self.text});
        if self.place == Place::Path {
            value["required"] = json!(true);
        }
        value["schema"] = json!({"type": self.kind, "uniqueItems": true});
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_named_is_known() {
        for names in [&LIST[..], &WRITE[..], &DELETE[..]] {
            assert_eq!(query(names).count(), names.len(), "{names:?}");
        }
    }
}
