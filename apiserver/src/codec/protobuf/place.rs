//! Where in an object a message is read to.

use super::wire::Malformed;
use crate::schema::{Node, Schema};

/// How deep messages may be in each other: as deep as JSON may be.
const DEEPEST: u8 = 127;

/// A place in the schema, and how deep it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    node: Node<'a>,
    depth: u8,
}

impl<'a> Place<'a> {
    pub(super) fn top(node: Node<'a>) -> Self {
        Self { node, depth: 0 }
    }

    pub(super) fn schema(self) -> &'a Schema {
        self.node.schema()
    }

    /// The name of the definition this place refers to.
    pub(super) fn definition(self) -> Option<&'a str> {
        self.node.site().reference.as_deref()
    }

    pub(super) fn property(self, name: &str) -> Result<Option<Self>, Malformed> {
        self.deeper(self.node.property(name))
    }

    pub(super) fn values(self) -> Result<Option<Self>, Malformed> {
        self.deeper(self.node.values())
    }

    pub(super) fn items(self) -> Result<Option<Self>, Malformed> {
        self.deeper(self.node.items())
    }

    /// Another definition in this place.
    pub(super) fn as_definition(self, name: &str) -> Result<Option<Self>, Malformed> {
        self.deeper(self.node.definition(name))
    }

    fn deeper(self, node: Option<Node<'a>>) -> Result<Option<Self>, Malformed> {
        if self.depth == DEEPEST {
            return Err(Malformed);
        }
        let depth = self.depth + 1;
        Ok(node.map(|node| Self { node, depth }))
    }
}
