//! The built-in kinds: rows of `data/kinds.txt`, completed by [`behavior`](super::behavior).

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::behavior;
use super::{Resource, Scope, Subresource};
use crate::schema::{Definitions, Schema};

/// The Kubernetes version whose kinds are built in and whose behaviour is followed.
pub const KUBERNETES_VERSION: &str = "1.36.3";

static ROWS: &str = include_str!("../../data/kinds.txt");

/// All built-in resources in the order of discovery; made once per process.
pub(super) static RESOURCES: LazyLock<Vec<Arc<Resource>>> = LazyLock::new(|| {
    let rows = ROWS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| serde_json::from_str(line).ok())
        .map(|row: Row| Arc::new(row.resource()))
        .collect()
});

#[derive(Deserialize)]
struct Row {
    group: String,
    version: String,
    kind: String,
    plural: String,
    singular: String,
    namespaced: bool,
    verbs: Vec<String>,
    #[serde(default)]
    short: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    subresources: Vec<SubRow>,
    schema: Option<String>,
}

#[derive(Deserialize)]
struct SubRow {
    name: String,
    kind: String,
    verbs: Vec<String>,
    schema: Option<String>,
    /// Group and version of `kind`, if they are not those of the resource.
    response: Option<(String, String)>,
}

impl Row {
    fn resource(self) -> Resource {
        let behavior = behavior::of(&self.group, &self.plural);
        let has_status = self.subresources.iter().any(|one| one.name == "status");
        let subresources = self
            .subresources
            .iter()
            .map(|one| one.subresource(&self.group, &self.version));
        Resource {
            storage_group: behavior.storage_group.unwrap_or(&self.group).to_owned(),
            storage_version: behavior.storage_version.unwrap_or(&self.version).to_owned(),
            list_kind: format!("{}List", self.kind),
            scope: if self.namespaced {
                Scope::Namespaced
            } else {
                Scope::Cluster
            },
            verbs: verbs(&self.verbs),
            subresources: subresources.collect(),
            has_status,
            scale: self
                .subresources
                .iter()
                .any(|one| one.name == "scale")
                .then(behavior::scale),
            has_generation: behavior.has_generation,
            unconditional_update: behavior.unconditional_update,
            create_on_update: behavior.create_on_update,
            custom: false,
            terminating: false,
            selectable_fields: behavior
                .selectable_fields
                .iter()
                .map(|&path| path.to_owned())
                .collect(),
            columns: Vec::new(),
            deprecation_warning: behavior.deprecation_warning.map(str::to_owned),
            schema: self
                .schema
                .as_deref()
                .map(|name| Arc::new(Schema::reference(name))),
            source: None,
            definitions: Definitions::built_in(),
            reset_fields: behavior::reset_fields(&self.group, &self.plural, has_status),
            conversion: None,
            group: self.group,
            version: self.version,
            kind: self.kind,
            plural: self.plural,
            singular: self.singular,
            short_names: self.short,
            categories: self.categories,
        }
    }
}

impl SubRow {
    fn subresource(&self, group: &str, version: &str) -> Subresource {
        let (group, version) = match &self.response {
            Some((group, version)) => (group.as_str(), version.as_str()),
            None => (group, version),
        };
        Subresource {
            name: self.name.clone(),
            group: group.to_owned(),
            version: version.to_owned(),
            kind: self.kind.clone(),
            verbs: verbs(&self.verbs),
            definition: self.schema.clone(),
        }
    }
}

fn verbs(names: &[String]) -> BTreeSet<&'static str> {
    const ALL: [&str; 8] = [
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
    ];
    ALL.into_iter()
        .filter(|verb| names.iter().any(|name| name == verb))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_resource() {
        let rows = ROWS.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(RESOURCES.len(), rows);
        assert!(
            ROWS.contains(KUBERNETES_VERSION),
            "the data is of another version"
        );
    }

    #[test]
    fn every_schema_named_is_defined() {
        for resource in RESOURCES.iter() {
            let name = resource
                .schema
                .as_ref()
                .and_then(|schema| schema.reference.clone());
            let name = name.unwrap_or_else(|| panic!("{} has no schema", resource.plural));
            assert!(resource.definitions.get(&name).is_some(), "{name}");
        }
    }
}
