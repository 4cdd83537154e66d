//! `--evolve-from`: what the definitions break for those who use older ones.

use std::path::Path;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde_json::{Value, json};

use super::folder::{entries, read};
use super::print;
use crate::crd::Impact;
use crate::error::{Error, Result};
use crate::manifest::{Evolved, Format, Manifests};
use crate::program::Exit;

/// Which endings files with manifests have.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Tells what changes against the definitions in a file or folder; one line per change, or a JSON list.
pub(super) fn tell(manifests: &Manifests, from: &Path, format: Format) -> Result<Exit> {
    let changes = manifests.evolve(&definitions(from)?)?;
    print(&match format {
        Format::Yaml => changes.iter().map(|change| format!("{change}\n")).collect(),
        Format::Json => twin(&changes)?,
    })?;
    let breaking = changes
        .iter()
        .filter(|evolved| evolved.change.impact == Impact::Breaking)
        .count();
    if breaking == 0 {
        return Ok(Exit::Success);
    }
    let things = if breaking == 1 {
        "change breaks"
    } else {
        "changes break"
    };
    eprintln!(
        "error: {breaking} {things} users of the definitions in `{}`",
        from.display()
    );
    Ok(Exit::Breaks)
}

fn twin(changes: &[Evolved]) -> Result<String> {
    let twin = |evolved: &Evolved| {
        let change = &evolved.change;
        json!({
            "definition": evolved.definition,
            "impact": change.impact.as_str(),
            "version": change.version,
            "path": change.path,
            "message": change.message,
        })
    };
    let changes: Vec<Value> = changes.iter().map(twin).collect();
    Ok(format!("{}\n", serde_json::to_string_pretty(&changes)?))
}

/// Returns the definitions in a file, or in the files of a folder.
fn definitions(from: &Path) -> Result<Vec<CustomResourceDefinition>> {
    let paths = if from.is_dir() {
        entries(from)?
    } else {
        vec![from.to_owned()]
    };
    let has_ending = |path: &&std::path::PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        paths.len() == 1 || ending.is_some_and(|ending| ENDINGS.contains(&ending))
    };
    let mut definitions = Vec::new();
    for path in paths.iter().filter(has_ending) {
        let text = read(path)?.ok_or_else(|| {
            Error::new(format!(
                "`{}` is not there: name a file or folder with definitions after `--evolve-from`",
                path.display()
            ))
        })?;
        let read = in_text(&text).map_err(|error| error.context(format!("read `{}`", path.display())));
        definitions.extend(read?);
    }
    Ok(definitions)
}

/// Returns the definitions among the objects of a text; what else is there is none of our business.
fn in_text(text: &str) -> Result<Vec<CustomResourceDefinition>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text)?;
    let items =
        documents
            .into_iter()
            .flat_map(|mut document| match document.get_mut("items").map(Value::take) {
                Some(Value::Array(items)) => items,
                _ => vec![document],
            });
    items
        .filter(|object| object["kind"] == "CustomResourceDefinition")
        .map(|object| Ok(serde_json::from_value(object)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRD: &str = "kind: CustomResourceDefinition\nmetadata:\n  name: NAME\nspec:\n  group: g\n  scope: Cluster\n  names: {kind: A, plural: as}\n  versions: []\n";

    fn names(text: &str) -> Vec<String> {
        let found = in_text(text).unwrap().into_iter();
        found.filter_map(|crd| crd.metadata.name).collect()
    }

    #[test]
    fn definitions_are_found_among_other_objects() {
        let (a, b) = (CRD.replace("NAME", "a"), CRD.replace("NAME", "b"));
        assert_eq!(
            names(&format!("# head\n---\n{a}---\nkind: Role\n---\n{b}")),
            ["a", "b"]
        );
        let json = r#"{"kind": "List", "items": [{"kind": "Role"}, {"kind": "CustomResourceDefinition", "metadata": {"name": "c"}, "spec": {"group": "g", "scope": "Cluster", "names": {"kind": "A", "plural": "as"}, "versions": []}}]}"#;
        assert_eq!(names(json), ["c"]);
        assert_eq!(names(""), Vec::<String>::new());
    }

    #[test]
    fn a_folder_is_read_in_order_and_what_is_missing_is_told() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b", "a"] {
            std::fs::write(dir.path().join(format!("{name}.yaml")), CRD.replace("NAME", name)).unwrap();
        }
        std::fs::write(dir.path().join("notes.txt"), "a: [").unwrap();
        let found = definitions(dir.path()).unwrap().into_iter();
        let found: Vec<String> = found.filter_map(|crd| crd.metadata.name).collect();
        assert_eq!(found, ["a", "b"]);
        let error = definitions(&dir.path().join("none.yaml"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("none.yaml` is not there"), "{error}");
        std::fs::write(dir.path().join("c.yaml"), "a: [").unwrap();
        let error = definitions(dir.path()).unwrap_err().to_string();
        assert!(
            error.starts_with("failed to read `") && error.contains("c.yaml"),
            "{error}"
        );
    }
}
