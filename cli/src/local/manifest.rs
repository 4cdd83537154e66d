//! Kubernetes objects in YAML files, and the little of kustomize that a local cluster needs.
//!
//! It reads what `config/` holds; it does not build overlays. For those there is `kubectl kustomize`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Error, Result};

/// One object and the file it came from.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) file: PathBuf,
    pub(crate) object: Value,
}

/// Returns the objects of all YAML files in `folder`, by file name; kustomize's own files are left out.
///
/// # Errors
///
/// If the folder or a file cannot be read, or a file is not YAML, or an object has no kind or name.
pub(crate) fn folder(folder: &Path) -> Result<Vec<Manifest>> {
    let unreadable = |error| Error::machine(format!("failed to read `{}`", folder.display())).because(error);
    let entries = fs_err::read_dir(folder).map_err(unreadable)?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| is_object_file(file))
        .collect();
    files.sort();
    let mut manifests = Vec::new();
    for path in files {
        manifests.extend(file(&path)?);
    }
    Ok(manifests)
}

fn is_object_file(file: &Path) -> bool {
    let yaml = file
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    yaml && file.file_stem().is_some_and(|stem| stem != "kustomization")
}

/// Returns the objects of one YAML file.
///
/// # Errors
///
/// As [`folder`].
pub(crate) fn file(path: &Path) -> Result<Vec<Manifest>> {
    let unreadable = |error| Error::machine(format!("failed to read `{}`", path.display())).because(error);
    let text = fs_err::read_to_string(path).map_err(unreadable)?;
    let broken = |error: serde_saphyr::Error| {
        Error::project("this is not YAML of Kubernetes objects")
            .at(path.display().to_string(), None)
            .because(error.to_string())
    };
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).map_err(broken)?;
    let objects = documents.into_iter().filter(|document| !document.is_null());
    objects.map(|object| checked(path, object)).collect()
}

fn checked(path: &Path, object: Value) -> Result<Manifest> {
    for field in ["/apiVersion", "/kind", "/metadata/name"] {
        if object
            .pointer(field)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            let message = format!("an object lacks `{}`", field[1..].replace('/', "."));
            return Err(Error::project(message).at(path.display().to_string(), None));
        }
    }
    Ok(Manifest {
        file: path.to_owned(),
        object,
    })
}

/// Moves an object and the subjects it names to `namespace`, as `namespace:` in a kustomization does.
pub(crate) fn in_namespace(mut object: Value, namespace: &str) -> Value {
    const CLUSTER_SCOPED: [&str; 4] = [
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "Namespace",
    ];
    if !CLUSTER_SCOPED.contains(&object["kind"].as_str().unwrap_or_default()) {
        object["metadata"]["namespace"] = json!(namespace);
    }
    for subject in object
        .get_mut("subjects")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if subject["kind"] == "ServiceAccount" {
            subject["namespace"] = json!(namespace);
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_read_in_the_order_of_their_files() {
        let folder_path = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs_err::write(folder_path.path().join(name), text).unwrap();
        write("b.yaml", "apiVersion: v1\nkind: B\nmetadata: {name: b}\n");
        write(
            "a.yaml",
            "apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\napiVersion: v1\nkind: A\nmetadata: {name: a2}\n",
        );
        write("kustomization.yaml", "resources: [a.yaml]\n");
        write("notes.md", "no");
        let names: Vec<String> = folder(folder_path.path())
            .unwrap()
            .iter()
            .map(|one| one.object["metadata"]["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["a", "a2", "b"]);
    }

    #[test]
    fn an_object_without_a_name_is_refused_with_its_file() {
        let folder_path = tempfile::tempdir().unwrap();
        let path = folder_path.path().join("a.yaml");
        fs_err::write(&path, "apiVersion: v1\nkind: A\nmetadata: {}\n").unwrap();
        let error = file(&path).unwrap_err();
        assert_eq!(error.message, "an object lacks `metadata.name`");
        assert!(error.place.as_ref().unwrap().file.ends_with("a.yaml"));
    }

    #[test]
    fn subjects_follow_their_service_account_into_the_namespace() {
        let binding = json!({"kind": "ClusterRoleBinding", "metadata": {"name": "b"},
            "subjects": [{"kind": "ServiceAccount", "name": "s", "namespace": "system"}, {"kind": "User", "name": "u"}]});
        let moved = in_namespace(binding, "demo");
        assert_eq!(moved["subjects"][0]["namespace"], "demo");
        assert_eq!(moved["subjects"][1], json!({"kind": "User", "name": "u"}));
        assert_eq!(moved["metadata"], json!({"name": "b"}));
    }
}
