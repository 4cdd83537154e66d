//! Columns of `kubectl get`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceColumnDefinition;

/// A column `kubectl get` prints for a custom resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: &'static str,
    /// What the values are: `boolean`, `date`, `integer`, `number` or `string`.
    pub type_: &'static str,
    /// Where the value is, for example `.spec.size`.
    pub json_path: &'static str,
    /// What the column means, shown by `kubectl explain`-like tools.
    pub description: Option<&'static str>,
    /// How the value is printed, in OpenAPI's words.
    pub format: Option<&'static str>,
    /// Columns above zero appear only with `-o wide`.
    pub priority: Option<i32>,
}

impl Column {
    /// Returns the column as a CRD carries it.
    #[must_use]
    pub fn definition(&self) -> CustomResourceColumnDefinition {
        CustomResourceColumnDefinition {
            name: self.name.to_owned(),
            type_: self.type_.to_owned(),
            json_path: self.json_path.to_owned(),
            description: self.description.map(str::to_owned),
            format: self.format.map(str::to_owned),
            priority: self.priority,
        }
    }
}
