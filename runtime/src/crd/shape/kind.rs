//! The kind of a shape, and what it is called.

use super::{ALL, BOOL, BYTES, DURATION, INTEGER, LIST, MAP, NUMBER, OBJECT, Shape, TEXT, TIME};

/// Returns the kind of a value.
pub(super) const fn of(shape: &Shape) -> u16 {
    match shape {
        Shape::Any => ALL,
        Shape::Scalar(kind) => *kind,
        Shape::Words(_) => TEXT,
        Shape::List(_) => LIST,
        Shape::Object { .. }
        | Shape::Keyed {
            keys: Shape::Words(_),
            ..
        } => OBJECT,
        Shape::Keyed { keys: Shape::Any, .. } => MAP | OBJECT,
        Shape::Map(_) | Shape::Keyed { .. } => MAP,
    }
}

/// Returns the name of a kind, with its article.
pub(super) const fn name(kind: u16) -> &'static str {
    match kind {
        BOOL => "a boolean",
        INTEGER => "an integer",
        NUMBER => "a number",
        TEXT => "a text",
        BYTES => "bytes",
        TIME => "a time",
        DURATION => "a duration",
        LIST => "a list",
        MAP => "a map",
        OBJECT => "an object",
        _ if kind == MAP | OBJECT => "a map",
        _ => "something else",
    }
}
