//! Writes `data/field_numbers.txt` from the Go types of Kubernetes: which number a field has in protobuf.
//!
//! ```text
//! cargo run -p krate-apiserver --example import_field_numbers -- <kubernetes version> <data folder> <k8s.io folder>...
//! ```
//!
//! The folders are those of the Go modules `k8s.io/api`, `k8s.io/apimachinery`, `k8s.io/apiextensions-apiserver` and
//! `k8s.io/kube-aggregator`. A line is the name of a definition and its fields: `name=1` is written as it comes,
//! `name=1?` is left out while it is zero, and `*definition=1` are the fields of another definition, which JSON has in
//! the same object.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use regex::Regex;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [version, data, folders @ ..] = arguments.as_slice() else {
        return Err("usage: import_field_numbers <kubernetes version> <data folder> <folder>...".into());
    };
    let data = Path::new(data);
    let definitions = fs::read_to_string(data.join("definitions.txt"))?;
    let known: BTreeSet<&str> = definitions
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    let mut import = Import::new()?;
    for folder in folders {
        import.take(Path::new(folder))?;
    }
    let mut text = format!("# Written by examples/import_field_numbers.rs from Kubernetes {version}.\n");
    for (name, fields) in import.wanted(&known) {
        text.push_str(&format!("{name} {}\n", fields.join(" ")));
    }
    fs::write(data.join("field_numbers.txt"), text)?;
    Ok(())
}

struct Import {
    /// `type Name struct {`.
    start: Regex,
    /// A field with both names.
    field: Regex,
    messages: BTreeMap<String, Vec<String>>,
}

impl Import {
    fn new() -> Result<Self> {
        Ok(Self {
            start: Regex::new(r"^type (\w+) struct \{$")?,
            field: Regex::new(r#"^\s+(?:\w+\s+)?(\S+)\s+`json:"([^"]*)".*protobuf:"(\w+),(\d+),"#)?,
            messages: BTreeMap::new(),
        })
    }

    fn take(&mut self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                self.take(&path)?;
            } else if name.starts_with("types")
                && name.ends_with(".go")
                && let Some(package) = package(&path)
            {
                self.read(&package, &fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }

    fn read(&mut self, package: &str, text: &str) {
        let mut message = None;
        for line in text.lines() {
            if let Some(found) = self.start.captures(line) {
                message = Some(format!("{package}.{}", &found[1]));
            } else if line == "}" {
                message = None;
            } else if let (Some(message), Some(found)) = (&message, self.field.captures(line)) {
                let field = field(package, &found[1], &found[2], &found[4]);
                self.messages.entry(message.clone()).or_default().push(field);
            }
        }
    }

    /// Returns the messages that are definitions, or part of one.
    fn wanted(&self, known: &BTreeSet<&str>) -> BTreeMap<&str, &Vec<String>> {
        let inlined = |name: &str| {
            let fields = self.messages.get(name).into_iter().flatten();
            let names =
                fields.filter_map(|field| Some(field.strip_prefix('*')?.split('=').next()?.to_owned()));
            names.collect::<Vec<_>>()
        };
        let mut open: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        let mut wanted = BTreeMap::new();
        while let Some(name) = open.pop() {
            if let Some((name, fields)) = self.messages.get_key_value(&name)
                && wanted.insert(name.as_str(), fields).is_none()
            {
                open.extend(inlined(name));
            }
        }
        wanted
    }
}

/// Returns what the definitions of a file's types start with: `io.k8s.api.core.v1`.
fn package(path: &Path) -> Option<String> {
    let folder: PathBuf = path.parent()?.components().collect();
    let parts: Vec<&str> = folder.iter().filter_map(|part| part.to_str()).collect();
    let module = parts.iter().rposition(|part| part.contains('@'))?;
    let name = parts[module].split('@').next()?;
    Some(format!("io.k8s.{name}.{}", parts[module + 1..].join(".")))
}

fn field(package: &str, go: &str, json: &str, number: &str) -> String {
    let (name, options) = json.split_once(',').unwrap_or((json, ""));
    if name.is_empty() {
        let meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
        let inlined = match go.split_once('.') {
            Some((_, name)) => format!("{meta}.{name}"),
            None => format!("{package}.{go}"),
        };
        return format!("*{inlined}={number}");
    }
    let omitted = options.contains("omitempty") && !go.starts_with('*');
    format!("{name}={number}{}", if omitted { "?" } else { "" })
}
