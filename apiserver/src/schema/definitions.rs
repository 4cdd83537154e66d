//! Named schemas that others refer to.
//!
//! Those of the built-in kinds come from `data/definitions.txt`, one line each. A line is parsed when it is first
//! asked for and then shared by all servers of the process, so that a server starts at once and only pays for the
//! kinds it is used with.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde_json::Value;

use super::Schema;

static BUILT_IN: LazyLock<Arc<Definitions>> = LazyLock::new(|| {
    let lines = Definitions::BUILT_IN_DATA.lines();
    let entries = lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '));
    Arc::new(Definitions {
        entries: entries
            .map(|(name, text)| (name.to_owned(), Entry::written(text)))
            .collect(),
    })
});

/// Schemas by name, for example `io.k8s.api.apps.v1.Deployment`.
#[derive(Debug, Default)]
pub struct Definitions {
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    text: &'static str,
    schema: OnceLock<Schema>,
}

impl Definitions {
    /// What the definitions of the built-in kinds are read from.
    pub(crate) const BUILT_IN_DATA: &'static str = include_str!("../../data/definitions.txt");

    /// Returns definitions without a name.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the definitions of the built-in kinds.
    #[must_use]
    pub fn built_in() -> Arc<Self> {
        Arc::clone(&BUILT_IN)
    }

    /// Returns the schema of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Schema> {
        self.entries.get(name).map(Entry::schema)
    }

    /// Returns the schema of this name as JSON in the short form of the data file: no descriptions, and a
    /// reference is a bare name in `$ref`.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<Value> {
        self.entries.get(name).map(Entry::source)
    }

    /// Adds a schema; one of the same name gives way.
    pub fn insert(&mut self, name: String, schema: Schema) {
        self.entries.insert(name, Entry::parsed(schema));
    }

    /// Returns all names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

impl FromIterator<(String, Schema)> for Definitions {
    fn from_iter<I: IntoIterator<Item = (String, Schema)>>(schemas: I) -> Self {
        let entries = schemas
            .into_iter()
            .map(|(name, schema)| (name, Entry::parsed(schema)));
        Self {
            entries: entries.collect(),
        }
    }
}

impl Entry {
    fn written(text: &'static str) -> Self {
        Self {
            text,
            schema: OnceLock::new(),
        }
    }

    fn parsed(schema: Schema) -> Self {
        Self {
            text: "",
            schema: OnceLock::from(schema),
        }
    }

    fn source(&self) -> Value {
        serde_json::from_str(self.text).unwrap_or_default()
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema::parse(&self.source()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{ListType, Node, Type};

    #[test]
    fn every_line_of_the_data_is_a_schema_whose_references_exist() {
        let all = Definitions::built_in();
        assert!(all.names().count() > 500);
        for name in all.names() {
            let text = all.source(name).unwrap();
            assert!(text.is_object(), "{name}");
            for reference in references(&text) {
                assert!(all.get(&reference).is_some(), "{name} refers to {reference}");
            }
        }
    }

    fn references(value: &Value) -> Vec<String> {
        match value {
            Value::Object(map) => map
                .iter()
                .flat_map(|(key, value)| match value.as_str() {
                    Some(text) if key == "$ref" => vec![text.to_owned()],
                    _ => references(value),
                })
                .collect(),
            Value::Array(list) => list.iter().flat_map(references).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_deployments_ports_are_a_map_list_reached_through_references() {
        let all = Definitions::built_in();
        let root = Schema::reference("io.k8s.api.apps.v1.Deployment");
        let mut node = Node::new(&root, &all);
        for field in ["spec", "template", "spec", "containers"] {
            node = node.field(field).unwrap();
        }
        let ports = node.items().unwrap().field("ports").unwrap();
        assert_eq!(ports.list_type(), ListType::Map);
        assert_eq!(ports.list_map_keys(), ["containerPort", "protocol"]);
        assert_eq!(ports.schema().patch_merge_key.as_deref(), Some("containerPort"));
        let protocol = ports.items().unwrap().field("protocol").unwrap();
        assert_eq!(protocol.schema().kind, Some(Type::String));
        assert_eq!(protocol.site().default, Some(Value::from("TCP")));
    }
}
