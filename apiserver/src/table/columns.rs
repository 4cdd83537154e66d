//! The headings.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::built_in;
use crate::openapi::description;
use crate::registry::{Column, Resource};

const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// JSON of the columns by group, version and plural.
static BUILT_IN: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("../../data/columns.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect()
});

/// Returns the column definitions of a resource's table.
#[must_use]
pub fn columns(resource: &Resource) -> Vec<Value> {
    if resource.custom {
        let own = resource.columns.iter().map(custom);
        let standard = resource.columns.is_empty().then(age);
        return std::iter::once(name()).chain(own).chain(standard).collect();
    }
    if built_in::has_cells(resource) {
        let group = if resource.group.is_empty() {
            "core"
        } else {
            &resource.group
        };
        let key = format!("{group}/{}/{}", resource.version, resource.plural);
        let json = BUILT_IN.get(key.as_str()).copied().unwrap_or("[]");
        let columns: Vec<Value> = serde_json::from_str(json).unwrap_or_default();
        return columns.into_iter().map(described).collect();
    }
    vec![
        name(),
        column("Created At", "date", "", &metadata("creationTimestamp"), 0),
    ]
}

/// Standard descriptions are kept as the name of the metadata's field after an `@`.
fn described(mut column: Value) -> Value {
    if let Some(field) = column["description"]
        .as_str()
        .and_then(|text| text.strip_prefix('@'))
    {
        column["description"] = json!(metadata(field));
    }
    column
}

fn metadata(field: &str) -> String {
    description(OBJECT_META, field).unwrap_or_default()
}

fn name() -> Value {
    column("Name", "string", "name", &metadata("name"), 0)
}

fn age() -> Value {
    column("Age", "date", "", &metadata("creationTimestamp"), 0)
}

fn custom(one: &Column) -> Value {
    column(&one.name, &one.kind, &one.format, &one.description, one.priority)
}

fn column(name: &str, kind: &str, format: &str, description: &str, priority: i32) -> Value {
    json!({"name": name, "type": kind, "format": format, "description": description, "priority": priority})
}
