//! The types of expressions.

use std::collections::BTreeMap;
use std::fmt;

use super::super::name::calls;
use crate::schema::{Node, Type};

/// A type.
#[derive(Debug, Clone)]
pub(in crate::cel) enum Kind<'s> {
    /// Goes with everything: what is found out when it runs, and what is wrong already.
    Any,
    /// One of the language or of a library, by its name.
    Named(&'s str),
    List(Box<Kind<'s>>),
    Map(Box<Kind<'s>>, Box<Kind<'s>>),
    Optional(Box<Kind<'s>>),
    /// The type of a type.
    Type(Box<Kind<'s>>),
    /// An object with declared fields; `whole` ones have a type and a name, too.
    Object {
        node: Node<'s>,
        whole: bool,
    },
    /// The metadata of a whole object.
    Metadata,
    /// A type that is still to be found out.
    Open(usize),
}

pub(super) const BOOL: Kind<'static> = Kind::Named("bool");
pub(super) const INT: Kind<'static> = Kind::Named("int");
pub(super) const TEXT: Kind<'static> = Kind::Named("string");

impl<'s> Kind<'s> {
    pub(super) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    pub(super) fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    pub(in crate::cel) fn optional(of: Self) -> Self {
        Self::Optional(Box::new(of))
    }

    /// Returns the type of what a schema describes; `None` if rules do not see it.
    pub(in crate::cel) fn of(node: Node<'s>, whole: bool) -> Option<Self> {
        let schema = node.schema();
        if schema.int_or_string {
            return Some(Self::Any);
        }
        let inside = |node: Node<'s>| Self::of(node, node.schema().embedded_resource);
        match (schema.kind?, schema.format.as_deref()) {
            (Type::Boolean, _) => Some(BOOL),
            (Type::Integer, _) => Some(INT),
            (Type::Number, _) => Some(Self::Named("double")),
            (Type::String, Some("byte")) => Some(Self::Named("bytes")),
            (Type::String, Some("date" | "date-time")) => Some(Self::Named("timestamp")),
            (Type::String, Some("duration")) => Some(Self::Named("duration")),
            (Type::String, _) => Some(TEXT),
            (Type::Array, _) => node.items().and_then(inside).map(Self::list),
            (Type::Object, _) => match node.values() {
                Some(values) => inside(values).map(|values| Self::map(TEXT, values)),
                None => Some(Self::Object { node, whole }),
            },
        }
    }

    /// Returns the type of a field of an object; `None` if there is no such field.
    pub(super) fn field(&self, name: &str) -> Option<Self> {
        match self {
            Self::Metadata => ["name", "generateName"].contains(&name).then_some(TEXT),
            Self::Object { node, whole } => {
                let mut declared = node.schema().properties.keys();
                let found = declared.find(|real| calls(name, real));
                let field = found.and_then(|real| node.property(real));
                let field = field.and_then(|field| Self::of(field, field.schema().embedded_resource));
                match (name, whole) {
                    ("apiVersion" | "kind", true) => Some(TEXT),
                    ("metadata", true) => Some(Self::Metadata),
                    _ => field,
                }
            }
            _ => None,
        }
    }

    /// Whether a value of this type can also be null.
    fn may_be_null(&self) -> bool {
        match self {
            Self::Object { .. } | Self::Metadata | Self::Optional(_) => true,
            Self::Named(name) => ["null", "duration", "timestamp"].contains(name) || name.contains('.'),
            _ => false,
        }
    }
}

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any | Self::Open(_) => f.write_str("dyn"),
            Self::Named("duration") => f.write_str("google.protobuf.Duration"),
            Self::Named("timestamp") => f.write_str("google.protobuf.Timestamp"),
            Self::Named(name) => f.write_str(name),
            Self::List(of) => write!(f, "list({of})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Optional(of) => write!(f, "optional_type({of})"),
            Self::Type(of) => write!(f, "type({of})"),
            Self::Object { .. } | Self::Metadata => f.write_str("object"),
        }
    }
}

/// What open types have turned out to be.
#[derive(Debug, Default, Clone)]
pub(super) struct Found<'s> {
    known: BTreeMap<usize, Kind<'s>>,
    next: usize,
}

impl<'s> Found<'s> {
    /// Returns a type that is still to be found out.
    pub(super) fn open(&mut self) -> Kind<'s> {
        self.next += 1;
        Kind::Open(self.next)
    }

    /// Returns a type as far as it is known.
    pub(super) fn settled(&self, kind: &Kind<'s>) -> Kind<'s> {
        match kind {
            Kind::Open(number) => match self.known.get(number) {
                Some(known) => self.settled(known),
                None => kind.clone(),
            },
            Kind::List(of) => Kind::list(self.settled(of)),
            Kind::Map(key, value) => Kind::map(self.settled(key), self.settled(value)),
            Kind::Optional(of) => Kind::optional(self.settled(of)),
            Kind::Type(of) => Kind::Type(Box::new(self.settled(of))),
            other => other.clone(),
        }
    }

    /// Whether a value of one type can be where another is wanted; open types become what makes it so.
    pub(super) fn fits(&mut self, wanted: &Kind<'s>, given: &Kind<'s>) -> bool {
        let mut tried = self.clone();
        let fits = tried.try_fit(wanted, given);
        if fits {
            *self = tried;
        }
        fits
    }

    fn try_fit(&mut self, wanted: &Kind<'s>, given: &Kind<'s>) -> bool {
        match (self.settled(wanted), self.settled(given)) {
            (Kind::Open(one), Kind::Open(other)) if one == other => true,
            (Kind::Open(number), other) | (other, Kind::Open(number)) => {
                self.known.insert(number, other);
                true
            }
            (Kind::Any, _)
            | (_, Kind::Any)
            | (Kind::Type(_), Kind::Type(_))
            | (Kind::Metadata, Kind::Metadata) => true,
            (Kind::Named("null"), other) | (other, Kind::Named("null")) => other.may_be_null(),
            (Kind::Named(one), Kind::Named(other)) => one == other,
            (Kind::List(one), Kind::List(other)) | (Kind::Optional(one), Kind::Optional(other)) => {
                self.try_fit(&one, &other)
            }
            (Kind::Map(key, value), Kind::Map(other_key, other_value)) => {
                self.try_fit(&key, &other_key) && self.try_fit(&value, &other_value)
            }
            (Kind::Object { node: one, .. }, Kind::Object { node: other, .. }) => {
                std::ptr::eq(one.schema(), other.schema())
            }
            _ => false,
        }
    }
}
