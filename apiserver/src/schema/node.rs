//! A place in a schema, with its references resolved.

use super::{Additional, Definitions, ListType, MapType, Schema};

/// A schema together with the definitions its references point into; copy it freely.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    schema: &'a Schema,
    /// The schema that refers to `schema`, whose list type and patch keys count for this place.
    site: &'a Schema,
    definitions: &'a Definitions,
}

impl<'a> Node<'a> {
    /// Returns the node of `schema`, following its reference if it is one.
    #[must_use]
    pub fn new(schema: &'a Schema, definitions: &'a Definitions) -> Self {
        let target = schema.reference.as_deref().and_then(|name| definitions.get(name));
        Self {
            schema: target.unwrap_or(schema),
            site: schema,
            definitions,
        }
    }

    /// The schema itself, references resolved.
    #[must_use]
    pub fn schema(self) -> &'a Schema {
        self.schema
    }

    /// The schema as written where the field is declared: default and patch keys of a reference live here.
    #[must_use]
    pub fn site(self) -> &'a Schema {
        self.site
    }

    /// The node of a declared field, or of a map's values.
    #[must_use]
    pub fn field(self, name: &str) -> Option<Node<'a>> {
        self.property(name).or_else(|| self.values())
    }

    /// The node of a declared field.
    #[must_use]
    pub fn property(self, name: &str) -> Option<Node<'a>> {
        self.schema.properties.get(name).map(|schema| self.at(schema))
    }

    /// The node of a map's values, if the object is a map.
    #[must_use]
    pub fn values(self) -> Option<Node<'a>> {
        match &self.schema.additional {
            Additional::Schema(schema) => Some(self.at(schema)),
            _ => None,
        }
    }

    /// The node of a list's items.
    #[must_use]
    pub fn items(self) -> Option<Node<'a>> {
        self.schema.items.as_deref().map(|schema| self.at(schema))
    }

    /// How this list's items are owned.
    #[must_use]
    pub fn list_type(self) -> ListType {
        self.site
            .list_type
            .or(self.schema.list_type)
            .unwrap_or(ListType::Atomic)
    }

    /// The keys of this map list.
    #[must_use]
    pub fn list_map_keys(self) -> &'a [String] {
        if self.site.list_map_keys.is_empty() {
            &self.schema.list_map_keys
        } else {
            &self.site.list_map_keys
        }
    }

    /// How this object's fields are owned.
    #[must_use]
    pub fn map_type(self) -> MapType {
        self.site
            .map_type
            .or(self.schema.map_type)
            .unwrap_or(MapType::Granular)
    }

    /// The node of a definition.
    #[must_use]
    pub fn definition(self, name: &str) -> Option<Node<'a>> {
        self.definitions.get(name).map(|schema| self.at(schema))
    }

    /// Another schema among the same definitions.
    #[must_use]
    pub fn at(self, schema: &'a Schema) -> Node<'a> {
        Node::new(schema, self.definitions)
    }
}
