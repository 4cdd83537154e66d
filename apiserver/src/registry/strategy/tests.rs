//! Small objects and what a real server stored for them.

use serde_json::{Value, json};

use super::*;
use crate::registry::Registry;
use crate::schema::decode;

const STORED: &str = include_str!("stored.txt");

fn lookup(name: &str) -> std::sync::Arc<Resource> {
    let parts: Vec<&str> = name.split('/').collect();
    let group = if parts[0] == "core" { "" } else { parts[0] };
    Registry::new()
        .lookup(group, parts[1], parts[2])
        .unwrap_or_else(|| panic!("{name}"))
}

fn create(resource: &Resource, body: &str) -> (Value, Vec<FieldError>) {
    let decoded = decode::typed_json(body.as_bytes(), resource.node().unwrap()).unwrap();
    let mut value = decoded.value;
    if resource.is_namespaced() {
        value["metadata"]["namespace"] = json!("ns");
    }
    value["metadata"]["uid"] = json!("UID");
    default(resource, &mut value);
    prepare_create(resource, &mut value);
    let errors = validate_create(resource, &value);
    (value, errors)
}

#[test]
fn small_objects_are_stored_as_a_real_server_stores_them() {
    let mut lines = STORED.lines().filter(|line| !line.starts_with('#'));
    let mut wrong = Vec::new();
    let mut count = 0;
    while let (Some(name), Some(sent), Some(stored)) = (lines.next(), lines.next(), lines.next()) {
        let expected: Value = serde_json::from_str(stored.trim()).unwrap();
        let (mut value, errors) = create(&lookup(name), sent.trim());
        let metadata = edit::metadata(&mut value);
        metadata.remove("uid");
        metadata.remove("namespace");
        count += 1;
        if value != expected {
            wrong.push(format!("{name}\n  ours {value}\n  real {expected}"));
        }
        if !errors.is_empty() {
            wrong.push(format!("{name} {sent}\n  {errors:?}"));
        }
    }
    assert!(count > 50, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn filling_in_twice_changes_nothing() {
    let mut lines = STORED.lines().filter(|line| !line.starts_with('#'));
    while let (Some(name), Some(sent), Some(_)) = (lines.next(), lines.next(), lines.next()) {
        let resource = lookup(name);
        let (mut value, _) = create(&resource, sent.trim());
        let before = value.clone();
        default(&resource, &mut value);
        assert_eq!(value, before, "{name}");
        let decoded = decode::typed_value(&value, resource.node().unwrap()).unwrap();
        let mut again = decoded.value;
        default(&resource, &mut again);
        assert_eq!(again, before, "{name}: read back");
    }
}

const REFUSED: &str = include_str!("refused.txt");

#[test]
fn objects_are_refused_in_a_real_servers_words() {
    let mut cases: Vec<(&str, Vec<String>)> = Vec::new();
    for line in REFUSED.lines().filter(|line| !line.starts_with('#')) {
        match (line.strip_prefix("  "), cases.last_mut()) {
            (Some(error), Some(case)) => case.1.push(error.to_owned()),
            _ => cases.push((line, Vec::new())),
        }
    }
    let mut wrong = Vec::new();
    for (line, mut expected) in cases {
        let (name, body) = line.split_once(' ').unwrap();
        let (_, errors) = create(&lookup(name), body);
        let text = |error: &FieldError| {
            let reason = error.reason.trim_start_matches("FieldValue");
            format!("{reason} | {} | {}", error.field, error.message)
        };
        let mut found: Vec<String> = errors.iter().map(text).map(|line| sorted_keys(&line)).collect();
        found.sort();
        expected = expected.iter().map(|line| sorted_keys(line)).collect();
        expected.sort();
        if found != expected {
            wrong.push(format!("{line}\n  ours {found:#?}\n  real {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A real server shows the fields of a value in the order of its types, this one by name.
fn sorted_keys(line: &str) -> String {
    let Some(start) = line.find("value: ").map(|at| at + "value: ".len()) else {
        return line.to_owned();
    };
    let mut values = serde_json::Deserializer::from_str(&line[start..]).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => format!(
            "{}{value}{}",
            &line[..start],
            &line[start + values.byte_offset()..]
        ),
        _ => line.to_owned(),
    }
}
