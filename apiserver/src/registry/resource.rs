//! The description of one served resource.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::schema::{Definitions, Node, Schema};
use crate::status::GroupResource;
use crate::webhook::{Client, Version};

/// Whether objects live in namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each object is in a namespace.
    Namespaced,
    /// Objects are in none.
    Cluster,
}

/// All that handlers need to know of a kind in one version.
#[derive(Debug, Clone)]
pub struct Resource {
    /// API group, empty for core.
    pub group: String,
    /// Version, for example `v1`.
    pub version: String,
    /// Group its objects are stored in; differs from `group` for the second view of a shared kind.
    pub storage_group: String,
    /// Version its objects are stored in.
    pub storage_version: String,
    /// Kind, for example `Deployment`.
    pub kind: String,
    /// Kind of its lists.
    pub list_kind: String,
    /// Plural, as in the URL.
    pub plural: String,
    /// Singular, as kubectl takes it.
    pub singular: String,
    /// Short names.
    pub short_names: Vec<String>,
    /// Categories such as `all`.
    pub categories: Vec<String>,
    /// Namespaced or not.
    pub scope: Scope,
    /// Verbs it takes, sorted.
    pub verbs: BTreeSet<&'static str>,
    /// What else can be asked of one object, in the order of discovery.
    pub subresources: Vec<Subresource>,
    /// It has `/status`.
    pub has_status: bool,
    /// It has `/scale`, and where its numbers are.
    pub scale: Option<Scale>,
    /// `metadata.generation` counts its spec's changes.
    pub has_generation: bool,
    /// A `PUT` without a resourceVersion is taken.
    pub unconditional_update: bool,
    /// A `PUT` on a missing object creates it.
    pub create_on_update: bool,
    /// It comes from a CRD: strict apiVersion and kind, no strategic merge patch, pruning.
    pub custom: bool,
    /// Its CRD is being deleted: nothing new may be created.
    pub terminating: bool,
    /// Field paths a field selector may name, beyond `metadata.name` and `metadata.namespace`; without the leading dot.
    pub selectable_fields: Vec<String>,
    /// Columns of its table after `Name`.
    pub columns: Vec<Column>,
    /// Warning sent with every request for it, if this version is deprecated.
    pub deprecation_warning: Option<String>,
    /// Schema of the whole object, for a built-in kind a reference; `None` takes anything.
    pub schema: Option<Arc<Schema>>,
    /// Of a custom kind, the schema as written, with its descriptions.
    pub source: Option<Arc<Value>>,
    /// Definitions the schema refers to.
    pub definitions: Arc<Definitions>,
    /// Fields an endpoint may not own.
    pub reset_fields: ResetFields,
    /// The webhook that converts between its versions; `None`: they differ in their name alone.
    pub conversion: Option<Arc<Conversion>>,
}

/// A conversion webhook, as the CRD configures it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    pub(crate) client: Client,
    pub(crate) version: Version,
}

impl Conversion {
    /// The `apiVersion` of its reviews.
    pub(crate) fn api_version(&self) -> String {
        format!("apiextensions.k8s.io/{}", self.version.as_str())
    }
}

/// An endpoint below an object, such as `/status` or `/eviction`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subresource {
    /// Last part of the path.
    pub name: String,
    /// Group of the kind it speaks.
    pub group: String,
    /// Version of the kind it speaks.
    pub version: String,
    /// Kind it speaks, for example `Scale`.
    pub kind: String,
    /// Verbs it takes, sorted.
    pub verbs: BTreeSet<&'static str>,
    /// Name of its kind's definition, if it has one.
    pub definition: Option<String>,
}

/// Field paths, dotted, that an endpoint takes from the stored object and nobody owns through it.
#[derive(Debug, Clone, Default)]
pub struct ResetFields {
    /// Through the object itself, usually `status`.
    pub main: Vec<String>,
    /// Through `/status`, usually `spec`.
    pub status: Vec<String>,
}

/// Where the scale subresource finds its numbers: JSON paths with a leading dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// For example `.spec.replicas`.
    pub spec_replicas: String,
    /// For example `.status.replicas`.
    pub status_replicas: String,
    /// For example `.status.selector`; a string in a CR, a LabelSelector in a built-in kind.
    pub label_selector: Option<String>,
}

/// A column of the table form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Heading.
    pub name: String,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub kind: String,
    /// Format, for example `name`.
    pub format: String,
    /// What the column says.
    pub description: String,
    /// 0 is always shown, more only with `-o wide`.
    pub priority: i32,
    /// JSON path of the cell.
    pub json_path: String,
}

/// Built-in kinds whose removal shows what was removed, by group.
const SHOWN_DELETED: [(&str, &[&str]); 3] = [
    (
        "",
        &[
            "persistentvolumeclaims",
            "persistentvolumes",
            "pods",
            "podtemplates",
            "resourcequotas",
            "serviceaccounts",
            "services",
        ],
    ),
    (
        "resource.k8s.io",
        &[
            "deviceclasses",
            "resourceclaims",
            "resourceclaimtemplates",
            "resourceslices",
        ],
    ),
    (
        "storage.k8s.io",
        &[
            "csidrivers",
            "csinodes",
            "storageclasses",
            "volumeattachments",
            "volumeattributesclasses",
        ],
    ),
];

impl Resource {
    /// `group/version`, or the version alone in the core group: an object's `apiVersion`.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// The name errors use.
    #[must_use]
    pub fn group_resource(&self) -> GroupResource<'_> {
        GroupResource {
            group: &self.group,
            resource: &self.plural,
        }
    }

    /// The subresource of this name.
    #[must_use]
    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|one| one.name == name)
    }

    /// Returns the path of its group and version.
    #[must_use]
    pub fn root_path(&self) -> String {
        match self.group.as_str() {
            "" => format!("/api/{}", self.version),
            group => format!("/apis/{group}/{}", self.version),
        }
    }

    /// Returns the path of the collection in a namespace; in the empty one that of the whole cluster.
    #[must_use]
    pub fn collection_path(&self, namespace: &str) -> String {
        let root = self.root_path();
        if namespace.is_empty() || !self.is_namespaced() {
            format!("{root}/{}", self.plural)
        } else {
            format!("{root}/namespaces/{namespace}/{}", self.plural)
        }
    }

    /// Returns the path of one object.
    #[must_use]
    pub fn path(&self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.collection_path(namespace))
    }

    /// Whether the removal of an object answers with it instead of a `Status`.
    #[must_use]
    pub fn shows_deleted(&self) -> bool {
        !self.custom
            && SHOWN_DELETED
                .iter()
                .any(|(group, plurals)| *group == self.group && plurals.contains(&self.plural.as_str()))
    }

    /// Whether objects live in namespaces.
    #[must_use]
    pub fn is_namespaced(&self) -> bool {
        self.scope == Scope::Namespaced
    }

    /// The root of its schema.
    #[must_use]
    pub fn node(&self) -> Option<Node<'_>> {
        self.schema
            .as_deref()
            .map(|schema| Node::new(schema, &self.definitions))
    }
}
