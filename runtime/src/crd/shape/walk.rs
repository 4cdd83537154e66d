//! Finding a place in a shape.

use super::nearest::{Guess, NONE, better};
use super::text::{Text, equal};
use super::{Field, Shape, Step, kind};

/// Where a walk ends.
#[expect(
    clippy::large_enum_variant,
    reason = "it is made while compiling, where nothing can be boxed"
)]
pub(super) enum Found {
    /// Here.
    At(&'static Shape),
    /// Nowhere, and why.
    Nowhere(Text),
}

/// Follows steps into a shape.
pub(super) const fn walk(shape: &'static Shape, steps: &[Step]) -> Found {
    let mut shape = shape;
    let mut index = 0;
    while index < steps.len() {
        match step(shape, &steps[index]) {
            Found::At(next) => shape = next,
            Found::Nowhere(why) => return Found::Nowhere(why),
        }
        index += 1;
    }
    Found::At(shape)
}

const fn step(shape: &'static Shape, step: &Step) -> Found {
    match (shape, step) {
        (Shape::Any, _) => Found::At(shape),
        (
            Shape::Keyed {
                keys: Shape::Words(words),
                values,
            },
            step,
        ) => word(words, values, step),
        (
            Shape::Map(values) | Shape::Keyed { values, .. },
            Step::Field(_) | Step::Reserved(_) | Step::Index,
        )
        | (Shape::List(values), Step::Index | Step::Each) => Found::At(values),
        (Shape::Map(_) | Shape::Keyed { .. }, Step::Each) => Found::At(&Shape::Scalar(super::TEXT)),
        (Shape::Object { .. }, Step::Field(name)) => match field(shape, name) {
            Some(field) => Found::At(field.shape),
            None if is_open(shape) => Found::At(&Shape::Any),
            None => Found::Nowhere(missing(shape, name)),
        },
        (Shape::Object { .. }, Step::Reserved(name)) => Found::Nowhere(reserved(shape, name)),
        (_, Step::Field(name) | Step::Reserved(name)) => Found::Nowhere(no_fields(shape, name)),
        (_, Step::Index | Step::Each) => Found::Nowhere(
            Text::new()
                .and("this is ")
                .and(kind::name(kind::of(shape)))
                .and(", which has no items"),
        ),
    }
}

/// A step into a map whose keys are words: each is the name of a field.
const fn word(words: &'static [&'static str], values: &'static Shape, step: &Step) -> Found {
    let name = match step {
        Step::Field(name) => name,
        Step::Reserved(name) => return Found::Nowhere(escaped(name)),
        // Whoever takes it for a map or a list is told so.
        Step::Index | Step::Each => return Found::At(&Shape::Any),
    };
    if is_among(words, name) {
        return Found::At(values);
    }
    let text = Text::new().and("there is no field ").quoted(name);
    Found::Nowhere(told(words, name, text, ": the fields are "))
}

/// What is said where such a map is taken for one.
pub(super) const KEYED: &str =
    "the keys of this map are an enum, so it is an object with a field for each: write `.field`";

/// Whether a word is one of some.
pub(super) const fn is_among(words: &[&str], word: &str) -> bool {
    let mut index = 0;
    while index < words.len() {
        if equal(words[index], word) {
            return true;
        }
        index += 1;
    }
    false
}

/// Says of a word that is none of some which one may be meant, or, after an introduction, which there are.
pub(super) const fn told(words: &[&'static str], word: &str, text: Text, introduction: &str) -> Text {
    let mut guess = NONE;
    let mut index = 0;
    while index < words.len() {
        guess = better(guess, word, words[index]);
        index += 1;
    }
    if !guess.0.is_empty() {
        return text.rather(guess.0);
    }
    let mut text = text.and(introduction);
    index = 0;
    while index < words.len() {
        text = text.and(if index == 0 { "" } else { ", " }).quoted(words[index]);
        index += 1;
    }
    text
}

/// Returns a field by its name, also one that is flattened in.
pub(super) const fn field(shape: &'static Shape, name: &str) -> Option<&'static Field> {
    let Shape::Object { fields, flat, .. } = shape else {
        return None;
    };
    let mut index = 0;
    while index < fields.len() {
        if equal(fields[index].name, name) {
            return Some(&fields[index]);
        }
        index += 1;
    }
    let mut index = 0;
    while index < flat.len() {
        if let Some(field) = field(flat[index], name) {
            return Some(field);
        }
        index += 1;
    }
    None
}

/// Whether an object may have fields nobody described.
pub(super) const fn is_open(shape: &Shape) -> bool {
    match shape {
        Shape::Object { open: true, .. } | Shape::Any | Shape::Map(_) | Shape::Keyed { .. } => true,
        Shape::Object { flat, .. } => {
            let mut index = 0;
            while index < flat.len() {
                if is_open(flat[index]) {
                    return true;
                }
                index += 1;
            }
            false
        }
        _ => false,
    }
}

/// What to say of a field that is not there.
pub(super) const fn missing(shape: &'static Shape, name: &str) -> Text {
    let text = Text::new().and("there is no field ").quoted(name);
    let (nearest, _) = nearest(shape, name, NONE);
    if !nearest.is_empty() {
        return text.rather(nearest);
    }
    let (listed, count) = listed(shape, text.and(": the fields are "), 0);
    match count {
        0 => text.and(": there is none at all"),
        _ => listed,
    }
}

const fn nearest(shape: &'static Shape, name: &str, guess: Guess) -> Guess {
    let Shape::Object { fields, flat, .. } = shape else {
        return guess;
    };
    let mut guess = guess;
    let mut index = 0;
    while index < fields.len() {
        guess = better(guess, name, fields[index].name);
        index += 1;
    }
    let mut index = 0;
    while index < flat.len() {
        guess = nearest(flat[index], name, guess);
        index += 1;
    }
    guess
}

const fn listed(shape: &'static Shape, text: Text, count: usize) -> (Text, usize) {
    let Shape::Object { fields, flat, .. } = shape else {
        return (text, count);
    };
    let (mut text, mut count) = (text, count);
    let mut index = 0;
    while index < fields.len() {
        text = text
            .and(if count == 0 { "" } else { ", " })
            .quoted(fields[index].name);
        count += 1;
        index += 1;
    }
    let mut index = 0;
    while index < flat.len() {
        (text, count) = listed(flat[index], text, count);
        index += 1;
    }
    (text, count)
}

const fn reserved(shape: &'static Shape, name: &str) -> Text {
    if field(shape, name).is_none() && !is_open(shape) {
        return missing(shape, name);
    }
    escaped(name)
}

/// What to say of a field that is written like a word of the language.
const fn escaped(name: &str) -> Text {
    Text::new()
        .quoted(name)
        .and(" is a word of the language: write `__")
        .and(name)
        .and("__` for the field")
}

const fn no_fields(shape: &Shape, name: &str) -> Text {
    let text = Text::new()
        .and("this is ")
        .and(kind::name(kind::of(shape)))
        .and(", which has no field ")
        .quoted(name);
    match shape {
        Shape::List(_) => text.and(": its items may have"),
        _ => text,
    }
}
