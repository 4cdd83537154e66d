//! A write as admission sees it.

use serde_json::{Value, json};

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
}

impl Operation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// The endpoint and the kind of the object, in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Group and version of the resource in the URL.
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    /// Group, version and kind of the object, another than the resource's at some subresources.
    pub(crate) object: (String, String, String),
}

impl Shape {
    /// As a `GroupVersionResource`.
    pub(super) fn resource(&self) -> Value {
        json!({"group": self.group, "version": self.version, "resource": self.plural})
    }

    /// As a `GroupVersionKind`.
    pub(super) fn kind(&self) -> Value {
        let (group, version, kind) = &self.object;
        json!({"group": group, "version": version, "kind": kind})
    }

    /// The object's `apiVersion`.
    pub(crate) fn api_version(&self) -> String {
        let (group, version, _) = &self.object;
        if group.is_empty() {
            version.clone()
        } else {
            format!("{group}/{version}")
        }
    }
}

/// What is done, to what, and by whom.
#[derive(Debug, Clone)]
pub(crate) struct Attributes {
    pub(crate) operation: Operation,
    pub(crate) shape: Shape,
    /// Empty for the object itself.
    pub(crate) subresource: String,
    /// Of a namespace, its own name.
    pub(crate) namespace: String,
    /// As the request gives it; empty while `generateName` has not been carried out.
    pub(crate) name: String,
    /// `CreateOptions`, `UpdateOptions`, `PatchOptions` or `DeleteOptions`.
    pub(crate) options: Value,
    pub(crate) dry_run: bool,
    /// A `UserInfo`.
    pub(crate) user: Value,
}

impl Attributes {
    /// Whether the write is to a namespace, whatever of it.
    pub(crate) fn is_namespace(&self) -> bool {
        self.shape.group.is_empty() && self.shape.plural == "namespaces"
    }
}
