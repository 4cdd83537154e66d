//! Writes `data/` from the documents of a real kube-apiserver: what kinds there are and how they are built.
//!
//! ```text
//! cargo run -p krate-apiserver --example import_kinds -- \
//!     <kubernetes version> <data folder> <discovery.json>... <openapi-v3.json>... <table.json>...
//! ```
//!
//! The JSON files are answers to `GET /api` and `GET /apis` as `APIGroupDiscoveryList`, to `GET /openapi/v3/...` of
//! each built-in group and version, and to lists of each kind as `Table`; what a file is shows in its content.
//! A table does not say of what: its file is called `<group>_<version>_<plural>.json`, the group of core is `core`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

use flate2::{Compression, GzBuilder};
use serde_json::{Map, Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [version, folder, files @ ..] = arguments.as_slice() else {
        return Err("usage: import_kinds <kubernetes version> <data folder> <file.json>...".into());
    };
    let mut import = Import::default();
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| format!("failed to read `{file}`: {error}"))?;
        let name = Path::new(file)
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        import.take(name, &serde_json::from_str(&text)?)?;
    }
    import.write(version, Path::new(folder))
}

#[derive(Default)]
struct Import {
    groups: Vec<Value>,
    definitions: BTreeMap<String, Value>,
    columns: BTreeMap<String, Value>,
}

impl Import {
    fn take(&mut self, name: &str, document: &Value) -> Result<()> {
        if document["kind"] == "Table" {
            let columns = document["columnDefinitions"].clone();
            self.columns.insert(name.replace('_', "/"), columns);
            return Ok(());
        }
        if let Some(items) = document.get("items").and_then(Value::as_array) {
            self.groups.extend(items.iter().cloned());
            return Ok(());
        }
        let schemas = document["components"]["schemas"]
            .as_object()
            .ok_or("neither discovery nor OpenAPI v3")?;
        let ours = schemas.iter().filter(|(name, _)| name.starts_with("io.k8s."));
        self.definitions
            .extend(ours.map(|(name, schema)| (name.clone(), schema.clone())));
        Ok(())
    }

    fn write(&self, version: &str, folder: &Path) -> Result<()> {
        let header = format!("# Written by examples/import_kinds.rs from Kubernetes {version}.\n");
        let kinds: String = self.rows().iter().map(|row| format!("{row}\n")).collect();
        let mut definitions = header.clone();
        let mut descriptions = header.clone();
        for (name, schema) in &self.definitions {
            definitions += &format!("{name} {}\n", compact(schema));
            descriptions += &format!("{name} {}\n", texts(schema));
        }
        let columns = self.columns.iter();
        let columns: String = columns
            .map(|(name, list)| format!("{name} {}\n", self.standard_texts(list)))
            .collect();
        save(
            &folder.join("columns.txt"),
            (header.clone() + &columns).as_bytes(),
        )?;
        save(&folder.join("kinds.txt"), (header + &kinds).as_bytes())?;
        save(&folder.join("definitions.txt"), definitions.as_bytes())?;
        save(
            &folder.join("descriptions.txt.gz"),
            &gzip(descriptions.as_bytes())?,
        )
    }

    /// Descriptions that repeat those of the metadata are replaced by the field's name after an `@`.
    fn standard_texts(&self, columns: &Value) -> Value {
        let metadata = &self.definitions["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]["properties"];
        let mut columns = columns.clone();
        for column in columns.as_array_mut().into_iter().flatten() {
            for field in ["name", "creationTimestamp"] {
                if column["description"] == metadata[field]["description"] {
                    column["description"] = json!(format!("@{field}"));
                }
            }
        }
        columns
    }

    /// One row per resource, in the order of discovery.
    fn rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for group in &self.groups {
            let name = group["metadata"]["name"].as_str().unwrap_or_default();
            for version in group["versions"].as_array().into_iter().flatten() {
                let version_name = version["version"].as_str().unwrap_or_default();
                let resources = version["resources"].as_array().into_iter().flatten();
                rows.extend(resources.map(|resource| self.row(name, version_name, resource)));
            }
        }
        rows
    }

    fn row(&self, group: &str, version: &str, resource: &Value) -> Value {
        let mut row = self.kind_of(group, version, &resource["responseKind"]);
        row["group"] = json!(group);
        row["version"] = json!(version);
        row["plural"] = resource["resource"].clone();
        row["singular"] = resource["singularResource"].clone();
        row["namespaced"] = json!(resource["scope"] == "Namespaced");
        row["verbs"] = resource["verbs"].clone();
        for (field, list) in [("short", "shortNames"), ("categories", "categories")] {
            if resource[list].is_array() {
                row[field] = resource[list].clone();
            }
        }
        let subresources = resource["subresources"].as_array().into_iter().flatten();
        let subresources: Vec<Value> = subresources
            .map(|one| self.subresource(group, version, one))
            .collect();
        if !subresources.is_empty() {
            row["subresources"] = Value::Array(subresources);
        }
        row
    }

    fn subresource(&self, group: &str, version: &str, one: &Value) -> Value {
        let mut row = self.kind_of(group, version, &one["responseKind"]);
        row["name"] = one["subresource"].clone();
        row["verbs"] = one["verbs"].clone();
        row
    }

    /// The kind an endpoint speaks; group and version only where they are not those of the resource.
    fn kind_of(&self, group: &str, version: &str, kind: &Value) -> Value {
        let mut row = json!({"kind": kind["kind"]});
        let own = kind["version"].as_str().filter(|text| !text.is_empty());
        let (group, version) = match own {
            Some(own) => (kind["group"].as_str().unwrap_or_default(), own),
            None => (group, version),
        };
        if own.is_some() {
            row["response"] = json!([group, version]);
        }
        let wanted = json!({"group": group, "version": version, "kind": kind["kind"]});
        let found = self.definitions.iter().find(|(_, schema)| {
            let kinds = schema["x-kubernetes-group-version-kind"].as_array();
            kinds.is_some_and(|kinds| kinds.len() == 1 && kinds[0] == wanted)
        });
        if let Some((name, _)) = found {
            row["schema"] = json!(name);
        }
        row
    }
}

/// A schema without descriptions, its references as a bare name beside the other fields.
fn compact(schema: &Value) -> Value {
    let Some(fields) = schema.as_object() else {
        return schema.clone();
    };
    let mut out = Map::new();
    for (key, value) in fields {
        match key.as_str() {
            "description" => {}
            // The generator writes an empty object for every struct that is there by value: no default anybody
            // asked for, but the field exists even if nobody wrote it.
            "default" if *value == json!({}) => drop(out.insert("x-always-present".into(), json!(true))),
            "allOf" => drop(out.insert("$ref".into(), reference(&value[0]["$ref"]))),
            "$ref" => drop(out.insert("$ref".into(), reference(value))),
            "items" | "additionalProperties" => drop(out.insert(key.clone(), compact(value))),
            "properties" => {
                let fields = value.as_object().into_iter().flatten();
                let fields = fields.map(|(name, field)| (name.clone(), compact(field)));
                out.insert(key.clone(), Value::Object(fields.collect()));
            }
            _ => drop(out.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(out)
}

fn reference(path: &Value) -> Value {
    let path = path.as_str().unwrap_or_default();
    json!(path.strip_prefix("#/components/schemas/").unwrap_or(path))
}

/// The descriptions of a definition (under the empty key) and of its fields.
fn texts(schema: &Value) -> Value {
    let mut out = Map::new();
    if let Some(text) = schema.get("description") {
        out.insert(String::new(), text.clone());
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(text) = field.get("description") {
            out.insert(name.clone(), text.clone());
        }
    }
    Value::Object(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| format!("failed to write `{}`: {error}", path.display()).into())
}
