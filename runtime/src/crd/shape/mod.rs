//! What a type looks like on the wire, known to the compiler: so that paths and rules are checked where they are
//! written.
//!
//! `#[derive(KubeSchema)]` implements [`Shaped`]; every other type is [`Shape::Any`], and what is said about it is
//! taken as right. Constants that describe types which mention each other would never end, so each is described to a
//! [`Depth`] only: as deep as the path that is looked up.
//! What a derive asks is in `check`, how it finds the place in `walk`, and what it says in `text`.
//! It is *not* the schema: that is made at run time, and knows more.

mod check;
mod kind;
mod kubernetes;
mod nearest;
mod text;
mod walk;

#[cfg(test)]
mod tests;

use std::fmt;
use std::marker::PhantomData;

pub use check::{check, key, same, settled, word};
pub(super) use text::equal;

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Not known.
    Any,
    /// One of the kinds below, without parts.
    Scalar(u16),
    /// One of a few texts.
    Words(&'static [&'static str]),
    /// A list of these.
    List(&'static Shape),
    /// A map from texts to these.
    Map(&'static Shape),
    /// A map whose keys are these: those of an enum are the fields of an object, for the API server.
    Keyed {
        /// What the keys are.
        keys: &'static Shape,
        /// What the values are.
        values: &'static Shape,
    },
    /// Named fields.
    Object {
        /// The fields.
        fields: &'static [Field],
        /// What is flattened into it.
        flat: &'static [&'static Shape],
        /// Whether there may be further fields.
        open: bool,
        /// A rule about changes that stands on it, or nothing.
        transition: &'static str,
    },
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// What it is.
    pub shape: &'static Shape,
    /// Whether it is always there: required, or defaulted.
    pub present: bool,
    /// A rule about changes that stands on it, or nothing.
    pub transition: &'static str,
}

/// A step into a value.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// The field of an object, or a value of a map.
    Field(&'static str),
    /// A word that names a field only when it is escaped.
    Reserved(&'static str),
    /// An item of a list, or a value of a map.
    Index,
    /// What a comprehension goes through: items of a list, or keys of a map.
    Each,
}

/// A boolean.
pub const BOOL: u16 = 1;
/// A whole number.
pub const INTEGER: u16 = 1 << 1;
/// A number with a fraction.
pub const NUMBER: u16 = 1 << 2;
/// A text.
pub const TEXT: u16 = 1 << 3;
/// Bytes, written as a text.
pub const BYTES: u16 = 1 << 4;
/// A point in time, written as a text.
pub const TIME: u16 = 1 << 5;
/// A duration, written as a text.
pub const DURATION: u16 = 1 << 6;
/// A list.
pub const LIST: u16 = 1 << 7;
/// A map.
pub const MAP: u16 = 1 << 8;
/// An object with named fields.
pub const OBJECT: u16 = 1 << 9;
/// Any of them.
pub const ALL: u16 = u16::MAX;

/// A type whose shape is known.
pub trait Shaped {
    /// The type's shape, to a depth.
    type At<D: Depth>: Described;
}

/// Something that has a shape.
pub trait Described {
    /// The shape.
    const SHAPE: &'static Shape;
}

/// How many types deep a shape is described.
pub trait Depth {
    /// The shape of a type that is one of the parts.
    type Part<T: Shaped>: Described;
}

/// Nothing more is described.
#[derive(Debug)]
pub struct Zero;

/// One level more than `D`.
pub struct Next<D>(PhantomData<D>);

/// The shape that is not known.
#[derive(Debug)]
pub struct Unknown;

/// Asks for the shape of a type that may have none; an inherent constant goes before that of a trait.
pub struct Probe<T: ?Sized, D>(PhantomData<D>, PhantomData<fn() -> Box<T>>);

/// The answer for types without a shape.
pub trait Unshaped {
    /// Not known.
    const SHAPE: &'static Shape = &Shape::Any;
}

impl<T: ?Sized, D> Unshaped for Probe<T, D> {}

impl<T: Shaped, D: Depth> Probe<T, D> {
    /// The type's shape.
    pub const SHAPE: &'static Shape = <D::Part<T> as Described>::SHAPE;
}

impl Described for Unknown {
    const SHAPE: &'static Shape = &Shape::Any;
}

impl Depth for Zero {
    type Part<T: Shaped> = Unknown;
}

impl<D: Depth> Depth for Next<D> {
    type Part<T: Shaped> = T::At<D>;
}

impl<D> fmt::Debug for Next<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Next")
    }
}

impl<T: ?Sized, D> fmt::Debug for Probe<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probe")
    }
}

/// One level.
pub type D1 = Next<Zero>;
/// Two levels.
pub type D2 = Next<D1>;
/// Three levels.
pub type D3 = Next<D2>;
/// Four levels.
pub type D4 = Next<D3>;
/// Five levels.
pub type D5 = Next<D4>;
/// Six levels.
pub type D6 = Next<D5>;
/// Seven levels.
pub type D7 = Next<D6>;
/// Eight levels: as deep as anything is described.
pub type D8 = Next<D7>;
