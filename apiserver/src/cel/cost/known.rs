//! What is known of a part of an expression.

use super::place::Place;
use super::range::Range;
use crate::schema::Type;

/// A type, as far as costs differ by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Booleans, numbers, times: all of the size of one.
    Scalar,
    Text,
    Bytes,
    List,
    Map,
    Object,
    /// Of a library: a quantity, an address.
    Opaque,
    /// Found out when it runs.
    Any,
}

/// A part of an expression: its cost, and the size of what it yields.
#[derive(Debug, Clone)]
pub(super) struct Known<'s> {
    pub(super) cost: Range,
    pub(super) kind: Kind,
    /// Where it is from, if it is reached from a variable.
    pub(super) place: Option<Place<'s>>,
    /// What its items or values are, if they are not those of the place.
    pub(super) element: Option<(Kind, Option<Place<'s>>)>,
    pub(super) size: Option<Range>,
    /// The sizes of keys and values of what the expression itself makes.
    pub(super) entries: Option<(Range, Range)>,
    /// A whole number that is written out.
    pub(super) number: Option<u64>,
}

impl<'s> Known<'s> {
    /// A value of which only the type is known.
    pub(super) fn of(kind: Kind, cost: Range) -> Self {
        let size = (kind == Kind::Scalar).then_some(Range::ONE);
        Self {
            cost,
            kind,
            place: None,
            element: None,
            size,
            entries: None,
            number: None,
        }
    }

    /// What is at a place.
    pub(super) fn at(place: Place<'s>, cost: Range) -> Self {
        Self {
            place: Some(place),
            size: Some(Range::up_to(place.most_elements())),
            ..Self::of(kind_of(place), cost)
        }
    }

    pub(super) fn size(&self) -> Range {
        self.size.unwrap_or(Range::UNKNOWN)
    }

    pub(super) fn sized(mut self, size: Range) -> Self {
        self.size = Some(size);
        self
    }

    /// One of the items, or of the values, at a cost.
    pub(super) fn element(&self, cost: Range) -> Self {
        if let Some(place) = self.place.and_then(Place::elements) {
            return Self::at(place, cost);
        }
        let size = self.entries.map(|(_, value)| value);
        let (kind, place) = self.element.clone().unwrap_or((Kind::Any, None));
        let element = match place {
            Some(place) => Self::at(place, cost),
            None => Self::of(kind, cost),
        };
        Self {
            size: size.or(element.size),
            ..element
        }
    }

    /// One of the keys of a map, at a cost.
    pub(super) fn key(&self, cost: Range) -> Self {
        match self.place {
            Some(_) => Self::at(Place::Key, cost),
            None => Self {
                size: self.entries.map(|(key, _)| key),
                ..Self::of(Kind::Any, cost)
            },
        }
    }
}

fn kind_of(place: Place<'_>) -> Kind {
    let node = match place {
        Place::Text | Place::Key => return Kind::Text,
        Place::Metadata => return Kind::Object,
        Place::Node { node, .. } => node,
    };
    let schema = node.schema();
    if schema.int_or_string {
        return Kind::Any;
    }
    match (schema.kind, schema.format.as_deref()) {
        (None, _) => Kind::Any,
        (Some(Type::Array), _) => Kind::List,
        (Some(Type::Object), _) if node.values().is_some() => Kind::Map,
        (Some(Type::Object), _) => Kind::Object,
        (Some(Type::String), Some("byte")) => Kind::Bytes,
        (Some(Type::String), Some("date" | "date-time" | "duration")) => Kind::Scalar,
        (Some(Type::String), _) => Kind::Text,
        (Some(_), _) => Kind::Scalar,
    }
}
