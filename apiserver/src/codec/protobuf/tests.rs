//! Bodies that Go wrote, bodies that nobody wrote, and whether all fields have a number.

use serde_json::{Map, Value, json};

use super::decode_protobuf;
use super::numbers::{Field, Numbers};
use super::special::special;
use crate::schema::Definitions;

/// A body, and the object it is.
const BODIES: &str = include_str!("bodies.txt");

fn bodies() -> impl Iterator<Item = (Vec<u8>, Value)> {
    let rows = BODIES.lines().filter(|row| !row.starts_with('#'));
    rows.map(|row| {
        let (hex, json) = row.split_once(' ').unwrap();
        (bytes(hex), serde_json::from_str(json).unwrap())
    })
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap())
        .collect()
}

/// Without what Go writes of structs and lists that nobody filled in: `{}` and `null`.
fn filled_in(value: Value, at: &str) -> Value {
    let kept = |value: &Value, name: &str| {
        let is_struct = ["spec", "status", "metadata", "loadBalancer"].contains(&name);
        !(value.is_null() || is_struct && *value == json!({}))
    };
    match value {
        Value::Object(fields) => {
            let fields = fields
                .into_iter()
                .map(|(name, value)| (filled_in(value, &name), name));
            let fields: Map<_, _> = fields
                .filter(|(value, name)| at == "data" || kept(value, name))
                .map(|(value, name)| (name, value))
                .collect();
            Value::Object(fields)
        }
        Value::Array(items) => items.into_iter().map(|item| filled_in(item, at)).collect(),
        other => other,
    }
}

#[test]
fn what_go_writes_is_read_as_what_it_means() {
    let mut count = 0;
    for (body, expected) in bodies() {
        let found = decode_protobuf(&body).unwrap().unwrap();
        assert_eq!(filled_in(found, ""), filled_in(expected, ""));
        count += 1;
    }
    assert!(count > 15, "{count}");
}

#[test]
fn a_body_cut_short_is_an_error_and_no_panic() {
    for (body, _) in bodies() {
        for end in 0..body.len() {
            // Cut between two fields, it is a smaller object.
            let _ = decode_protobuf(&body[..end]);
        }
        let mut flipped = body.clone();
        for at in 4..body.len() {
            flipped[at] ^= 0x5a;
            let _ = decode_protobuf(&flipped);
            flipped[at] ^= 0x5a;
        }
    }
    let error = decode_protobuf(b"{}").unwrap_err();
    assert!(error.contains("expected prefix [107 56 115 0]"), "{error}");
    let tag_without_content = b"k8s\0\x0a";
    assert_eq!(
        decode_protobuf(tag_without_content).unwrap_err(),
        "unexpected EOF"
    );
}

#[test]
fn messages_that_never_end_are_refused() {
    // `not` in `not` in `not`: field 28 of a schema.
    let mut schema = Vec::new();
    for _ in 0..2_000 {
        schema = [field(28, &schema), Vec::new()].concat();
    }
    let validation = field(1, &schema);
    let version = field(4, &validation);
    let spec = field(7, &version);
    let definition = field(2, &spec);
    let kind = [
        field(1, b"apiextensions.k8s.io/v1"),
        field(2, b"CustomResourceDefinition"),
    ]
    .concat();
    let envelope = [field(1, &kind), field(2, &definition)].concat();
    let body = [b"k8s\0".to_vec(), envelope].concat();
    assert!(decode_protobuf(&body).is_err());
}

#[test]
fn a_kind_without_a_form_in_protobuf_is_none() {
    let kind = [field(1, b"example.com/v1"), field(2, b"Zoo")].concat();
    let body = [b"k8s\0".to_vec(), field(1, &kind)].concat();
    assert_eq!(decode_protobuf(&body), Ok(None));
}

/// A field of bytes.
fn field(number: u64, content: &[u8]) -> Vec<u8> {
    let mut field = varint(number << 3 | 2);
    field.extend(varint(content.len() as u64));
    field.extend(content);
    field
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

#[test]
fn every_field_of_every_definition_has_a_number() {
    let mut lost = Vec::new();
    for line in Definitions::BUILT_IN_DATA
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let name = line.split(' ').next().unwrap();
        let definitions = Definitions::built_in();
        let schema = definitions.get(name).unwrap();
        // What a watch answers is never sent.
        if special(name).is_some() || name.ends_with(".WatchEvent") {
            continue;
        }
        let numbered = names(name);
        let fields = schema.properties.keys();
        let fields = fields.filter(|field| !["kind", "apiVersion"].contains(&field.as_str()));
        lost.extend(
            fields
                .filter(|field| !numbered.contains(&field.as_str()))
                .map(|field| format!("{name}.{field}")),
        );
    }
    assert_eq!(lost, [""; 0]);
}

fn names(definition: &str) -> Vec<&'static str> {
    let Some(numbers) = Numbers::of(definition) else {
        return Vec::new();
    };
    let fields = numbers.fields();
    fields
        .flat_map(|(field, _)| match field {
            Field::Named { name, .. } => vec![name],
            Field::Inlined(definition) => names(definition),
        })
        .collect()
}
