//! The words of the attribute: its keys, the verbs, the subresources.

/// The keys `#[reconciler(..)]` knows.
pub(super) const KEYS: &[&str] = &[
    "for",
    "owns",
    "watches",
    "permits",
    "finalizer",
    "name",
    "external",
    "crate",
];

/// The verbs a permission can name, with their variants of `Verb`.
pub(super) const VERBS: &[(&str, &str)] = &[
    ("get", "Get"),
    ("list", "List"),
    ("watch", "Watch"),
    ("create", "Create"),
    ("update", "Update"),
    ("patch", "Patch"),
    ("delete", "Delete"),
    ("deletecollection", "DeleteCollection"),
];

/// The subresources a permission can name, with their types in `permission::subresource`.
pub(super) const SUBRESOURCES: &[(&str, &str)] = &[
    ("status", "Status"),
    ("finalizers", "Finalizers"),
    ("scale", "Scale"),
    ("eviction", "Eviction"),
    ("log", "Log"),
    ("exec", "Exec"),
    ("portforward", "PortForward"),
    ("binding", "Binding"),
    ("ephemeralcontainers", "EphemeralContainers"),
    ("resize", "Resize"),
    ("token", "Token"),
    ("approval", "Approval"),
];

/// What the reconciled kind is permitted, beside its status and finalizers.
pub(super) const FOR: &[&str] = &["get", "list", "watch", "update", "patch"];
/// What the status of the reconciled kind is permitted.
pub(super) const FOR_STATUS: &[&str] = &["get", "update", "patch"];
/// What the finalizers of the reconciled kind are permitted.
pub(super) const FOR_FINALIZERS: &[&str] = &["update"];
/// What an owned kind is permitted.
pub(super) const OWNS: &[&str] = &["get", "list", "watch", "create", "patch", "delete"];
/// What a watched kind is permitted.
pub(super) const WATCHES: &[&str] = &["get", "list", "watch"];

/// Returns the words of a table of words and types.
pub(super) fn words(table: &'static [(&'static str, &'static str)]) -> Vec<&'static str> {
    table.iter().map(|(word, _)| *word).collect()
}

/// Returns the type that belongs to a word.
pub(super) fn type_of(table: &'static [(&'static str, &'static str)], word: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, r#type)| *r#type)
}
