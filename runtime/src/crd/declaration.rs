//! What the attributes of a custom resource say, and the definition that follows from them.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, CustomResourceDefinitionNames, CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion, CustomResourceSubresourceScale, CustomResourceSubresourceStatus,
    CustomResourceSubresources, CustomResourceValidation, JSONSchemaProps, SelectableField,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Column;

/// One version of a custom resource, as its attributes declare it.
///
/// `#[derive(CustomResource)]` writes it; write one by hand only for a type that cannot use the derive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// API group.
    pub group: &'static str,
    /// API version.
    pub version: &'static str,
    /// Kind.
    pub kind: &'static str,
    /// Plural name, used in paths.
    pub plural: &'static str,
    /// Singular name, accepted by kubectl.
    pub singular: &'static str,
    /// Name of the CRD: `<plural>.<group>`.
    pub crd_name: &'static str,
    /// Where objects live.
    pub scope: Scope,
    /// Abbreviations kubectl accepts.
    pub shortnames: &'static [&'static str],
    /// Groups of resources this one is listed with, such as `all`.
    pub categories: &'static [&'static str],
    /// Columns of `kubectl get`.
    pub columns: &'static [Column],
    /// JSON paths that field selectors may use.
    pub selectable: &'static [&'static str],
    /// Whether the status is a subresource.
    pub status: bool,
    /// The scale subresource, if there is one.
    pub scale: Option<Scale>,
    /// Annotations of the CRD.
    pub annotations: &'static [(&'static str, &'static str)],
    /// Labels of the CRD.
    pub labels: &'static [(&'static str, &'static str)],
    /// Whether objects are stored in this version.
    pub storage: bool,
    /// Whether the API server answers for this version.
    pub served: bool,
    /// Whether the version is left out of the definition, while its type goes on to exist.
    pub skip: bool,
    /// Whether clients are warned about this version.
    pub deprecation: Deprecation,
}

/// Where the objects of a kind live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// In the cluster as a whole.
    Cluster,
}

/// Whether clients that use a version are warned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deprecation {
    /// The version is current.
    None,
    /// The API server's own warning.
    Default,
    /// A warning in the author's words.
    Warning(&'static str),
}

/// Where the scale subresource finds its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Path of the wanted number of replicas, under `.spec`.
    pub spec_replicas_path: &'static str,
    /// Path of the observed number of replicas, under `.status`.
    pub status_replicas_path: &'static str,
    /// Path of the serialized pod selector.
    pub label_selector_path: Option<&'static str>,
}

impl Declaration {
    /// Returns the definition with the given schema.
    #[must_use]
    pub fn definition(&self, schema: Option<JSONSchemaProps>) -> CustomResourceDefinition {
        CustomResourceDefinition {
            metadata: ObjectMeta {
                name: Some(self.crd_name.to_owned()),
                annotations: map(self.annotations),
                labels: map(self.labels),
                ..ObjectMeta::default()
            },
            spec: CustomResourceDefinitionSpec {
                group: self.group.to_owned(),
                names: self.names(),
                scope: self.scope.as_str().to_owned(),
                versions: vec![self.version(schema)],
                ..CustomResourceDefinitionSpec::default()
            },
            status: None,
        }
    }

    fn names(&self) -> CustomResourceDefinitionNames {
        CustomResourceDefinitionNames {
            kind: self.kind.to_owned(),
            list_kind: Some(format!("{}List", self.kind)),
            plural: self.plural.to_owned(),
            singular: Some(self.singular.to_owned()),
            short_names: list(self.shortnames),
            categories: list(self.categories),
        }
    }

    fn version(&self, schema: Option<JSONSchemaProps>) -> CustomResourceDefinitionVersion {
        CustomResourceDefinitionVersion {
            name: self.version.to_owned(),
            served: self.served,
            storage: self.storage,
            deprecated: (self.deprecation != Deprecation::None).then_some(true),
            deprecation_warning: match self.deprecation {
                Deprecation::Warning(text) => Some(text.to_owned()),
                Deprecation::None | Deprecation::Default => None,
            },
            schema: Some(CustomResourceValidation {
                open_api_v3_schema: schema,
            }),
            additional_printer_columns: some(self.columns.iter().map(Column::definition).collect()),
            selectable_fields: some(self.selectable.iter().map(|path| selectable(path)).collect()),
            subresources: self.subresources(),
        }
    }

    fn subresources(&self) -> Option<CustomResourceSubresources> {
        self.status.then(|| CustomResourceSubresources {
            scale: self.scale.map(Scale::definition),
            status: Some(CustomResourceSubresourceStatus(serde_json::json!({}))),
        })
    }
}

impl Scope {
    /// Returns the scope as a CRD spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Namespaced => "Namespaced",
            Self::Cluster => "Cluster",
        }
    }
}

impl Scale {
    fn definition(self) -> CustomResourceSubresourceScale {
        CustomResourceSubresourceScale {
            spec_replicas_path: self.spec_replicas_path.to_owned(),
            status_replicas_path: self.status_replicas_path.to_owned(),
            label_selector_path: self.label_selector_path.map(str::to_owned),
        }
    }
}

fn selectable(path: &str) -> SelectableField {
    SelectableField {
        json_path: path.to_owned(),
    }
}

fn list(items: &[&str]) -> Option<Vec<String>> {
    some(items.iter().map(|&item| item.to_owned()).collect())
}

/// An unset collection is absent from the CRD: an explicit empty one would show up as a diff.
fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

fn map(pairs: &[(&str, &str)]) -> Option<BTreeMap<String, String>> {
    let pairs = pairs
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()));
    Some(pairs.collect::<BTreeMap<_, _>>()).filter(|map| !map.is_empty())
}
