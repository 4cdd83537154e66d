//! From a message to a JSON object, by the definition of its kind.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::numbers::{Field, Numbers};
use super::place::Place;
use super::special::special;
use super::wire::{Content, Fields, Malformed, packed};
use crate::schema::Type;

/// Adds the fields of a message of `definition` to `object`, which is at `place`.
pub(super) fn read(
    message: &[u8],
    definition: &str,
    place: Place<'_>,
    object: &mut Map<String, Value>,
) -> Result<(), Malformed> {
    let Some(numbers) = Numbers::of(definition) else {
        return Ok(());
    };
    for field in Fields::of(message) {
        let (number, content) = field?;
        match (numbers.field(number), content) {
            (Some(Field::Inlined(definition)), Content::Bytes(message)) => {
                read(message, definition, place, object)?;
            }
            (Some(Field::Named { name, omitted }), content) => {
                if let Some(place) = place.property(name)? {
                    add(name, omitted, content, place, object)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn add(
    name: &str,
    omitted: bool,
    content: Content<'_>,
    place: Place<'_>,
    object: &mut Map<String, Value>,
) -> Result<(), Malformed> {
    if special_of(place).is_none() {
        if let Some(values) = place.values()? {
            let map = object.entry(name).or_insert_with(|| json!({}));
            return entry(content, values, map);
        }
        if let Some(items) = place.items()? {
            let list = object.entry(name).or_insert_with(|| json!([]));
            return item(content, items, list);
        }
    }
    let value = value(content, place)?;
    if !(omitted && is_zero(&value)) {
        object.insert(name.to_owned(), value);
    }
    Ok(())
}

/// Adds an entry of a map: a message of a key and a value, either of which is left out while it is zero.
fn entry(content: Content<'_>, place: Place<'_>, map: &mut Value) -> Result<(), Malformed> {
    let Content::Bytes(message) = content else {
        return Err(Malformed);
    };
    let (mut key, mut content) = (String::new(), None);
    for field in Fields::of(message) {
        match field? {
            (1, Content::Bytes(bytes)) => key = text(bytes),
            (2, its) => content = Some(its),
            _ => {}
        }
    }
    map[key] = value(content.unwrap_or(Content::Bytes(&[])), place)?;
    Ok(())
}

fn item(content: Content<'_>, place: Place<'_>, list: &mut Value) -> Result<(), Malformed> {
    let Some(list) = list.as_array_mut() else {
        return Ok(());
    };
    if let (Some(Type::Integer), Content::Bytes(bytes)) = (place.schema().kind, content) {
        let numbers = packed(bytes)?.into_iter();
        list.extend(numbers.map(integer));
        return Ok(());
    }
    list.push(value(content, place)?);
    Ok(())
}

/// Returns the value of a field.
fn value(content: Content<'_>, place: Place<'_>) -> Result<Value, Malformed> {
    let schema = place.schema();
    Ok(match (content, schema.kind) {
        (Content::Number(number), Some(Type::Boolean)) => json!(number != 0),
        (Content::Number(number), _) => integer(number),
        (Content::Fraction(fraction), _) => json!(fraction),
        (Content::Bytes(bytes), kind) => {
            if let Some(special) = special_of(place) {
                return special(bytes, place);
            }
            match kind {
                Some(Type::String) if schema.format.as_deref() == Some("byte") => {
                    json!(BASE64_STANDARD.encode(bytes))
                }
                Some(Type::String) => json!(text(bytes)),
                Some(Type::Array) => wrapped(bytes, place)?,
                _ => message(bytes, place)?,
            }
        }
    })
}

/// Returns a list that is a message of its own, because it is the value of a map.
fn wrapped(bytes: &[u8], place: Place<'_>) -> Result<Value, Malformed> {
    let mut list = json!([]);
    for field in Fields::of(bytes) {
        if let ((1, content), Some(items)) = (field?, place.items()?) {
            item(content, items, &mut list)?;
        }
    }
    Ok(list)
}

/// Returns a message as an object; what it is shows in the reference that led to it.
fn message(bytes: &[u8], place: Place<'_>) -> Result<Value, Malformed> {
    let mut object = Map::new();
    if let Some(definition) = place.definition() {
        read(bytes, definition, place, &mut object)?;
    }
    Ok(Value::Object(object))
}

fn special_of(place: Place<'_>) -> Option<super::special::Read> {
    place.definition().and_then(special)
}

/// Whole numbers are signed, and negative ones written with all bits.
fn integer(number: u64) -> Value {
    json!(number.cast_signed())
}

/// Returns a text; the real server takes one that is no UTF-8, too, and JSON cannot hold it.
pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(it) => !it,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}
