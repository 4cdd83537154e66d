//! A place in the schema, and how large what is there may be.

use super::super::name::calls;
use crate::schema::{Node, Type};

/// How many bytes a request may have.
pub(super) const REQUEST: u64 = 3 * 1024 * 1024;

/// Something a rule can reach from `self`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'s> {
    /// What a schema describes; `whole` objects have a type and a name, too.
    Node {
        /// The schema.
        node: Node<'s>,
        /// It is a whole object.
        whole: bool,
    },
    /// A text nobody bounds, such as the name of an object.
    Text,
    /// A key of a map, which the real server takes to have no length.
    Key,
    /// The metadata of a whole object.
    Metadata,
}

impl<'s> Place<'s> {
    /// Returns the place of a rule.
    pub(crate) fn of(node: Node<'s>, whole: bool) -> Self {
        Self::Node { node, whole }
    }

    /// Returns how often what is here can be in one object at most, if nothing above sets a limit.
    pub(crate) fn cardinality(self) -> u64 {
        REQUEST / (self.least_bytes().unwrap_or_default() + 1)
    }

    /// Returns whether rules see what is here.
    pub(crate) fn is_seen(self) -> bool {
        self.least_bytes().is_some()
    }

    /// Returns the fewest bytes of what is here; `None` if rules do not see it.
    pub(super) fn least_bytes(self) -> Option<u64> {
        match self {
            Self::Text | Self::Key | Self::Metadata => Some(2),
            Self::Node { node, .. } => least_bytes(node),
        }
    }

    /// Returns how many characters, items or entries there are at most; objects and numbers have none.
    pub(super) fn most_elements(self) -> u64 {
        match self {
            Self::Text => REQUEST - 2,
            Self::Key | Self::Metadata => 0,
            Self::Node { node, .. } => most_elements(node),
        }
    }

    /// Returns the field an expression calls by this name.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Text | Self::Key => None,
            Self::Metadata => ["name", "generateName"].contains(&name).then_some(Self::Text),
            Self::Node { node, whole } => {
                let mut declared = node.schema().properties.keys();
                let found = declared.find(|real| calls(name, real));
                let field = found.and_then(|real| node.property(real)).map(seen);
                let implied = whole || node.schema().embedded_resource;
                field.or(match name {
                    "apiVersion" | "kind" if implied => Some(Self::Text),
                    "metadata" if implied => Some(Self::Metadata),
                    _ => None,
                })
            }
        }
    }

    /// Returns the items of a list, or the values of a map.
    pub(super) fn elements(self) -> Option<Self> {
        match self {
            Self::Node { node, .. } => node.items().or_else(|| node.values()).map(seen),
            Self::Text | Self::Key | Self::Metadata => None,
        }
    }
}

fn seen(node: Node<'_>) -> Place<'_> {
    Place::Node { node, whole: false }
}

fn least_bytes(node: Node<'_>) -> Option<u64> {
    let schema = node.schema();
    if schema.int_or_string {
        return Some(1);
    }
    match schema.kind? {
        Type::Boolean => Some(4),
        Type::Integer | Type::Number => Some(1),
        Type::Array => node.items().and_then(least_bytes).map(|_| 2),
        Type::Object => match node.values() {
            Some(values) => least_bytes(values).map(|_| 2),
            None => Some(2 + required_bytes(node)),
        },
        Type::String => Some(match schema.format.as_deref() {
            Some("duration") => 3,
            Some("date") => 12,
            Some("date-time") => 21,
            _ => 2,
        }),
    }
}

/// What the fields take that have to be there.
fn required_bytes(node: Node<'_>) -> u64 {
    let fields = node.schema().required.iter().filter_map(|name| {
        let field = node.property(name)?;
        let given = field.schema().default.is_some();
        let bytes = least_bytes(field).filter(|_| !given)?;
        Some(name.len() as u64 + bytes + 4)
    });
    fields.sum()
}

fn most_elements(node: Node<'_>) -> u64 {
    let schema = node.schema();
    // A character has up to four bytes.
    let characters = schema.max_length.map(|most| most.saturating_mul(4));
    if schema.int_or_string {
        return characters.unwrap_or(REQUEST - 2);
    }
    match schema.kind {
        Some(Type::Array) => {
            let bytes = node.items().and_then(least_bytes).unwrap_or_default();
            schema.max_items.unwrap_or((REQUEST - 2) / (bytes + 1))
        }
        Some(Type::Object) => node.values().map_or(0, |values| {
            let bytes = least_bytes(values).unwrap_or_default();
            schema.max_properties.unwrap_or((REQUEST - 2) / (bytes + 6))
        }),
        Some(Type::String) => match schema.format.as_deref() {
            Some("byte") => schema.max_length.unwrap_or(REQUEST - 2),
            Some("duration" | "date-time") => 32,
            Some("date") => 12,
            _ => characters.or_else(|| longest(node)).unwrap_or(REQUEST - 2),
        },
        _ => 0,
    }
}

/// The length of the longest of listed texts.
fn longest(node: Node<'_>) -> Option<u64> {
    let values = &node.schema().enumeration;
    let texts = values.iter().filter_map(|value| value.as_str());
    let longest = texts.map(|text| text.len() as u64).max().unwrap_or_default();
    (!values.is_empty()).then_some(longest)
}
