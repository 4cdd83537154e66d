//! Which file a manifest belongs to: the folders of a kubebuilder project, so that its tools find them.

use serde_json::Value;

use super::role::OWN_NAMESPACE;
use super::text::file;
use super::{Format, Manifests};
use crate::error::Result;

/// A file to be written below some folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// The path below the folder, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Returns the files of some manifests.
pub(crate) fn files(manifests: &Manifests, format: Format, header: &str) -> Result<Vec<File>> {
    let extension = format.extension();
    let mut files = Vec::new();
    for crd in manifests.crds() {
        let path = format!("crd/bases/{}.{extension}", stem(crd));
        files.push(File {
            path,
            text: file(header, &[crd], format)?,
        });
    }
    // What is for namespaces the operator is not in itself stands apart: kustomize moves the rest to where it is.
    let (away, here): (Vec<&Value>, Vec<&Value>) = manifests.roles().iter().partition(|role| is_away(role));
    for (path, roles) in [
        ("rbac/role", here),
        ("namespaces/role", away),
        ("rbac/people_roles", manifests.people_roles().iter().collect()),
    ] {
        if !roles.is_empty() {
            files.push(File {
                path: format!("{path}.{extension}"),
                text: file(header, &roles, format)?,
            });
        }
    }
    // As kubebuilder has them: configurations in one file, the service in another.
    let (services, configurations): (Vec<&Value>, Vec<&Value>) = manifests
        .webhooks()
        .iter()
        .partition(|object| object["kind"] == "Service");
    for (name, objects) in [("manifests", configurations), ("service", services)] {
        if !objects.is_empty() {
            let path = format!("webhook/{name}.{extension}");
            files.push(File {
                path,
                text: file(header, &objects, format)?,
            });
        }
    }
    Ok(files)
}

/// Whether an object is for another namespace than the operator's own.
fn is_away(object: &Value) -> bool {
    object["metadata"]["namespace"]
        .as_str()
        .is_some_and(|namespace| namespace != OWN_NAMESPACE)
}

/// Returns `<group>_<plural>`, the name controller-gen gives the file of a definition.
fn stem(crd: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{}_{}",
        text(&crd["spec"]["group"]),
        text(&crd["spec"]["names"]["plural"])
    )
}
