//! What a derive asks about a shape; each panics while compiling, with what to change.
//!
//! The functions are `track_caller`, so that the compiler points at the attribute that asks.

use super::text::Text;
use super::walk::{Found, KEYED, field, is_among, is_open, missing, told, walk};
use super::{ALL, BOOL, Field, INTEGER, NUMBER, Shape, Step, TEXT, kind};

/// Wants a place to exist and to be of one of some kinds; `wish` says why, `at` where in the text.
#[track_caller]
pub const fn check(shape: &'static Shape, steps: &[Step], wanted: u16, wish: &str, at: &str) {
    let place = match walk(shape, steps) {
        Found::At(place) => place,
        Found::Nowhere(why) => return say(&why, at),
    };
    let found = kind::of(place);
    if found != ALL && found & wanted == 0 {
        let message = Text::new().and(wish).and(", and ");
        let message = match place {
            Shape::Keyed { .. } => message.and(KEYED),
            _ => message.and("this is ").and(kind::name(found)),
        };
        say(&message, at);
    }
}

/// Wants two places to be of the same kind; numbers of all sorts are one if `mixed`.
#[track_caller]
pub const fn same(
    (one, one_steps): (&'static Shape, &[Step]),
    (other, other_steps): (&'static Shape, &[Step]),
    mixed: bool,
    wish: &str,
    at: &str,
) {
    let one = match walk(one, one_steps) {
        Found::At(found) => kind::of(found),
        Found::Nowhere(why) => return say(&why, at),
    };
    let other = match walk(other, other_steps) {
        Found::At(found) => kind::of(found),
        Found::Nowhere(why) => return say(&why, at),
    };
    let numbers = INTEGER | NUMBER;
    let mix = mixed && one & numbers != 0 && other & numbers != 0;
    if one & other == 0 && !mix {
        let message = Text::new()
            .and(wish)
            .and(", and these are ")
            .and(kind::name(one))
            .and(" and ")
            .and(kind::name(other));
        say(&message, at);
    }
}

/// Wants a field that tells the items of a list apart.
#[track_caller]
pub const fn key(shape: &'static Shape, name: &str) {
    if matches!(shape, Shape::Any) {
        return;
    }
    match field(shape, name) {
        Some(Field { shape, present, .. }) => {
            if kind::of(shape) & (BOOL | INTEGER | NUMBER | TEXT) == 0 {
                let message = Text::new()
                    .and("the key ")
                    .quoted(name)
                    .and(" tells items apart, so it is a text, a number or a boolean, and this is ")
                    .and(kind::name(kind::of(shape)));
                say(&message, "");
            } else if !*present {
                let message = Text::new().and("the key ").quoted(name).and(
                    " tells items apart, so each has one: make the field no `Option` and write it always, or give it a default",
                );
                say(&message, "");
            }
        }
        None if is_open(shape) => {}
        None => say(&missing(shape, name), ""),
    }
}

/// Wants nothing below to speak of changes: items of a list that are not told apart have no earlier self.
#[track_caller]
pub const fn settled(shape: &'static Shape) {
    let rule = transition(shape);
    if !rule.is_empty() {
        let message = Text::new()
            .and("the items have a rule about changes, ")
            .quoted(rule)
            .and(", and in this list nothing tells an item's earlier self: add `list_type = \"map\"` with `list_map_keys(..)`");
        say(&message, "");
    }
}

/// Wants one of the values the shape allows.
#[track_caller]
pub const fn word(shape: &'static Shape, value: &str) {
    let Shape::Words(words) = shape else { return };
    if !is_among(words, value) {
        let message = Text::new().quoted(value).and(" is none of the values");
        say(&told(words, value, message, ": they are "), "");
    }
}

/// Returns a rule about changes in a shape, or nothing.
const fn transition(shape: &'static Shape) -> &'static str {
    match shape {
        Shape::List(part) | Shape::Map(part) | Shape::Keyed { values: part, .. } => transition(part),
        Shape::Object {
            fields,
            flat,
            transition: own,
            ..
        } => {
            if !own.is_empty() {
                return own;
            }
            let mut index = 0;
            while index < fields.len() {
                let on_field = fields[index].transition;
                let below = if on_field.is_empty() {
                    transition(fields[index].shape)
                } else {
                    on_field
                };
                if !below.is_empty() {
                    return below;
                }
                index += 1;
            }
            let mut index = 0;
            while index < flat.len() {
                let below = transition(flat[index]);
                if !below.is_empty() {
                    return below;
                }
                index += 1;
            }
            ""
        }
        _ => "",
    }
}

#[track_caller]
const fn say(message: &Text, at: &str) {
    let message = message.and(at);
    panic!("{}", message.as_str());
}
