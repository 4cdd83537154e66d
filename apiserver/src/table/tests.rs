//! Objects of a real server and the rows it made of them.

use serde_json::{Value, json};

use super::*;
use crate::registry::{Column, Registry, Resource};

const ROWS: &str = include_str!("rows.txt");

fn request(include: Include) -> Request<'static> {
    let now = "2026-11-21T11:47:38Z".parse().unwrap();
    Request {
        version: "v1",
        include,
        now,
    }
}

fn lookup(name: &str) -> std::sync::Arc<Resource> {
    let parts: Vec<&str> = name.split('/').collect();
    let group = if parts[0] == "core" { "" } else { parts[0] };
    Registry::new()
        .lookup(group, parts[1], parts[2])
        .unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn rows_are_those_of_a_real_server() {
    let mut lines = ROWS.lines().filter(|line| !line.starts_with('#'));
    let (mut wrong, mut count) = (Vec::new(), 0);
    while let (Some(name), Some(object), Some(cells)) = (lines.next(), lines.next(), lines.next()) {
        let object: Value = serde_json::from_str(object.trim()).unwrap();
        let cells = cells
            .replace("\"AGE\"", "\"7m38s\"")
            .replace("\"CREATED\"", "\"2026-11-21T11:40:00Z\"");
        let expected: Value = serde_json::from_str(cells.trim()).unwrap();
        let table = single(&lookup(name), &object, request(Include::None));
        let found = &table["rows"][0]["cells"];
        count += 1;
        if *found != expected {
            wrong.push(format!("{name}\n  ours {found}\n  real {expected}\n  {object}"));
        }
    }
    assert!(count > 40, "{count}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_built_in_kind_has_as_many_cells_as_columns() {
    for resource in Registry::new().kinds().resources() {
        let table = single(
            resource,
            &json!({"metadata": {"name": "a"}}),
            request(Include::None),
        );
        let (columns, cells) = (&table["columnDefinitions"], &table["rows"][0]["cells"]);
        assert_eq!(
            columns.as_array().map(Vec::len),
            cells.as_array().map(Vec::len),
            "{}",
            resource.plural
        );
        let described = columns[0]["description"].as_str().unwrap_or_default();
        assert!(
            described.starts_with("Name must be unique") || resource.plural == "events",
            "{}",
            resource.plural
        );
    }
}

fn custom(columns: &[(&str, &str, &str)]) -> Resource {
    let column = |(name, kind, path): &(&str, &str, &str)| Column {
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
        format: String::new(),
        description: String::new(),
        priority: 0,
        json_path: (*path).to_owned(),
    };
    Resource {
        custom: true,
        columns: columns.iter().map(column).collect(),
        ..Resource::clone(&lookup("core/v1/configmaps"))
    }
}

fn object() -> Value {
    json!({
        "apiVersion": "x.io/v1", "kind": "X",
        "metadata": {"name": "a", "resourceVersion": "7", "creationTimestamp": "2026-11-21T11:47:36Z"},
        "spec": {"size": 2, "share": 1.5, "on": true, "list": ["a", 1], "map": {"k": "v"}},
    })
}

#[test]
fn cells_of_a_custom_kind_follow_its_columns() {
    let resource = custom(&[
        ("Size", "integer", ".spec.size"),
        ("Share", "number", ".spec.share"),
        ("On", "boolean", ".spec.on"),
        ("Text", "string", ".spec.size"),
        ("List", "string", ".spec.list[*]"),
        ("Map", "string", ".spec.map"),
        ("None", "string", ".spec.none"),
        ("Wrong", "integer", ".spec.map"),
        ("Age", "date", ".metadata.creationTimestamp"),
    ]);
    let table = single(&resource, &object(), request(Include::Metadata));
    assert_eq!(
        table["rows"][0]["cells"],
        json!(["a", 2, 1.5, true, "2", "a 1", "{\"k\":\"v\"}", null, null, "2s"])
    );
    assert_eq!(table["metadata"], json!({"resourceVersion": "7"}));
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    assert_eq!(table["rows"][0]["object"]["metadata"]["name"], "a");
}

#[test]
fn a_custom_kind_without_columns_shows_its_age() {
    let table = single(&custom(&[]), &object(), request(Include::Object));
    assert_eq!(table["rows"][0]["cells"], json!(["a", "2s"]));
    assert_eq!(table["columnDefinitions"][1]["name"], "Age");
    assert_eq!(table["rows"][0]["object"], object());
}

#[test]
fn only_the_first_event_of_a_watch_names_the_columns() {
    let resource = custom(&[]);
    assert!(event(&resource, &object(), true, request(Include::None))["columnDefinitions"].is_array());
    let later = event(&resource, &object(), false, request(Include::None));
    assert_eq!(later["columnDefinitions"], Value::Null);
    assert_eq!(later["rows"][0]["object"], Value::Null);
}

#[test]
fn a_list_keeps_its_metadata() {
    let objects = [object(), object()];
    let table = list(
        &custom(&[]),
        objects.iter().cloned(),
        json!({"resourceVersion": "9", "continue": "x"}),
        request(Include::None),
    );
    assert_eq!(table["rows"].as_array().map(Vec::len), Some(2));
    assert_eq!(table["metadata"]["continue"], "x");
    let last = json!({"resourceVersion": "9", "continue": ""});
    let table = list(&custom(&[]), objects, last, request(Include::None));
    assert_eq!(table["metadata"], json!({"resourceVersion": "9"}));
}

#[test]
fn what_rows_carry_is_chosen_among_three() {
    for (text, expected) in [
        (None, Include::Metadata),
        (Some("None"), Include::None),
        (Some("Object"), Include::Object),
    ] {
        assert_eq!(Include::parse(text).unwrap(), expected);
    }
    assert_eq!(
        Include::parse(Some("Foo")).unwrap_err().message,
        "Unable to convert to Table as requested: includeObject: Invalid value: \"Foo\": must be 'Metadata', 'Object', \
         'None', or empty"
    );
}
